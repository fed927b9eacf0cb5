# SPDX-License-Identifier: Apache-2.0
"""What keeps I7: the same machine."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I7",
        says="a node of the new cloud with the same UUID is no conflict",
        path="ephyrad/migration/preflight.py",
        text="    if present is not None:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_untouched.py::"
            "test_nothing_is_touched_of_a_node_that[is in the new cloud already]"
        ),
    ),
    Mutation(
        invariant="I7",
        says="a node of the new cloud with the same name is no conflict",
        path="ephyrad/migration/preflight.py",
        text="    if new.node_by_name not in (None, document.uuid):",
        instead="    if False:",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[namesake]"),
        words="I8 broken",
    ),
    Mutation(
        invariant="I7",
        says="a node of the new cloud with the same MAC is no conflict",
        path="ephyrad/migration/preflight.py",
        text="        if owner not in (None, document.uuid):",
        instead="        if False:",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[twin_mac]"),
        words="I8 broken",
    ),
    Mutation(
        invariant="I7",
        says="somebody else's record is taken for ephyrad's own",
        path="ephyrad/migration/copying.py",
        text=("    if new.mark is None and not fresh:\n        return _taken()\n"),
        instead="",
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[appeared in the new cloud when its document was kept]"
        ),
    ),
    Mutation(
        invariant="I7",
        says="another network card is not noticed before the old record goes",
        path="ephyrad/migration/entering.py",
        text="        if paths:",
        instead="        if False:",
        test="tests/simulation/test_waits.py::test_another_machine_is_not_deleted",
        words="I7 broken",
    ),
    Mutation(
        invariant="I7",
        says="on the way back, another's record is deleted in the new cloud",
        path="ephyrad/migration/restoring.py",
        text="    if new.mark is None:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_goes_back_is_held_when_it[has a new record without a mark]"
        ),
    ),
    Mutation(
        invariant="I7",
        says="a mark of the other direction is taken for a journey's own",
        path="ephyrad/migration/mirror.py",
        text=" if found.mark is not None and found.mark.direction is direction else None",
        instead="",
        test=(
            "tests/unit/migration/test_mirror.py::"
            "test_only_marks_of_its_own_direction_are_a_migrations"
        ),
    ),
    Mutation(
        invariant="I7",
        says="on the way back, the clouds keep the roles that they had",
        path="ephyrad/engine/perform.py",
        text="else Clouds(self.new, self.old)",
        instead="else self",
        test=(
            "tests/unit/engine/test_return.py::test_a_node_comes_back_as_it_was_and_goes_once_more"
        ),
    ),
]
