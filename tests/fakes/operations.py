# SPDX-License-Identifier: Apache-2.0
"""A fake engine for whoever serves or asks it: it keeps nodes and their histories in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ephyrad.engine.answers import (
    CloudAnswer,
    Complaint,
    HealthAnswer,
    HistoryAnswer,
    KeyAnswer,
    MigrateAnswer,
    NodeAnswer,
    OperationError,
    QuarantineAnswer,
    StatusAnswer,
    StrayAnswer,
)
from ephyrad.engine.preflight_answers import ConcernedAnswer, FindingAnswer, PreflightAnswer
from ephyrad.engine.report_answers import (
    ArrivalsAnswer,
    CampaignAnswer,
    FiguresAnswer,
    HoldsAnswer,
    LeftoverAnswer,
    ReportAnswer,
    SpreadAnswer,
    ThingAnswer,
)
from ephyrad.migration.states import State
from tests.fakes.environment import FakeEnvironment
from tests.fakes.fleet import FakeFleet
from tests.fakes.reclaims import FakeReclaims
from tests.fakes.rollouts import FakeRollouts

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
GARBAGE = QuarantineAnswer(
    "no-json", "it is no JSON", 3, START, START, None, None, size=7, sha256="ab"
)
REPORT = ReportAnswer(
    at=START,
    name=None,
    cloud="old",
    campaigns=(),
    figures=FiguresAnswer(
        nodes=4,
        outcomes={"arrived": 3, "held": 1},
        states={"active": SpreadAnswer(3, 60.0, 120.0, 300.0)},
        whole=SpreadAnswer(3, 1800.0, 2400.0, 3600.0),
        holds=(HoldsAnswer("clean-failed", 2, 1, 1, SpreadAnswer(2, 90.0, 7200.0, 7200.0)),),
        step_seconds=3600.0,
        pace=(ArrivalsAnswer(START, 1), ArrivalsAnswer(START + timedelta(hours=1), 2)),
    ),
    leftovers=(
        LeftoverAnswer(
            "held", "held", "mend it", (ThingAnswer("0a1b", "rack1", "no <b>answer</b>"),)
        ),
        LeftoverAnswer("orphans", "an orphan", "delete it", (ThingAnswer("0c", "0c", ""),)),
    ),
    unread=(),
)


class FakeOperations(FakeEnvironment):
    """Has the nodes of an old cloud, name to UUID, and whatever was asked of them.

    `now` is the moment of what is asked next. `down`: the old cloud cannot be asked. `stray` has
    the nodes that only the new cloud has, and no journal.
    """

    def __init__(self, **old_cloud: str) -> None:
        super().__init__()
        self.rollouts = FakeRollouts()
        self.reclaims = FakeReclaims()
        self.fleet = FakeFleet()
        self.old_cloud = old_cloud
        self.now = START
        self.down = False
        self.broken = False
        self.max_in_flight = 10
        self.stray: dict[str, str] = {}
        self.findings: tuple[FindingAnswer, ...] = ()
        self.journal_error: str | None = None
        self.healthy = HealthAnswer(live=True, ready=True, because=())
        self.reported = REPORT
        self.clouds: tuple[CloudAnswer, ...] = (
            CloudAnswer("old", "listening", START, 1234, START, None, (GARBAGE,)),
            CloudAnswer("new", "off", None, 0, None, "Ironic of the new cloud: refused"),
        )
        self._nodes: dict[str, NodeAnswer] = {}
        self._history: dict[str, list[HistoryAnswer]] = {}

    def pass_time(self, **length: float) -> None:
        self.now += timedelta(**length)

    def put(self, node: NodeAnswer) -> None:
        """Let the engine have come to know a node."""
        self._nodes[node.node] = node
        self._history.setdefault(node.node, [])

    def migrate(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        self._look_at_old_cloud()
        known = {uuid: name for name, uuid in self.old_cloud.items()}
        uuids = []
        for ident in nodes:
            uuid = self.old_cloud.get(ident, ident)
            if uuid not in known:
                raise OperationError(
                    Complaint.NOT_FOUND, f"the old cloud shows no node {ident}: check the name"
                )
            uuids.append(uuid)
        before = set(self._nodes)
        for uuid in uuids:
            self._take_on(uuid, known[uuid], by)
        return MigrateAnswer(
            accepted=tuple(self._nodes[uuid] for uuid in uuids if uuid not in before),
            already=tuple(self._nodes[uuid] for uuid in uuids if uuid in before),
        )

    def migrate_all(self, *, by: str) -> MigrateAnswer:
        return self.migrate(list(self.old_cloud), by=by)

    def migrate_strays(self, *, by: str) -> MigrateAnswer:
        self.old_cloud |= self.stray
        taken = self.migrate(list(self.stray), by=by)
        self.stray = {}
        return taken

    def return_nodes(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        found = [self.node(node) for node in nodes]
        accepted, already = [], []
        for each in found:
            if each.direction == "back":
                already.append(each)
                continue
            if each.state != State.COMPUTE_READY.value:
                raise OperationError(
                    Complaint.CONFLICT, f"node {each.name} is on its way to the new cloud"
                )
            asked = replace(
                each, direction="back", state=State.ACTIVE.value, asked_by=by, since=self.now
            )
            self.put(asked)
            self._write(each.node, "asked", f"return to the old cloud asked for by {by}", by=by)
            accepted.append(asked)
        return MigrateAnswer(tuple(accepted), tuple(already))

    def strays(self) -> Sequence[StrayAnswer]:
        return [
            StrayAnswer(uuid, name, None, "manageable") for name, uuid in sorted(self.stray.items())
        ]

    def health(self) -> HealthAnswer:
        return self.healthy

    def status(self) -> StatusAnswer:
        if self.broken:
            raise ZeroDivisionError
        nodes = self._nodes.values()
        return StatusAnswer(
            version="1.2.3",
            started_at=START,
            states={state.value: sum(n.state == state.value for n in nodes) for state in State},
            in_flight=sum(node.in_flight for node in nodes),
            max_in_flight=self.max_in_flight,
            held=sum(node.held for node in nodes),
            waiting=sum(not node.held and not node.in_flight for node in nodes),
            strays=len(self.stray),
            journal_error=self.journal_error,
            clouds=self.clouds,
        )

    def nodes(self) -> Sequence[NodeAnswer]:
        return sorted(self._nodes.values(), key=lambda node: (node.name or "", node.node))

    def node(self, node: str) -> NodeAnswer:
        found = [each for each in self._nodes.values() if node in {each.node, each.name}]
        if not found:
            raise OperationError(Complaint.NOT_FOUND, f"nobody asked to migrate node {node}")
        return found[0]

    def history(self, node: str) -> Sequence[HistoryAnswer]:
        return list(self._history[self.node(node).node])

    def hold(self, node: str, *, reason: str, by: str) -> NodeAnswer:
        found = self.node(node)
        held = replace(
            found, held=True, in_flight=False, cause="operator", doing=reason, since=self.now
        )
        self.put(held)
        self._write(found.node, "hold", f"{reason} (held by {by})", reason=reason, by=by)
        return held

    def release(self, node: str, *, by: str) -> NodeAnswer:
        found = self.node(node)
        if not found.held:
            raise OperationError(Complaint.CONFLICT, f"node {node} is not held")
        lifted = replace(found, held=False, cause=None, doing="its turn is taken", since=self.now)
        self.put(lifted)
        self._write(found.node, "lifted", f"released by {by}", by=by)
        return lifted

    def abort(self, node: str, *, by: str) -> NodeAnswer:
        found = self.node(node)
        if found.state == State.COMPUTE_READY:
            raise OperationError(Complaint.CONFLICT, f"node {node} has arrived: nothing to abort")
        turned = replace(found, held=False, cause=None, doing="is on its way back", since=self.now)
        self.put(turned)
        self._write(found.node, "aborting", f"aborted by {by}", by=by)
        return turned

    def preflight(self, nodes: Sequence[str], *, bmc: bool) -> PreflightAnswer:
        """Find what `findings` say, and of BMCs that none answers."""
        self._look_at_old_cloud()
        unknown = set(nodes) - set(self.old_cloud)
        if unknown:
            raise OperationError(
                Complaint.NOT_FOUND, f"the old cloud shows no node {', '.join(unknown)}"
            )
        wanted = tuple(
            ConcernedAnswer(self.old_cloud[name], name, f"the BMC of {name} is silent")
            for name in nodes or self.old_cloud
        )
        silent = FindingAnswer("problem", "nodes", "bmc-unreachable", "their BMCs are silent")
        return PreflightAnswer(
            at=self.now,
            ready=0 if bmc else len(wanted),
            hindered=len(wanted) if bmc else 0,
            unjudged=0,
            left_out=len(self._nodes),
            findings=(*([replace(silent, nodes=wanted)] if bmc else []), *self.findings),
            services={"old cloud": ("Ironic 1.82",), "new cloud": ("Ironic 1.115", "no Glance")},
        )

    def report(self, rollout: str | None) -> ReportAnswer:
        """Report what `reported` says, of all rollouts or of one."""
        campaigns = [
            CampaignAnswer(each, tuple(self.rollouts.history(each.name)))
            for each in ([self.rollouts.one(rollout)] if rollout else self.rollouts.all())
        ]
        return replace(self.reported, name=rollout, campaigns=tuple(campaigns))

    def rotate_key(self, *, by: str) -> KeyAnswer:
        self._look_at_old_cloud()
        return KeyAnswer(len(self._nodes))

    def _look_at_old_cloud(self) -> None:
        if self.down:
            raise OperationError(
                Complaint.UNAVAILABLE, "the old cloud does not answer; no node was taken on"
            )

    def _take_on(self, uuid: str, name: str, by: str) -> None:
        if uuid in self._nodes:
            return
        self.put(
            NodeAnswer(
                node=uuid,
                name=name,
                direction="forward",
                state=State.ACTIVE.value,
                since=self.now,
                in_flight=False,
                held=False,
                cause=None,
                doing="waits for its instance to be deleted",
                deadline=self.now + timedelta(days=14),
                asked_at=self.now,
                asked_by=by,
            )
        )
        self._write(uuid, "asked", f"migration asked for by {by}", name=name, by=by)

    def _write(self, uuid: str, kind: str, summary: str, **body: str) -> None:
        entries = self._history[uuid]
        entries.append(HistoryAnswer(len(entries) + 1, self.now, kind, summary, body))
