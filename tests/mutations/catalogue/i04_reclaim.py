# SPDX-License-Identifier: Apache-2.0
"""I4 for what CI says: it is believed where it is proved, once, and for the instance it meant."""

from tests.mutations.mutation import Mutation

_LETTER = "tests/unit/reclaim/test_letter.py"
_ENGINE = "tests/unit/engine/test_reclaim.py"
_DOORS = "tests/unit/engine/test_reclaim_doors.py"
_COLLECTOR = "tests/unit/bus/test_collector.py"
_OWNERS = "tests/unit/rollout/test_owners.py"

MUTATIONS = [
    Mutation(
        invariant="I4",
        says="a signature of any key is believed",
        path="ephyrad/reclaim/authentic.py",
        text='    if not _is_one_of(_bytes(parts["v1"]), right):\n',
        instead="    if False:\n",
        test=f"{_LETTER}::test_a_signature_that_is_there_has_to_be_right",
    ),
    Mutation(
        invariant="I4",
        says="a token of anybody's is believed",
        path="ephyrad/reclaim/authentic.py",
        text="    if not _is_one_of(token, credentials.tokens):\n",
        instead="    if False:\n",
        test="tests/unit/reclaim/test_authentic.py",
    ),
    Mutation(
        invariant="I4",
        says="a signed message counts at any time",
        path="ephyrad/reclaim/authentic.py",
        text="    if abs(behind) > window:\n",
        instead="    if False:\n",
        test=f"{_LETTER}::test_the_window_is_its_own",
    ),
    Mutation(
        invariant="I4",
        says="whoever may publish is believed unasked",
        path="ephyrad/reclaim/letter.py",
        text="    if trust.signed:\n",
        instead="    if False:\n",
        test=f"{_LETTER}::test_a_signed_letter_is_believed_and_by_default_no_other",
    ),
    Mutation(
        invariant="I4",
        says="an unsigned message counts at any time",
        path="ephyrad/reclaim/letter.py",
        text="    must_be_of_now(letter.sent_at, at, trust.window)\n",
        instead="",
        test=f"{_LETTER}::test_an_unsigned_letter_of_another_time_is_not_believed",
    ),
    Mutation(
        invariant="I4",
        says="a signature counts for a message of another id",
        path="ephyrad/engine/reclaim/operations.py",
        text="    if signed_id is None or signed_id == found.id:\n",
        instead="    if True:\n",
        test=f"{_DOORS}::test_a_letter_that_is_of_no_use_is_told_why",
    ),
    Mutation(
        invariant="I4",
        says="a message that comes again is another one",
        path="ephyrad/journal/reclaims.py",
        text="    is_new = bool(added.rowcount)\n",
        instead="    is_new = True\n",
        test="tests/unit/journal/test_reclaims.py",
    ),
    Mutation(
        invariant="I4",
        says="a message is acknowledged that the journal does not have",
        path="ephyrad/bus/collector.py",
        text='                return f"what came cannot be taken: {error}"\n',
        instead="                useless = [None] * len(batch)\n",
        test=f"{_COLLECTOR}::test_nothing_is_acknowledged_before_it_is_taken",
    ),
    Mutation(
        invariant="I4",
        says="a message is acknowledged that could not be put aside",
        path="ephyrad/bus/collector.py",
        text="                self._burying.failed()\n                return (\n",
        instead="                self._burying.failed()\n                (\n",
        test=(f"{_COLLECTOR}::test_what_cannot_be_put_aside_is_not_acknowledged_and_stops_nothing"),
    ),
    Mutation(
        invariant="I4",
        says="whatever is on a node now was meant by its name",
        path="ephyrad/rollout/nominated.py",
        text="    if instance is not None and shown != instance:\n",
        instead="    if False:\n",
        test=f"{_ENGINE}::test_it_is_kept_for_that_very_instance",
    ),
    Mutation(
        invariant="I4",
        says="an instance that came after the message is meant by it",
        path="ephyrad/engine/reclaim/reclaimer.py",
        text="        if other is not None:\n",
        instead="        if False:\n",
        test=f"{_ENGINE}::test_an_instance_that_came_after_the_message_was_not_meant",
    ),
    Mutation(
        invariant="I4",
        says="a job stands for instances that came after its message",
        path="ephyrad/rollout/nominated.py",
        text="        and came_since(node, said_at) is None\n",
        instead="",
        test=f"{_ENGINE}::test_an_instance_that_came_after_the_message_was_not_meant",
    ),
    Mutation(
        invariant="I4",
        says="an instance of which nobody knows since when it is there was meant",
        path="ephyrad/rollout/nominated.py",
        text="(since is not None and since <= said_at)",
        instead="since is None or since <= said_at",
        test=f"{_ENGINE}::test_an_instance_that_was_there_when_it_was_said_is_meant",
    ),
    Mutation(
        invariant="I4",
        says="a message may have been said after it was taken",
        path="ephyrad/reclaim/fate.py",
        text="else min(self.said_at, self.taken_at)",
        instead="else self.said_at",
        test=f"{_ENGINE}::test_a_message_was_said_before_it_was_taken",
    ),
    Mutation(
        invariant="I4",
        says="nodes of every drain policy are released by CI's word",
        path="ephyrad/rollout/nominated.py",
        text="    if policy is not Drain.RECLAIM:\n",
        instead="    if False:\n",
        test=f"{_ENGINE}::test_only_nodes_of_that_policy_are_released",
    ),
    Mutation(
        invariant="I4",
        says="nodes that are not of the rollout are released by CI's word",
        path="ephyrad/rollout/nominated.py",
        text="    if not belongs(declared, node):\n",
        instead="    if False:\n",
        test=f"{_ENGINE}::test_nodes_that_are_not_of_the_rollout_are_left_alone",
    ),
    Mutation(
        invariant="I4",
        says="word by CI stands although the file does not want it any more",
        path="ephyrad/rollout/notices.py",
        text="    theirs = tuple(",
        instead="    theirs = () and tuple(",
        test=f"{_OWNERS}::test_word_by_ci_is_taken_back_when_the_file_does_not_want_it_any_more",
    ),
    Mutation(
        invariant="I4",
        says="a rollout's own notice stands on a node that the file excludes now",
        path="ephyrad/rollout/notices.py",
        text="    return drain_of(declared, node) if belongs(declared, node) else DrainRule()",
        instead="    return drain_of(declared, node)",
        test=f"{_OWNERS}::test_a_notice_is_taken_back_where_the_file_excludes_the_node_now",
    ),
    Mutation(
        invariant="I4",
        says="a notice stands that is shorter than the file has it now",
        path="ephyrad/rollout/notices.py",
        text="    return notice.not_before - notice.at > rule.notice - _A_MOMENT",
        instead="    return True",
        test=f"{_OWNERS}::test_a_notice_that_is_shorter_than_the_file_has_it_now_is_given_anew",
    ),
    Mutation(
        invariant="I4",
        says="the way back deletes instances by the rules of the way there",
        path="ephyrad/rollout/reversal.py",
        text="        drains=(),",
        instead="        drains=rollout.declared.drains,",
        test=(
            "tests/unit/engine/rollout/test_scheduler.py"
            "::test_the_rest_goes_back_by_another_reversal_and_nobodys_instance_is_deleted"
        ),
    ),
]
