# SPDX-License-Identifier: Apache-2.0
"""What keeps I9: budgets count intents."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I9",
        says="whoever wants a slot has one",
        path="ephyrad/engine/slots.py",
        text=("            if self._refusal(node) is not None:\n                return False\n"),
        instead="",
        test=("tests/simulation/test_ways.py::test_no_more_nodes_are_in_flight_than_are_allowed"),
        words="I9 broken",
    ),
    Mutation(
        invariant="I9",
        says="no slot is asked for",
        path="ephyrad/engine/turn.py",
        text="        return after.in_flight and not self.slots.claim(migration.node)",
        instead="        return False",
        test=("tests/simulation/test_ways.py::test_no_more_nodes_are_in_flight_than_are_allowed"),
        words="I9 broken",
    ),
    Mutation(
        invariant="I9",
        says="slots are forgotten in a crash",
        path="ephyrad/engine/slots.py",
        text=(
            "        self._taken = {migration.node for migration in migrations if "
            "migration.in_flight}"
        ),
        instead="        self._taken = set[str]()",
        test="tests/simulation/test_ways.py::test_slots_outlive_a_crash",
        words="I9 broken",
    ),
    Mutation(
        invariant="I9",
        says="a held node keeps its slot",
        path="ephyrad/migration/migration.py",
        text="        if self.hold is not None or self.over or self.released:",
        instead="        if self.over or self.released:",
        test="tests/unit/migration/test_migration.py::test_who_occupies_a_slot",
    ),
    Mutation(
        invariant="I9",
        says="instances are deleted without slots",
        path="ephyrad/migration/migration.py",
        text="        if self.state is not State.ACTIVE or self.releasing:\n",
        instead="        if self.state is not State.ACTIVE:\n",
        test="tests/unit/engine/test_notice.py::test_no_more_instances_are_deleted_at_once_than_there_are_slots",
    ),
]
