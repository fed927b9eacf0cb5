# SPDX-License-Identifier: Apache-2.0
"""What keeps I10: every wait ends."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I10",
        says="a wait has no end",
        path="ephyrad/migration/next_step.py",
        text="        case WaitUntil(what, deadline) if seen.at >= deadline:",
        instead="        case WaitUntil(what, deadline) if False:",
        test="tests/unit/migration/test_invariants.py::test_every_wait_ends",
    ),
    Mutation(
        invariant="I10",
        says="what never comes is waited for",
        path="ephyrad/migration/next_step.py",
        text="        case WaitUntil(what, deadline) if seen.at >= deadline:",
        instead="        case WaitUntil(what, deadline) if False:",
        test=("tests/simulation/test_waits.py::test_a_wait_for_what_never_comes_ends_in_a_hold"),
    ),
    Mutation(
        invariant="I10",
        says="an effect is tried for ever",
        path="ephyrad/migration/next_step.py",
        text=("    if due >= deadline <= seen.at:\n        return _in_vain(trying, attempt)\n"),
        instead="",
        test="tests/unit/migration/test_patience.py::test_what_is_tried_in_vain_is_held",
    ),
    Mutation(
        invariant="I10",
        says="nobody looks again when a wait is over",
        path="ephyrad/engine/crew.py",
        text="                    self._schedule(node, self._monotonic() + seconds)",
        instead="                    pass",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
    ),
    Mutation(
        invariant="I10",
        says="a cloud that could not be read once is not read again",
        path="ephyrad/engine/turn.py",
        text="        return Waiting(trouble, step.again or step.deadline, step.deadline)",
        instead="        return Resting()",
        test=("tests/unit/engine/test_turn.py::test_a_cloud_that_cannot_be_read_decides_nothing"),
    ),
    Mutation(
        invariant="I10",
        says="a cloud that cannot be read is waited for without end",
        path="ephyrad/migration/blind.py",
        text="    if at < deadline:",
        instead="    if True:",
        test=(
            "tests/unit/engine/test_turn.py::"
            "test_a_cloud_that_is_gone_for_long_holds_the_node_until_it_is_back"
        ),
    ),
    Mutation(
        invariant="I10",
        says="a wait that one call tells of outlasts its deadline",
        path="ephyrad/engine/watches.py",
        text="if not found.due <= at < min(found.whole, found.step.deadline):",
        instead="if found is None:",
        test="tests/unit/engine/test_watches.py::test_the_wait_ends_all_the_same[offer]",
    ),
    Mutation(
        invariant="I10",
        says="an image that is filled by no try of the journal is waited for",
        path="ephyrad/environment/decide.py",
        text="    if attempt is not None and seen.at - attempt.last < policy.fills_for:\n",
        instead="    if attempt is None or seen.at - attempt.last < policy.fills_for:\n",
        test=(
            "tests/unit/environment/test_decide.py::TestImages::"
            "test_bytes_that_are_taken_in_by_no_try_of_the_journal_are_reported"
        ),
    ),
    Mutation(
        invariant="I10",
        says="two that swap their names refuse each other for ever",
        path="ephyrad/environment/names.py",
        text="        if holder.key == wanted.key and passed:\n",
        instead="        if False:\n",
        test=(
            "tests/unit/engine/environment/test_turn.py::"
            "test_templates_that_swap_their_names_come_by_them[2]"
        ),
    ),
]
