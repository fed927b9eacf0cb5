# SPDX-License-Identifier: Apache-2.0
"""What keeps I6: no gap for the scheduler."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I6",
        says="the old placement is not asked whether it offers the node",
        path="ephyrad/migration/leaving.py",
        text="    elif free:\n",
        instead="    elif False:\n",
        test=(
            "tests/unit/migration/test_active.py::"
            "test_a_node_that[is retired and manageable, but placement still offers it]"
        ),
    ),
    Mutation(
        invariant="I6",
        says="the new cloud offers it before the old record is gone",
        path="ephyrad/migration/entering.py",
        text=("    if old is not None:\n        return Perform(DeleteNode())\n"),
        instead="",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
        words="I6 broken",
    ),
    Mutation(
        invariant="I6",
        says="it is registered while the old placement knows it",
        path="ephyrad/migration/entering.py",
        text="    if compute is not None and compute.provider is not None:",
        instead="    if False:",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
        words="I6 broken",
    ),
    Mutation(
        invariant="I6",
        says="the new cloud offers it before its automated_clean is set back",
        path="ephyrad/migration/entering.py",
        text=(
            "    if new.automated_clean is False and not new.maintenance:\n"
            "        return Perform(ShieldNode())\n"
        ),
        instead="",
        test=(
            "tests/unit/migration/test_provided.py::"
            "test_a_node_that[has no old record any more, and is not to be cleaned again]"
        ),
    ),
    Mutation(
        invariant="I6",
        says="an idle node is not taken from the scheduler, and drained all the same",
        path="ephyrad/migration/leaving.py",
        text=("        case Provision.AVAILABLE:\n            return Perform(WithdrawNode())"),
        instead=(
            "        case Provision.AVAILABLE:\n"
            '            return Settle(Trigger.DRAIN, "nobody is on it")'
        ),
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[idle]"),
        words="I6 broken",
    ),
    Mutation(
        invariant="I6",
        says="a node that ephyrad did not retire counts as drained",
        path="ephyrad/migration/leaving.py",
        text="if state in (Provision.MANAGEABLE, *_BEING_CLEANED) and retired(old):",
        instead="if state in (Provision.MANAGEABLE, *_BEING_CLEANED):",
        test="tests/unit/migration/test_active.py",
    ),
    Mutation(
        invariant="I6",
        says="a node is offered again while it counts as drained",
        path="ephyrad/migration/restoring.py",
        text="    if migration.state is not State.ACTIVE:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_out_of_the_new_cloud_and[is in the old cloud alone]"
        ),
    ),
]
