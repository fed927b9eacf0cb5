# SPDX-License-Identifier: Apache-2.0
"""What keeps a rollout's limits, floors, windows and pauses: I9, as its file has it."""

from tests.mutations.mutation import Mutation

_SCHEDULER = "tests/unit/engine/rollout/test_scheduler.py"
_DECIDE = "tests/unit/rollout/test_decide.py"
_ADMISSION = "tests/unit/rollout/test_admission.py"

MUTATIONS = [
    Mutation(
        invariant="I9",
        says="a node begins while its rollout pauses",
        path="ephyrad/rollout/admission.py",
        text="        if not rollout.runs:\n",
        instead="        if False:\n",
        test=f"{_ADMISSION}::test_none_begins_while_it_pauses_and_what_has_begun_goes_on",
    ),
    Mutation(
        invariant="I9",
        says="a node that was asked for begins outside of a window",
        path="ephyrad/rollout/admission.py",
        text="        if not windows.is_open(declared.windows, at, zones):\n",
        instead="        if False:\n",
        test=f"{_ADMISSION}::test_none_begins_outside_of_a_window",
    ),
    Mutation(
        invariant="I9",
        says="the way back waits for a pause to end",
        path="ephyrad/engine/rollout/members.py",
        text=(
            "    return migration.state is not State.ACTIVE or migration.aborting or"
            " migration.releasing\n"
        ),
        instead="    return migration.state is not State.ACTIVE or migration.releasing\n",
        test=(f"{_SCHEDULER}::test_an_abort_is_not_kept_by_a_pause_and_not_undone_by_the_rollout"),
    ),
    Mutation(
        invariant="I9",
        says="what was stopped begins all the same",
        path="ephyrad/engine/rollout/members.py",
        text="            return None if begun else self._stopped(migration)",
        instead="            return None",
        test=f"{_SCHEDULER}::test_stopped_it_lets_none_begin_that_was_held",
    ),
    Mutation(
        invariant="I9",
        says="a floor rests on a look of any age",
        path="ephyrad/rollout/admission.py",
        text="    if look is None or not timedelta() <= at - look.at <= RECENT:",
        instead="    if look is None:",
        test=f"{_ADMISSION}::test_a_look_that_is_too_old_or_of_the_future_says_nothing",
    ),
    Mutation(
        invariant="I9",
        says="floors forget what was taken since the look",
        path="ephyrad/rollout/admission.py",
        text='            gone[other.facts.resource_class or ""] += 1',
        instead="            pass",
        test=f"{_ADMISSION}::test_those_that_were_taken_since_the_look_count_no_more",
    ),
    Mutation(
        invariant="I9",
        says="what is held counts as available, though it was withdrawn",
        path="ephyrad/rollout/standing.py",
        text="            if not each.over and (each.hold is None or each.touched)",
        instead="            if not each.over and each.hold is None",
        test=(
            f"{_DECIDE}::test_a_held_node_that_may_have_been_withdrawn_is_not_counted_as_available"
        ),
    ),
    Mutation(
        invariant="I9",
        says="a wave is over while a released node of it goes on",
        path="ephyrad/rollout/standing.py",
        text="        if not journey.takes_notice or journey.hold or journey.in_flight:\n",
        instead="        if journey.over or journey.hold or journey.in_flight:\n",
        test=f"{_DECIDE}::test_a_released_node_on_its_way_is_not_waiting_for_its_owner",
    ),
    Mutation(
        invariant="I9",
        says="a limit by another key takes all that is on its way for alike",
        path="ephyrad/rollout/rollout.py",
        text="_without_tries_of_others(_with_values(rollout, members), declared)",
        instead="_without_tries_of_others(rollout, declared)",
        test=(
            f"{_SCHEDULER}::test_a_limit_by_another_key_that_is_applied_counts_what_is_on_its_way"
        ),
    ),
]
