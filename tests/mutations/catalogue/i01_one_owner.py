# SPDX-License-Identifier: Apache-2.0
"""What keeps I1: one owner."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I1",
        says="the new record is made without a fence",
        path="ephyrad/migration/leaving.py",
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
        path="ephyrad/migration/leaving.py",
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
        text=(
            "if old is not None and not fenced(old) and new.provision_state is not "
            "Provision.ENROLL:"
        ),
        instead="if False:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[has lost its fence and has an instance: the fence is "
            "more urgent]"
        ),
    ),
]
