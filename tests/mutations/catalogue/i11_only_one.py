# SPDX-License-Identifier: Apache-2.0
"""What keeps I11: only one ephyrad acts."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I11",
        says="a second process may have the state directory",
        path="ephyrad/journal/lock.py",
        text="            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        instead="",
        test="tests/simulation/test_ways.py::test_a_second_ephyrad_refuses_to_start",
        words="I11 broken",
    ),
    Mutation(
        invariant="I11",
        says="the lock is not asked for",
        path="ephyrad/service.py",
        text="            stack.enter_context(StateLock(self._settings.state_dir))\n",
        instead="",
        test=("tests/unit/test_service.py::test_a_second_daemon_on_one_state_directory_is_refused"),
    ),
    Mutation(
        invariant="I11",
        says="who does not know the last entry writes all the same",
        path="ephyrad/journal/journal.py",
        text="            if _last_seq(db, node) != migration.seq:",
        instead="            if False:",
        test=(
            "tests/unit/journal/test_journal.py::"
            "test_who_does_not_know_the_last_entry_writes_nothing"
        ),
    ),
    Mutation(
        invariant="I11",
        says="who does not know an item's last entry writes all the same",
        path="ephyrad/journal/environment.py",
        text="                if entries and _last_seq(db, item) != record.seq:",
        instead="                if False:",
        test=(
            "tests/unit/journal/test_environment.py::"
            "test_who_does_not_know_the_last_entry_writes_nothing"
        ),
    ),
    Mutation(
        invariant="I11",
        says="two workers take one node's turn",
        path="ephyrad/engine/crew.py",
        text=("        if node in self._running:\n            self._again.add(node)\n        elif"),
        instead="        if",
        test=(
            "tests/unit/engine/test_crew.py::"
            "test_a_node_whose_turn_is_taken_is_ready_for_nobody_else"
        ),
    ),
]
