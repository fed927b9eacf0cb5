# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies: the scenarios' migrations beside the scenarios' sightings, and askew.

A migration and a sighting are drawn from the scenarios, often from the same one, and a few of
their fields are set to anything: clouds that other people work on at the same time.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from ephyrad.migration import marks
from ephyrad.migration.attempt import Attempt
from ephyrad.migration.document import Before
from ephyrad.migration.effects import Effect, ReleaseInstance, RetireNode
from ephyrad.migration.entries import Noticed
from ephyrad.migration.facts import CloudView, NodeFacts, Provision
from ephyrad.migration.migration import Migration, OnHold
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.states import State, at_least
from ephyrad.migration.steps import Cause
from tests.unit.migration import (
    test_active,
    test_cleaning,
    test_drained,
    test_provided,
    test_registered,
    test_releasing,
    test_restoring,
    test_transferred,
    test_untouched,
)
from tests.unit.migration.builders import (
    MAC,
    NODE,
    NOW,
    OTHER,
    SERVER,
    cleaned_notification,
    document,
    fault,
    forgotten,
    masked_records,
    new_cloud,
    offered,
    records,
    server,
    withheld,
)
from tests.unit.migration.scenarios import Scenario

SCENARIOS: list[Scenario] = [
    *test_active.ON_THE_WAY,
    *test_untouched.UNFIT_FOR_NOW,
    *test_untouched.NOT_WELCOME,
    *test_active.STOPPED,
    *test_releasing.RELEASED,
    *test_releasing.WAITED_FOR,
    *test_releasing.KEPT,
    *test_drained.SCENARIOS,
    *test_cleaning.CLEANING_ENDS,
    *test_cleaning.CARRIED,
    *test_cleaning.NOT_CARRIED,
    *test_transferred.TAKEN_OVER,
    *test_transferred.NOT_TAKEN_OVER,
    *test_transferred.ANSWERED,
    *test_provided.PROVIDED,
    *test_provided.LENT,
    *test_provided.NOT_PROVIDED,
    *test_registered.SCENARIOS,
    *test_restoring.OUT_OF_NEW,
    *test_restoring.AS_IT_WAS,
    *test_restoring.STOPPED,
]

_agos = [timedelta(seconds=ago) for ago in (-3600, 0, 1, 5, 60, 900, 3600, 86400, 30 * 86400)]
_moments = st.sampled_from([NOW - ago for ago in _agos])
_maybe_moments = st.none() | _moments
_flags = st.booleans()
_maybe_flags = st.sampled_from([None, True, False])
_befores = st.sampled_from([Before(None), Before(automated_clean=True), None])
_effects: st.SearchStrategy[Effect] = st.one_of(
    *(st.builds(each) for each in Effect.__args__ if each not in (RetireNode, ReleaseInstance)),
    st.builds(ReleaseInstance, st.sampled_from([SERVER, OTHER])),
    st.builds(RetireNode, in_use=_flags),
)
_outcomes: st.SearchStrategy[Outcome | None] = st.sampled_from(
    [None, Done(), Underway(), Refused(409, "no"), Unreachable("locked"), Unknown("timed out")]
)
_attempts = st.builds(
    Attempt,
    intent=st.just("1"),
    effect=_effects,
    first=_moments,
    last=_moments,
    tries=st.integers(1, 200),
    outcome=_outcomes,
)
holds = st.builds(
    OnHold,
    since=_moments,
    cause=st.sampled_from(list(Cause)),
    reason=st.just("for a reason"),
    lifts_itself=_flags,
)

Askew = dict[str, st.SearchStrategy[Any]]

