# SPDX-License-Identifier: Apache-2.0
"""What is relied on of trials, as tests that every cloud passes."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.migration.outcomes import Done, Refused, Underway
from ephyrad.rollout.boot_verdict import Return, Standing, returned, standing
from ephyrad.rollout.trial import Trial, TrialOrder, mark_of, marks_of, name_of
from tests.contract.stage import PATIENCE, Nodes
from tests.contract.trial_stage import TrialStage

ABSENT = str(uuid.UUID(int=1))


class OfTrials:
    """The trials of one test, of an owner of its own."""

    def __init__(self, at: TrialStage) -> None:
        self.at = at
        self.owner = f"contract-{uuid.uuid4().hex}"
        self.nodes = Nodes(at.stage)

    def order(self, node: str, run: str = "a run of the contract, \u00e4") -> TrialOrder:
        marks = marks_of(self.owner, run)
        return TrialOrder(name_of(run), node, self.at.image, self.at.flavor, None, marks)

    def only(self) -> Trial:
        (trial,) = self.at.trials.trials(self.owner)
        return trial

    def settled(self, uuid: str) -> Trial | None:
        """Return a trial that is not being built or deleted any more."""
        for _ in range(PATIENCE):
            trial = self.at.trials.trial(uuid)
            waits = trial is not None and (trial.is_going or standing(trial) is Standing.BUILDING)
            if not waits and not (trial and trial.status == "ERROR" and trial.fault is None):
                return trial
            self.at.stage.wait()
        raise AssertionError(f"trial {uuid} does not settle")

    def delete(self, uuid: str) -> None:
        assert self.at.stage.cloud.delete_server(uuid) == Done()
        assert self.settled(uuid) is None

    def remove_all(self) -> None:
        for trial in self.at.trials.trials(self.owner):
            self.delete(trial.uuid)
        self.nodes.remove_all()


class TrialContract:
    """The suite; whoever runs it gives the fixture `at`."""

    @pytest.fixture
    def of(self, at: TrialStage) -> Iterator[OfTrials]:
        of = OfTrials(at)
        yield of
        of.remove_all()

    def test_the_flavor_tells_what_it_asks_for(self, at: TrialStage) -> None:
        flavors = {flavor.id: flavor for flavor in at.trials.flavors()}

        assert flavors[at.flavor].resources == {at.resource_class}

    def test_a_trial_boots_on_its_node_and_is_deleted(self, of: OfTrials) -> None:
        node = of.at.free_node(of.nodes)

        outcome = of.at.trials.create(of.order(node))
        seen_at_once = of.only()
        up = of.settled(seen_at_once.uuid)
        of.delete(seen_at_once.uuid)

        assert outcome == Underway()
        assert seen_at_once.run == mark_of("a run of the contract, \u00e4")
        assert up is not None
        assert standing(up) is Standing.UP
        assert (up.node, up.addresses) == (node, ())
        assert of.at.trials.trials(of.owner) == []
        assert returned(of.at.stage.cloud.node(node)) is Return.GIVEN_BACK

    def test_a_trial_can_be_deleted_at_once(self, of: OfTrials) -> None:
        node = of.at.free_node(of.nodes)
        of.at.trials.create(of.order(node))

        of.delete(of.only().uuid)

        assert of.at.trials.trials(of.owner) == []

    def test_only_those_of_the_owner_are_listed(self, of: OfTrials) -> None:
        node = of.at.free_node(of.nodes)
        of.at.trials.create(of.order(node))
        # Nova's list may lack one while it is being scheduled.
        of.settled(of.only().uuid)

        assert of.at.trials.trials(f"not {of.owner}") == []

    def test_a_node_that_is_taken_is_an_error_of_the_trial(self, of: OfTrials) -> None:
        node = of.at.free_node(of.nodes)
        of.at.trials.create(of.order(node))
        first = of.only()
        of.settled(first.uuid)

        outcome = of.at.trials.create(of.order(node, "another run"))
        second = next(each for each in of.at.trials.trials(of.owner) if each.uuid != first.uuid)
        failed = of.settled(second.uuid)

        assert outcome == Underway()
        assert failed is not None
        assert (failed.status, failed.node) == ("ERROR", None)
        assert (failed.fault or "").startswith("No valid host was found.")

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"image": ABSENT}, "Can not find requested image"),
            ({"flavor": "absent"}, "Flavor absent could not be found."),
            ({"network": ABSENT}, f"Network {ABSENT} could not be found."),
            ({"node": ABSENT}, f"Compute host {ABSENT} could not be found."),
        ],
    )
    def test_what_is_not_there_is_refused(
        self, of: OfTrials, wrong: dict[str, Any], words: str
    ) -> None:
        node = of.at.free_node(of.nodes) if "node" not in wrong else ABSENT

        outcome = of.at.trials.create(replace(of.order(node), **wrong))

        assert outcome == Refused(400, words)
        assert of.at.trials.trials(of.owner) == []

    def test_a_trial_that_is_not_there(self, at: TrialStage) -> None:
        assert at.trials.trial(ABSENT) is None
