# SPDX-License-Identifier: Apache-2.0
"""The preflight as it is asked for: of whom, and what of it is told."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ephyrad.bmc import reach as bmc_reach
from ephyrad.bmc.reach import Reach
from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import BusAnswer, Complaint, OperationError
from ephyrad.engine.engine import Engine
from ephyrad.engine.preflight import clouds
from ephyrad.engine.preflight.clouds import WHERE, General, Means
from ephyrad.engine.preflight.nodes import Judgement, NodePreflight
from ephyrad.engine.preflight_answers import ConcernedAnswer, FindingAnswer, PreflightAnswer
from ephyrad.migration.bmc import Bmc
from ephyrad.migration.facts import CloudName, NodeFacts, ServiceFacts
from ephyrad.migration.findings import (
    Finding,
    Group,
    Judged,
    Topic,
    Weight,
    grouped,
)
from ephyrad.migration.steps import Cause

Bus = Callable[[CloudName], BusAnswer]


class PreflightAsked:
    """Implements :class:`ephyrad.engine.preflight_answers.PreflightOperations`."""

    def __init__(self, engine: Engine, bus: Bus, reach: Reach | None = None) -> None:
        """`bus` tells how a cloud's is heard; `reach` tries BMCs, by default the real ones."""
        self._engine = engine
        self._bus = bus
        self._reach = reach or partial(bmc_reach.reach, stopping=lambda: engine.crew.stopping)
        self._started_at = engine.clock()
        self._asked = threading.Lock()
        self._nodes = NodePreflight(
            clouds=engine.clouds,
            secrets=engine.secrets,
            clock=engine.clock,
            policy=lambda: engine.tuning().policy,
            known=engine.journal.migration,
            stopping=lambda: engine.crew.stopping,
        )

    def preflight(self, nodes: Sequence[str], *, bmc: bool) -> PreflightAnswer:
        """Look at everything that may stand in the way; change nothing."""
        # One whole fleet at a time is enough for the clouds, and for the threads that serve.
        if not self._asked.acquire(blocking=False):
            raise OperationError(
                Complaint.CONFLICT, "a preflight is being made already: wait for its end"
            )
        try:
            return self._answer(nodes, bmc=bmc)
        finally:
            self._asked.release()

    def judge(self, nodes: Sequence[NodeFacts], *, bmc: bool = False) -> Sequence[Judged]:
        """Return what stands in the way of each of these nodes of the old cloud, in their order.

        What a cloud shows that cannot be believed makes all of them unjudged.
        """
        return self._judged(nodes, self._general(), bmc=bmc)

    def _answer(self, named: Sequence[str], *, bmc: bool) -> PreflightAnswer:
        at = self._engine.clock()
        general = self._general()
        nodes, others = self._chosen(named, general)
        begun = [node for node in nodes if self._is_begun(node.uuid)]
        fresh = [node for node in nodes if node not in begun]
        judged = [*self._judged(fresh, general, bmc=bmc), *others]
        told = [_under_way(node.uuid, node.name) for node in begun] if named else []
        weights = [{each.weight for each in node.findings} for node in judged]
        return PreflightAnswer(
            at=at,
            ready=sum(node.is_ready for node in judged),
            hindered=sum(Weight.PROBLEM in found for found in weights),
            unjudged=sum(Weight.UNJUDGED in found for found in weights),
            left_out=len(begun),
            findings=tuple(map(_finding, grouped(general.findings, [*judged, *told]))),
            services={
                WHERE[name].value: tuple(map(_service, found))
                for name, found in general.services.items()
            },
        )

    def _general(self) -> General:
        journal, tuning = self._engine.journal, self._engine.tuning()
        journal.can_write()
        means = Means(
            journal_error=journal.trouble,
            key_error=journal.key_trouble(),
            bus=self._bus,
            started_at=self._started_at,
            max_in_flight=tuning.max_in_flight,
            sweep_interval=tuning.sweep_interval,
        )
        return clouds.look(self._engine.clouds, means)

    def _chosen(
        self, named: Sequence[str], general: General
    ) -> tuple[list[NodeFacts], list[Judged]]:
        """Return these nodes of the old cloud, or all; and those that cannot even be looked up."""
        trouble = general.troubles.get(CloudName.OLD)
        if trouble is not None:
            unknown = [Finding(Weight.UNJUDGED, Cause.UNREACHABLE, trouble)]
            return [], [Judged(ident, None, tuple(unknown)) for ident in dict.fromkeys(named)]
        try:
            return (self._looked_up(named) if named else list(self._engine.clouds.old.nodes())), []
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; no node was judged") from error

    def _looked_up(self, named: Sequence[str]) -> list[NodeFacts]:
        found = {ident: self._engine.clouds.old.node(ident) for ident in dict.fromkeys(named)}
        missing = ", ".join(ident for ident, node in found.items() if node is None)
        if missing:
            raise OperationError(
                Complaint.NOT_FOUND,
                f"the old cloud shows no node {missing}: check the name or UUID with `openstack"
                " baremetal node list`, or see with `ephyra node list` whether it was carried over;"
                " no node was judged",
            )
        return list({node.uuid: node for node in found.values() if node is not None}.values())

    def _is_begun(self, node: str) -> bool:
        migration = self._engine.journal.migration(node)
        return migration is not None and migration.touched

    def _judged(
        self, nodes: Sequence[NodeFacts], general: General, *, bmc: bool
    ) -> Sequence[Judged]:
        judgements = self._nodes.judge(nodes, general.troubles)
        if not bmc:
            return [each.judged for each in judgements]
        answers = self._reach(each.bmc for each in judgements if each.bmc is not None)
        return [_with_bmc(each, answers) for each in judgements]


def _with_bmc(judgement: Judgement, answers: Mapping[Bmc, str | None]) -> Judged:
    judged, bmc = judgement.judged, judgement.bmc
    if bmc is None:
        found = Finding(
            Weight.UNJUDGED,
            Topic.BMC,
            "its BMC was not tried: driver_info has no address that ephyrad knows",
        )
    elif (trouble := answers[bmc]) is not None:
        cure = (
            "see that it is switched on and cabled, that the address in driver_info is right, and"
            " that nothing between here and there drops it; the new cloud's conductors must reach"
            " it too"
        )
        found = Finding(
            Weight.PROBLEM,
            Topic.BMC,
            f"its BMC does not answer from here at {bmc} ({trouble}): {cure}",
            f"their BMCs do not answer from here ({trouble}): {cure}",
        )
    else:
        return judged
    return replace(judged, findings=(*judged.findings, found))


def _under_way(node: str, name: str | None) -> Judged:
    text = "it is on its way: see `ephyra node show`"
    return Judged(node, name, (Finding(Weight.REMARK, Topic.UNDER_WAY, text),))


def _finding(group: Group) -> FindingAnswer:
    return FindingAnswer(
        weight=group.weight.value,
        where=group.where.value,
        cause=str(group.cause),
        text=group.text,
        nodes=tuple(ConcernedAnswer(each.node, each.name, each.text) for each in group.nodes),
    )


def _service(service: ServiceFacts) -> str:
    if not service.there:
        return f"no {service.name}"
    if service.trouble is not None:
        return f"{service.name} in trouble"
    return f"{service.name} {service.version}".strip()