_MIGRATION: Askew = {
    "state": st.sampled_from(list(State)),
    "since": _moments,
    "attempt": st.none() | _attempts,
    "intents": st.integers(0, 2),
    "before": _befores,
    "kept_final": _flags,
    "was_in_use": _flags,
    "last_fault": _maybe_moments,
    "cleaned": st.sampled_from([None, "it was seen"]),
    "owed": st.sampled_from([None, "it was idle"]),
    "created": _flags,
    "delete_intended": _flags,
    "answered": st.frozensets(
        st.sampled_from([Cause.NEW_GONE, Cause.OLD_GONE, Cause.UNVERIFIED]), max_size=2
    ),
    "released": _flags,
    "aborting": _flags,
    "in_service": _flags,
    "used": _flags,
    "recorded": _flags,
    "notice": st.none()
    | st.builds(
        Noticed,
        at=_moments,
        instance=st.sampled_from([SERVER, OTHER]),
        not_before=_moments,
        by=st.just("ci"),
    ),
    "releasing": _flags,
}
_NODE: Askew = {
    "provision_state": st.sampled_from(list(Provision)),
    "provision_updated_at": _maybe_moments,
    "power_state": st.sampled_from(["power off", "power on", None, "error"]),
    "instance_uuid": st.sampled_from([None, SERVER, OTHER]),
    "maintenance": _flags,
    "maintenance_reason": st.sampled_from([None, marks.FENCED, "a cable"]),
    "fault": st.sampled_from([None, "power failure"]),
    "retired": _flags,
    "retired_reason": st.sampled_from([None, marks.RETIRED, "end of lease"]),
    "protected": _flags,
    "automated_clean": _maybe_flags,
    "last_error": st.sampled_from([None, "it broke"]),
    "reservation": st.sampled_from([None, "conductor-1"]),
}
_VIEW: Askew = {
    "node": st.none(),
    "compute": st.sampled_from(
        [
            forgotten(),
            withheld(),
            offered(),
            withheld(servers=(SERVER,)),
            withheld(servers=(SERVER,), consumers=(SERVER,)),
            withheld(servers=(SERVER, OTHER)),
            withheld(consumers=(OTHER,)),
        ]
    ),
    "records": st.sampled_from(
        [
            records(),
            masked_records(targets=True),
            records(name="metal-2"),
            records(traits=()),
            replace(records(), ports=()),
            None,
        ]
    ),
    "faults": st.sampled_from([None, (), (fault(),)]),
    "server": st.none()
    | st.builds(
        server,
        st.sampled_from([SERVER, OTHER]),
        locked=_flags,
        node=st.sampled_from([NODE, OTHER, None]),
        task=st.sampled_from([None, "rebooting", "deleting"]),
    ),
}
_SIGHTING: Askew = {
    "new_cloud": st.sampled_from([new_cloud(), new_cloud(addresses={MAC: OTHER}), None]),
    "notifications": st.sampled_from([(), (cleaned_notification(),)]),
    "document": st.sampled_from([document(), document(masked_records()), None]),
}
_POLICY: Askew = {
    "clean_on_new": _flags,
    "old_compute": _flags,
    "new_compute": _flags,
    "retry_for": st.sampled_from([timedelta(0), timedelta(minutes=15), timedelta(days=1)]),
}


def _askew(draw: st.DrawFn, fields: Askew, most: int) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=most, unique=True))
    return {name: draw(fields[name]) for name in names}


def _node(draw: st.DrawFn, node: NodeFacts | None) -> NodeFacts | None:
    return replace(node, **_askew(draw, _NODE, 2)) if node else None


def _view(draw: st.DrawFn, view: CloudView) -> CloudView:
    return replace(replace(view, node=_node(draw, view.node)), **_askew(draw, _VIEW, 1))


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Migration, Sighting, Policy]:
    """What a decision is made from."""
    ours = draw(st.sampled_from(SCENARIOS))
    theirs = draw(st.sampled_from([ours, ours, *SCENARIOS])) if draw(_flags) else ours
    migration = replace(ours.given.now, **_askew(draw, _MIGRATION, 2))
    if at_least(migration.state, State.REGISTERED):
        # An abort is refused there, and one that was asked for before never leads there.
        migration = replace(migration, aborting=False)
    seen = replace(
        theirs.seen,
        old=_view(draw, theirs.seen.old),
        new=_view(draw, theirs.seen.new),
        **_askew(draw, _SIGHTING, 1),
    )
    return migration, seen, replace(ours.policy, **_askew(draw, _POLICY, 1))
