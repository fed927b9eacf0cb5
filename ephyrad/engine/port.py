# SPDX-License-Identifier: Apache-2.0
"""The port through which the process serves operators: what the engine can be asked."""

from collections.abc import Sequence
from typing import Protocol

from ephyrad.engine.answers import (
    HealthAnswer,
    HistoryAnswer,
    KeyAnswer,
    MigrateAnswer,
    NodeAnswer,
    StatusAnswer,
    StrayAnswer,
)
from ephyrad.engine.environment_answers import EnvironmentOperations
from ephyrad.engine.fleet_answers import FleetOperations
from ephyrad.engine.preflight_answers import PreflightOperations
from ephyrad.engine.reclaim_answers import ReclaimOperations
from ephyrad.engine.report_answers import ReportAnswer
from ephyrad.engine.rollout_answers import RolloutOperations


class Operations(EnvironmentOperations, PreflightOperations, Protocol):
    """Everything an operator can ask of the engine. `node` is a UUID or a name.

    Each method may raise :class:`ephyrad.engine.answers.OperationError`. `by` names who asks.
    """

    @property
    def rollouts(self) -> RolloutOperations:
        """What can be asked about rollouts."""

    @property
    def reclaims(self) -> ReclaimOperations:
        """The doors for messages of CI."""

    @property
    def fleet(self) -> FleetOperations:
        """What can be seen of the whole fleet."""

    def migrate(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        """Take on these nodes of the old cloud; all of them or, on an error, none."""

    def migrate_all(self, *, by: str) -> MigrateAnswer:
        """Take on every node that the old cloud shows now."""

    def migrate_strays(self, *, by: str) -> MigrateAnswer:
        """Take on every node that bears ephyrad's mark and is not in the journal."""

    def return_nodes(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        """Take on these nodes of the new cloud, which ephyrad carried there, back to the old one;
        all of them or, on an error, none.
        """

    def strays(self) -> Sequence[StrayAnswer]:
        """Return the nodes that bear ephyrad's mark and are not in the journal, by name."""

    def health(self) -> HealthAnswer:
        """Return whether it lives, and whether it can do its work."""

    def status(self) -> StatusAnswer:
        """Return the counts and how the clouds are heard."""

    def nodes(self) -> Sequence[NodeAnswer]:
        """Return every node that was asked for, by name."""

    def node(self, node: str) -> NodeAnswer:
        """Return one node that was asked for."""

    def history(self, node: str) -> Sequence[HistoryAnswer]:
        """Return the node's journal entries, oldest first."""

    def hold(self, node: str, *, reason: str, by: str) -> NodeAnswer:
        """Hold a node; an effect that is being performed ends first."""

    def release(self, node: str, *, by: str) -> NodeAnswer:
        """Lift a node's hold."""

    def abort(self, node: str, *, by: str) -> NodeAnswer:
        """Have a node go back to the old cloud as it was; what is being done with it ends first."""

    def report(self, rollout: str | None) -> ReportAnswer:
        """Return a rollout's history in figures, or that of all that the journal has, and what
        still stands in the cloud that nodes leave; change nothing.
        """

    def rotate_key(self, *, by: str) -> KeyAnswer:
        """Encrypt every document with a new key, and forget the others."""
