# SPDX-License-Identifier: Apache-2.0
"""What is written to the journal is what is read from it."""

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.migration.document import Before
from ephyrad.migration.effects import CreateParts, Effect, PartKind, ReleaseInstance, RetireNode
from ephyrad.migration.entries import (
    Asked,
    Concluded,
    Entry,
    Held,
    Intended,
    Kept,
    Lifted,
    Moved,
    Noticed,
    Owed,
    Recalled,
    Witnessed,
    from_json,
    kind_of,
    to_json,
)
from ephyrad.migration.outcomes import Outcome
from ephyrad.migration.references import Change
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause
from tests.unit.migration.builders import JUST_NOW, NOW

moments = st.datetimes(timezones=st.just(UTC))
words = st.text(max_size=20)
changes = st.builds(
    Change,
    record=words,
    keys=st.lists(words | st.integers(0, 9), min_size=1, max_size=3).map(tuple),
    old=st.none() | words,
    new=st.none() | words,
    label=words,
)
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(Asked, at=moments, name=st.none() | words, by=words),
    st.builds(
        Kept,
        at=moments,
        before=st.builds(Before, st.none() | st.booleans()),
        left_behind=st.lists(words, max_size=3).map(tuple),
        rewriting=st.lists(changes, max_size=3).map(tuple),
    ),
    *(
        st.builds(
            Intended,
            at=moments,
            intent=words,
            effect=(
                st.builds(RetireNode, st.booleans(), st.none() | moments)
                if effect is RetireNode
                else st.builds(effect)
            ),
        )
        for effect in Effect.__args__
    ),
    *(
        st.builds(Concluded, at=moments, intent=words, outcome=st.builds(outcome))
        for outcome in Outcome.__args__
    ),
    st.builds(Witnessed, at=moments, proof=words),
    st.builds(Owed, at=moments, because=words),
    st.builds(Moved, at=moments),
    st.builds(Held, at=moments),
    st.builds(Lifted, at=moments, by=words),
    st.builds(Noticed, at=moments, instance=words, not_before=moments, by=words),
    st.builds(Recalled, at=moments, by=words, because=st.none() | words),
)


@given(entries)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    body = json.loads(json.dumps(to_json(entry)))

    assert from_json(kind_of(entry), entry.at, body) == entry


@pytest.mark.parametrize(
    ("entry", "kind", "body"),
    [
        (Asked(NOW, "metal-1", "operator"), "asked", {"name": "metal-1", "by": "operator"}),
        (
            Kept(NOW, True, Before(None), ("raid_config",)),
            "kept",
            {"final": True, "before": {"automated_clean": None}, "left_behind": ["raid_config"]},
        ),
        (
            Kept(NOW, False, Before(None), (), (Change("node", ("owner",), "a", "b", "c"),)),
            "kept",
            {
                "final": False,
                "before": {"automated_clean": None},
                "left_behind": [],
                "rewriting": [
                    {"record": "node", "keys": ["owner"], "old": "a", "new": "b", "label": "c"}
                ],
            },
        ),
        (
            Intended(NOW, "7", RetireNode(in_use=True, last_fault=NOW - JUST_NOW)),
            "intent",
            {
                "intent": "7",
                "effect": {
                    "name": "RetireNode",
                    "in_use": True,
                    "last_fault": "2026-11-21T11:59:00+00:00",
                    "automated_clean": None,
                },
            },
        ),
        (
            Intended(NOW, "8", CreateParts({PartKind.PORT: ("a",)}, traits=True)),
            "intent",
            {
                "intent": "8",
                "effect": {"name": "CreateParts", "parts": {"port": ["a"]}, "traits": True},
            },
        ),
        (
            Moved(NOW, Trigger.DRAIN, State.ACTIVE, State.DRAINED, "empty"),
            "transition",
            {"trigger": "drain", "source": "active", "dest": "drained", "because": "empty"},
        ),
        (
            Held(NOW, Cause.MASKED, "it is masked", lifts_itself=True),
            "hold",
            {"cause": "masked", "reason": "it is masked", "lifts_itself": True},
        ),
        (Witnessed(NOW, "seen"), "witnessed", {"proof": "seen"}),
        (Owed(NOW, "idle"), "owed", {"because": "idle"}),
        (Lifted(NOW, "operator"), "lifted", {"by": "operator"}),
        (
            Noticed(NOW, "i", NOW + JUST_NOW, "rollout a"),
            "noticed",
            {"instance": "i", "not_before": "2026-11-21T12:01:00+00:00", "by": "rollout a"},
        ),
        (Recalled(NOW, "rollout a"), "recalled", {"by": "rollout a", "because": None}),
        (
            Intended(NOW, "3", ReleaseInstance("i")),
            "intent",
            {"intent": "3", "effect": {"name": "ReleaseInstance", "instance": "i"}},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_journals_words_stay_as_they_are(entry: Entry, kind: str, body: dict[str, Any]) -> None:
    assert (kind_of(entry), json.loads(json.dumps(to_json(entry)))) == (kind, body)


@pytest.mark.parametrize(
    ("effect", "read"),
    [
        (
            {"name": "CreateParts", "kind": "port", "uuids": ["a"]},
            CreateParts({PartKind.PORT: ("a",)}),
        ),
        ({"name": "SetTraits"}, CreateParts({}, traits=True)),
    ],
)
def test_former_words_of_the_journal_are_read(effect: dict[str, Any], read: Effect) -> None:
    body = {"intent": "1", "effect": effect}

    assert from_json("intent", NOW, body) == Intended(NOW, "1", read)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("dreamt", {}),
        ("lifted", {}),
        ("lifted", {"by": "operator", "how": "at once"}),
        ("noticed", {"instance": "i", "not_before": "soon", "by": "ci"}),
        ("hold", {"cause": "boredom", "reason": "x", "lifts_itself": False}),
        ("transition", {"trigger": "drain", "source": "x", "dest": "drained", "because": ""}),
        ("intent", {"intent": "1", "effect": {"name": "PaintNode"}}),
        ("intent", {"intent": "1", "effect": {}}),
        ("intent", {"intent": "1", "effect": []}),
        ("intent", {"intent": "1", "effect": {"name": "CreateParts", "kind": "x", "uuids": []}}),
        ("outcome", {"intent": "1", "outcome": {"name": "perhaps"}}),
        ("kept", {"final": True, "before": {"colour": "red"}, "left_behind": []}),
    ],
)
def test_what_another_ephyrad_wrote_is_refused_by_name(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"a journal entry of kind '{kind}' cannot be read"):
        from_json(kind, NOW, body)
