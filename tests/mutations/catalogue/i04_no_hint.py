# SPDX-License-Identifier: Apache-2.0
"""What keeps I4: nothing is destroyed on a hint."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I4",
        says="nobody looks for instances before the node counts as drained",
        path="ephyrad/migration/leaving.py",
        text=('    if inside:\n        what = f"the old Nova to forget'),
        instead=('    if False:\n        what = f"the old Nova to forget'),
        test=(
            "tests/unit/migration/test_active.py::"
            "test_a_node_that[is retired and manageable, but Nova still has its server]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance on a drained node is not seen",
        path="ephyrad/migration/leaving.py",
        text=(
            "    if occupants(seen.old):\n"
            "        return occupied(migration, seen)\n"
            "    if old.provision_state in _BEING_CLEANED:\n"
            "        return Settle"
        ),
        instead=("    if old.provision_state in _BEING_CLEANED:\n        return Settle"),
        test=(
            "tests/unit/migration/test_drained.py::"
            "test_a_drained_node_that[has an instance in Ironic again]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance on a node that is to be carried is not seen",
        path="ephyrad/migration/leaving.py",
        text=(
            "    if occupants(seen.old):\n"
            "        return occupied(migration, seen)\n"
            "    if old.provision_state in _BEING_CLEANED:\n"
            "        wait"
        ),
        instead="    if old.provision_state in _BEING_CLEANED:\n        wait",
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[is in use again after it was cleaned: that cleaning "
            "counts no more]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance on a node that the new cloud takes is not seen",
        path="ephyrad/migration/entering.py",
        text="    if occupants(seen.old):\n",
        instead="    if False:\n",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[has a server in the old Nova]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="only Ironic is asked for instances",
        path="ephyrad/migration/conditions.py",
        text="        found |= set(view.compute.instances)\n",
        instead="",
        test=(
            "tests/unit/migration/test_drained.py::"
            "test_a_drained_node_that[has a server in Nova and another's allocation in "
            "placement]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a protected node is touched",
        path="ephyrad/migration/preflight.py",
        text="    if old.protected:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_untouched.py::"
            "test_nothing_is_touched_of_a_node_that[is protected]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a protected record is deleted",
        path="ephyrad/migration/entering.py",
        text="    if old.protected:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[is protected in the old cloud]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="the old Nova is not asked before the old record goes",
        path="ephyrad/migration/sighting.py",
        text=("    return {Need.OLD_COMPUTE, Need.OLD_RECORDS, Need.NEW_RECORDS, Need.DOCUMENT}"),
        instead="    return {Need.OLD_RECORDS, Need.NEW_RECORDS, Need.DOCUMENT}",
        test="tests/unit/migration/test_needs.py",
    ),
    Mutation(
        invariant="I4",
        says="nobody asks Nova and placement who is on it",
        path="ephyrad/engine/look.py",
        text="    return cloud.compute(node, who=who in wanted, offer=offer in wanted)",
        instead="    return None",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
    ),
    Mutation(
        invariant="I4",
        says="an effect rests on what was seen long ago",
        path="ephyrad/engine/freshness.py",
        text="    if timedelta() <= age <= FRESH:",
        instead="    if True:",
        test="tests/unit/engine/test_turn.py::test_no_effect_rests_on_what_was_seen_long_ago",
    ),
    Mutation(
        invariant="I4",
        says="a sighting counts as new although its taking lasted for long",
        path="ephyrad/engine/look.py",
        text="            at=at,",
        instead="            at=self.clock(),",
        test=(
            "tests/unit/engine/test_turn.py::"
            "test_no_effect_rests_on_a_sighting_whose_taking_lasted_for_long"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a notification does not have both clouds looked at while a node is watched",
        path="ephyrad/engine/watches.py",
        text=" or told():",
        instead=":",
        test="tests/unit/engine/test_watches.py::test_a_notification_has_all_looked_at[provider]",
    ),
    Mutation(
        invariant="I4",
        says="what wakes a watched node does not have both clouds looked at",
        path="ephyrad/engine/watches.py",
        text="        if not found.due <= at <",
        instead="        if not at <",
        test=(
            "tests/unit/engine/test_watches.py::"
            "test_whatever_else_wakes_the_node_has_all_looked_at[offer]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a watched node is never looked at whole",
        path="ephyrad/engine/watches.py",
        text="min(found.whole, found.step.deadline)",
        instead="found.step.deadline",
        test=(
            "tests/unit/engine/test_watches.py::"
            "test_only_what_is_waited_for_is_looked_at_and_all_once_a_minute[offer]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a key pair is deleted by a name that Nova takes for that of another",
        path="ephyrad/clouds/environment/keypairs.py",
        text=("            if self.item(key) is None:\n"),
        instead=("            if False:\n"),
        test=(
            "tests/contract/test_simulated_environment.py::TestKeypairsInProcess::"
            "test_a_name_in_other_letters_is_taken_and_is_nobody[new]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a flavor is deleted by an id that Nova takes for that of another",
        path="ephyrad/clouds/environment/flavors.py",
        text=("            if self.item(key) is None:\n"),
        instead=("            if False:\n"),
        test=(
            "tests/contract/test_simulated_environment.py::TestFlavorsInProcess::"
            "test_an_id_in_other_letters_is_taken_and_is_nobody[new]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a flavor whose extra specs are hidden is taken for one without any",
        path="ephyrad/clouds/environment/flavors.py",
        text='mark.taken_off(raw["extra_specs"], raw["id"])',
        instead='mark.taken_off(raw.get("extra_specs", {}), raw["id"])',
        test=(
            "tests/unit/clouds/environment/test_flavors.py::"
            "test_no_flavor_loses_extra_specs_that_are_hidden"
        ),
    ),
    Mutation(
        invariant="I4",
        says="on the way back, the new record is deleted under an instance to come",
        path="ephyrad/migration/restoring.py",
        text="    if inside or new.provision_state in _TAKEN:",
        instead="    if new.provision_state in _TAKEN:",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_back_is_held_when_it[the new Nova is about to use]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a gate's instance of another ephyrad is taken for one that was left behind",
        path="ephyrad/clouds/trials.py",
        text=('if raw["metadata"].get(OWNER_KEY) == mark_of(owner) and RUN_KEY in raw["metadata"]'),
        instead=('if RUN_KEY in raw["metadata"]'),
        test=(
            "tests/unit/engine/rollout/test_boot_gate.py::"
            "test_what_a_killed_process_left_is_deleted_at_the_start_and_nobody_elses"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a gate's instance that is under way is taken for one that was left behind",
        path="ephyrad/engine/rollout/boot_gate.py",
        text=("            if mine or trial.is_going:\n"),
        instead=("            if trial.is_going:\n"),
        test=(
            "tests/unit/engine/rollout/test_boot_gate.py::"
            "test_a_run_that_is_under_way_is_left_alone_by_another"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted before its moment",
        path="ephyrad/migration/releasing.py",
        text="    if seen.at < notice.not_before:\n",
        instead="    if False:\n",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has an instance of which notice was given, and is "
            "not due yet]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted by the word for another one",
        path="ephyrad/migration/releasing.py",
        text="    if old.instance_uuid != notice.instance:\n",
        instead="    if False:\n",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has another instance in Ironic, where Nova has the "
            "one of the notice]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance that somebody locked is deleted",
        path="ephyrad/migration/releasing.py",
        text="    if server is None or server.locked:\n",
        instead="    if server is None:\n",
        test="tests/unit/migration/test_releasing.py::test_a_node_that[has a locked instance]",
    ),
    Mutation(
        invariant="I4",
        says="an instance that Nova has on another node is deleted",
        path="ephyrad/migration/releasing.py",
        text="server.node != node.uuid or listed",
        instead="listed",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has an instance that Nova has on another node]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted where Nova has two on the node",
        path="ephyrad/migration/releasing.py",
        text="listed != (notice.instance,):",
        instead="notice.instance not in listed:",
        test="tests/unit/migration/test_releasing.py::test_a_node_that[has two instances in Nova]",
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted that Nova does not list on the node",
        path="ephyrad/migration/releasing.py",
        text="listed != (notice.instance,):",
        instead="listed and listed != (notice.instance,):",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has an instance that Nova does not list on it]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted where placement has another one",
        path="ephyrad/migration/releasing.py",
        text="    if inside != (notice.instance,):\n",
        instead="    if False:\n",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has another instance in placement]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted that Nova deletes already",
        path="ephyrad/migration/releasing.py",
        text="    if server is not None and server.is_going:\n",
        instead="    if False:\n",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[has an instance that ephyrad had deleted]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a word that was taken back counts",
        path="ephyrad/migration/migration.py",
        text="            return replace(migration, notice=None, releasing=False)\n",
        instead="            return replace(migration, releasing=False)\n",
        test=(
            "tests/unit/migration/test_releasing.py::"
            "test_a_node_that[had a notice that was recalled]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an instance is deleted on a node that is not retired",
        path="ephyrad/migration/leaving.py",
        text=(
            "            if not retired(old):\n"
            "                return Perform(_retire(migration, in_use=True, last_fault"
            "=_last_fault(seen)))\n"
            "            return releasing"
        ),
        instead="            return releasing",
        test=(
            "tests/unit/migration/test_active.py::"
            "test_a_node_that[is in use: it is retired, so that cleaning follows "
            "when its instance goes]"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a word for an instance that is gone is kept for the next one",
        path="ephyrad/migration/migration.py",
        text="                notice=None,\n",
        instead="",
        test="tests/unit/migration/test_releasing.py::test_a_notice_does_not_outlive_the_state",
    ),
    Mutation(
        invariant="I4",
        says="a word that was given before an abort is kept",
        path="ephyrad/migration/migration.py",
        text="        answered=frozenset(),\n        notice=None,\n",
        instead="        answered=frozenset(),\n",
        test=(
            "tests/unit/migration/test_releasing.py::test_no_word_counts_for_a_node_that_is_to_stay"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a word is heard for a node that goes back or is back",
        path="ephyrad/migration/migration.py",
        text="        return self.state is State.ACTIVE and not self.aborting and not self.over\n",
        instead="        return self.state is State.ACTIVE\n",
        test=(
            "tests/unit/migration/test_releasing.py::test_no_word_counts_for_a_node_that_is_to_stay"
        ),
    ),
]
