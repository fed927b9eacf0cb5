# SPDX-License-Identifier: Apache-2.0
"""What keeps I8: unknown is not success."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I8",
        says="a reference without a counterpart is carried",
        path="ephyrad/migration/plan.py",
        text="        yield from (Problem(Cause.UNMAPPED, text) for text in self.unmapped)",
        instead="        yield from ()",
        test=(
            "tests/unit/migration/test_rewriting.py::"
            "test_a_node_that[has an owner whom the new cloud does not know: it is held]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="an unknown state is taken for a known one",
        path="ephyrad/migration/facts.py",
        text="        return cls.UNKNOWN",
        instead="        return cls.MANAGEABLE",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[bewitched]"),
        words="I8 broken",
    ),
    Mutation(
        invariant="I8",
        says="a state that leads nowhere is taken for idle",
        path="ephyrad/migration/leaving.py",
        text=("        case _:\n            return unfit(CloudName.OLD, old, SETTLED)"),
        instead=("        case _:\n            return Perform(WithdrawNode())"),
        test=(
            "tests/unit/migration/test_active.py::"
            "test_it_stops_at_a_node_that[came into a state that nobody knows]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a state of the new cloud that leads nowhere is taken for verified",
        path="ephyrad/migration/entering.py",
        text="            return unfit(CloudName.NEW, new, SETTLED)",
        instead="            return _owned(migration, seen, policy, new)",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[came into a state there that nobody knows]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="any 404 proves that something is gone",
        path="ephyrad/clouds/errors.py",
        text=("    return answer.status == 404 and ident in _worded(json_object(answer.body))"),
        instead="    return answer.status == 404",
        test=(
            "tests/unit/clouds/test_errors.py::"
            "test_only_a_service_that_names_the_thing_says_that_it_is_absent"
        ),
    ),
    Mutation(
        invariant="I8",
        says="an answer that cannot be read is success",
        path="ephyrad/clouds/errors.py",
        text="        case 200 | 201 if json_object(answer.body) is not None:",
        instead="        case 200 | 201:",
        test="tests/unit/clouds/test_errors.py::test_answers_become_outcomes",
    ),
    Mutation(
        invariant="I8",
        says="silence is refusal",
        path="ephyrad/clouds/errors.py",
        text="    return Unknown(cause_of(error))",
        instead="    return Unreachable(cause_of(error))",
        test="tests/unit/clouds/test_service.py::test_silence_after_a_change_is_unknown",
    ),
    Mutation(
        invariant="I8",
        says="a call whose answer was lost is made again at once",
        path="ephyrad/migration/next_step.py",
        text="        return max(pause, policy.unknown_settles)",
        instead="        return pause",
        test=(
            "tests/unit/migration/test_patience.py::"
            "test_a_call_that_may_still_be_done_is_looked_for_and_not_made_again"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a refusal is tried again",
        path="ephyrad/migration/next_step.py",
        text="    if isinstance(attempt.outcome, Refused):",
        instead="    if False:",
        test="tests/unit/migration/test_patience.py::test_what_is_tried_in_vain_is_held",
    ),
    Mutation(
        invariant="I8",
        says="a record that is not shown is taken for deleted",
        path="ephyrad/migration/entering.py",
        text="    if known or not migration.created:",
        instead="    if True:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[is in enroll there and gone here, and nobody knows why]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a call that a crash cut off is made again at once",
        path="ephyrad/migration/attempt.py",
        text="        return self.outcome is None or isinstance(self.outcome, Unknown)",
        instead="        return isinstance(self.outcome, Unknown)",
        test=(
            "tests/unit/migration/test_patience.py::"
            "test_an_effect_that_a_crash_cut_off_is_looked_for_first"
        ),
    ),
    Mutation(
        invariant="I8",
        says="bytes become an image whose hash is another",
        path="ephyrad/clouds/environment/pump.py",
        text="        if digest != self._expected:",
        instead="        if not digest:",
        test=(
            "tests/unit/clouds/environment/test_pump.py::"
            "test_the_last_of_wrong_bytes_never_gets_out[100-1000]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="all bytes are sent before their hash is known",
        path="ephyrad/clouds/environment/pump.py",
        text="            yield from self._pace.pieces(held)\n            carried += len(held)",
        instead="            yield from self._pace.pieces(chunk)\n            carried += len(held)",
        test=(
            "tests/unit/clouds/environment/test_pump.py::"
            "test_the_last_of_wrong_bytes_never_gets_out[100-1000]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="bytes are uploaded to their end that Glance refuses then",
        path="ephyrad/clouds/environment/disk_formats.py",
        text='        if self._format not in (name, "raw") and not uninspected:',
        instead="        if not name:",
        test=(
            "tests/unit/clouds/environment/test_disk_formats.py::"
            "test_bytes_of_no_format_are_raw[qcow2]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="an image is in everybody's list before it has its bytes",
        path="ephyrad/clouds/environment/image_records.py",
        text='    return {**body, **WAITING, "id": item.key,',
        instead='    return {**body, "id": item.key,',
        test=(
            "tests/unit/clouds/environment/test_image_records.py::"
            "test_an_image_is_created_out_of_sight_and_marked"
        ),
    ),
    Mutation(
        invariant="I8",
        says="what a proxy has lost is taken for an image that is not there",
        path="ephyrad/clouds/environment/images.py",
        text="    return answer.status == 404 and _says_absent(words_of(answer), key)",
        instead="    return answer.status == 404",
        test=(
            "tests/faults/test_environment.py::"
            "test_a_read[image item: image GET /v2/images/{image}-ASTRAY]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a node of which something is not known passes the preflight",
        path="ephyrad/migration/findings.py",
        text="        return all(each.weight is Weight.REMARK for each in self.findings)",
        instead="        return not any(each.weight is Weight.PROBLEM for each in self.findings)",
        test=(
            "tests/unit/migration/test_findings.py::"
            "test_a_node_is_ready_only_where_nothing_is_unknown"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a query that gives no value passes a gate",
        path="ephyrad/rollout/prometheus_verdict.py",
        text=("    if not values:\n"),
        instead=("    if False:\n"),
        test=(
            "tests/unit/rollout/test_prometheus_verdict.py::"
            "test_values_are_held_against_the_bounds[bounds13-answer13-unclear-the query gives no "
            "value: is what it asks about measured at all?]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a new cloud that cannot be believed passes the preflight",
        path="ephyrad/engine/preflight/nodes.py",
        text="    if trouble is not None:\n        return _NewCloud(untold=trouble)\n",
        instead="",
        test=(
            "tests/unit/engine/test_preflight.py::"
            "test_credentials_that_do_not_see_every_node_pass_none[new]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a value that is no number passes a gate",
        path="ephyrad/rollout/prometheus_verdict.py",
        text=("    if strange:\n"),
        instead=("    if False:\n"),
        test=(
            "tests/unit/rollout/test_prometheus_verdict.py::"
            "test_values_are_held_against_the_bounds[bounds10-answer10-unclear-errors is nan, "
            "which is no measure]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="an old cloud that cannot be believed passes the preflight",
        path="ephyrad/engine/preflight/operations.py",
        text="        if trouble is not None:\n            unknown",
        instead="        if False:\n            unknown",
        test=(
            "tests/unit/engine/test_preflight.py::"
            "test_credentials_that_do_not_see_every_node_pass_none[old]"
        ),
    ),
    Mutation(
        invariant="I8",
        says="a gate's instance that cannot be deleted is forgotten",
        path="ephyrad/engine/rollout/boot_attempt.py",
        text=("Result.UNCLEAR if left and verdict.passed else verdict.result"),
        instead=("verdict.result"),
        test=(
            "tests/unit/engine/rollout/test_boot_gate.py::"
            "test_an_instance_that_cannot_be_deleted_is_told"
        ),
    ),
    Mutation(
        invariant="I8",
        says="one of several that may be meant on a way back is guessed",
        path="ephyrad/migration/identity.py",
        text="if len(entries) == 1},",
        instead="},",
        test=(
            "tests/unit/migration/test_reversed.py::test_where_two_lead_to_one_nothing_is_guessed"
        ),
    ),
]
