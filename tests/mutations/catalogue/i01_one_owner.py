# SPDX-License-Identifier: Apache-2.0
"""What keeps I1: one owner."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I1",
        says="a released node waits for a slot before its fence is set again",
        path="ephyrad/migration/migration.py",
        text="migration.released and migration.created and effect == FenceNode()",
        instead="False",
        test="tests/unit/engine/test_turn.py::test_a_fence_is_set_again_without_a_slot",
    ),
    Mutation(
        invariant="I1",
        says="the new record is made without a fence",
        path="ephyrad/migration/copying.py",
        text=(
            "    if not fenced(old):\n        return Perform(FenceNode())\n    if old.reservation:"
        ),
        instead="    if old.reservation:",
        test=("tests/unit/migration/test_cleaning.py::test_a_node_that[is cleaned: it is fenced]"),
    ),
    Mutation(
        invariant="I1",
        says="somebody else's maintenance is taken for the fence",
        path="ephyrad/migration/conditions.py",
        text="    return old.maintenance and old.maintenance_reason == marks.FENCED",
        instead="    return old.maintenance",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[has lost its fence to somebody else's maintenance]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="the conductor that still works on the node is not waited for",
        path="ephyrad/migration/copying.py",
        text=(
            "    if old.reservation:\n"
            "        return waiting_for_conductor(migration, seen, policy, "
            "old.reservation)\n"
            "    if not migration.kept_final:"
        ),
        instead="    if not migration.kept_final:",
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[is fenced while a conductor still holds it]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="the new cloud takes the BMC though the fence is gone",
        path="ephyrad/migration/entering.py",
        text=(
            "    if not fenced(old):\n        return Perform(FenceNode())\n    if old.reservation:"
        ),
        instead="    if old.reservation:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[has lost its fence before the new cloud took it]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="the new cloud takes the BMC while the old conductor works",
        path="ephyrad/migration/entering.py",
        text=(
            "    if old.reservation:\n"
            "        return waiting_for_conductor(migration, seen, policy, "
            "old.reservation)\n"
        ),
        instead="",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[a conductor of the old cloud still works on]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="a fence that is lost while both own the BMC is not set again at once",
        path="ephyrad/migration/entering.py",
        text="    if unguarded(seen):",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[has lost its fence and has an instance: the fence is "
            "more urgent]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="a fence that a held node loses is not set again",
        path="ephyrad/migration/next_step.py",
        text="    if not ours or not unguarded(seen):",
        instead="    if True:",
        test=(
            "tests/unit/migration/test_patience.py::test_a_fence_is_kept_of_a_node_that"
            "[is held, and loses its fence while the new cloud owns it]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="nobody looks whether a held node loses its fence",
        path="ephyrad/migration/sighting.py",
        text="    return migration.state in (State.CLEANING, State.TRANSFERRED)",
        instead="    return False",
        test=(
            "tests/unit/migration/test_patience.py::test_a_fence_is_kept_of_a_node_that"
            "[is held, and loses its fence while the new cloud owns it]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="on the way back, the fence is lifted while the new cloud has a record",
        path="ephyrad/migration/restoring.py",
        text=(
            "first = _unsettled(migration, seen, policy)"
            " or _out_of_new(migration, seen, policy, old)"
        ),
        instead="first = _unsettled(migration, seen, policy)",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_out_of_the_new_cloud_and[has a new record in enroll]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="on the way back, a fence that is gone is not set again",
        path="ephyrad/migration/restoring.py",
        text="    if ours and unguarded(seen) and not _kept_by_others(old):",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_out_of_the_new_cloud_and[is unguarded]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="on the way back, a record that may still be made is not waited for",
        path="ephyrad/migration/restoring.py",
        text="_unsettled(migration, seen, policy) or ",
        instead="",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_out_of_the_new_cloud_and[may still be created]"
        ),
    ),
    Mutation(
        invariant="I1",
        says="on the way back, a new record that is not seen counts as gone",
        path="ephyrad/migration/restoring.py",
        text="    if not migration.recorded or Cause.NEW_GONE in migration.answered:",
        instead="    if True:",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_back_is_held_when_it[is not seen in the new cloud any more]"
        ),
    ),
]
