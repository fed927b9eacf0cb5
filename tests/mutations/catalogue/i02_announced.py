# SPDX-License-Identifier: Apache-2.0
"""I2 for what is announced: nothing that the journal says is left out, whatever ends when."""

from tests.mutations.mutation import Mutation

_ANNOUNCER = "tests/unit/engine/test_announcer.py"

MUTATIONS = [
    Mutation(
        invariant="I2",
        says="what was read is announced, sent or not",
        path="ephyrad/engine/announcer.py",
        text="        found, upto = self._journal.after(self._upto, OF_NODES, OF_ROLLOUTS)\n",
        instead=(
            "        found, upto = self._journal.after(self._upto, OF_NODES, OF_ROLLOUTS)\n"
            "        self._upto = upto\n"
        ),
        test=f"{_ANNOUNCER}::test_a_bus_that_is_down_loses_nothing",
    ),
    Mutation(
        invariant="I2",
        says="what was read when it stopped is announced",
        path="ephyrad/engine/announcer.py",
        text="                return False\n            said = ",
        instead="                break\n            said = ",
        test=f"{_ANNOUNCER}::test_what_is_left_when_it_stops_is_sent_after_a_start",
    ),
    Mutation(
        invariant="I2",
        says="rollouts are announced as far as nodes are",
        path="ephyrad/engine/announcer.py",
        text="self._upto = (each.row, rollouts) if",
        instead="self._upto = (each.row, each.row) if",
        test=f"{_ANNOUNCER}::test_an_outage_leaves_out_nothing_of_a_rollout",
    ),
    Mutation(
        invariant="I2",
        says="a notification that no broker took is sent",
        path="ephyrad/bus/sender.py",
        text="        if trouble is not None:\n",
        instead="        if False:\n",
        test="tests/unit/bus/test_sender.py::test_a_bus_that_does_not_is_told_and_tried_again",
    ),
    Mutation(
        invariant="I2",
        says="what is behind the first hundred is announced",
        path="ephyrad/journal/announced.py",
        text="rows[-1][0] if len(rows) == _AT_ONCE else last",
        instead="last",
        test=f"{_ANNOUNCER}::test_more_than_are_read_at_once",
    ),
    Mutation(
        invariant="I2",
        says="after a restart nothing is announced but what happens then",
        path="ephyrad/journal/announced.py",
        text="known.get(each, _last(db, each))",
        instead="_last(db, each)",
        test=f"{_ANNOUNCER}::test_a_restart_goes_on_where_it_ended",
    ),
    Mutation(
        invariant="I2",
        says="where it began is known only once something was sent",
        path="ephyrad/journal/announced.py",
        text="        if set(known) != set(_TABLES):\n",
        instead="        if False:\n",
        test=f"{_ANNOUNCER}::test_a_crash_before_the_first_is_sent_leaves_out_nothing",
    ),
    Mutation(
        invariant="I2",
        says="what happened last is announced first",
        path="ephyrad/journal/announced.py",
        text=" ORDER BY rowid LIMIT ?",
        instead=" ORDER BY rowid DESC LIMIT ?",
        test=f"{_ANNOUNCER}::test_a_journey_is_told_in_its_order",
    ),
]
