# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies: declarations with any value in any field."""

from datetime import time, timedelta

from hypothesis import strategies as st

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    BootGate,
    Budget,
    CommandGate,
    Deadlines,
    Declaration,
    Drain,
    DrainRule,
    Floor,
    Limits,
    PrometheusGate,
    Rate,
    ReclaimRule,
    Selection,
    WaveRule,
    Window,
)

_words = st.text(max_size=8)
_several = st.lists(_words, max_size=3).map(tuple)
_counts = st.integers(0, 10_000)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_spans = st.timedeltas(timedelta(0), timedelta(days=365 * 50))
_maybe_span = st.none() | _spans
_amounts = st.one_of(st.builds(Amount, count=_counts), st.builds(Amount, percent=st.floats(0, 100)))
_selections = st.builds(
    Selection,
    names=_several,
    uuids=_several,
    resource_classes=_several,
    conductor_groups=_several,
    owners=_several,
    traits=_several,
    keys=st.dictionaries(_words, _several, max_size=2),
)
_gates = st.one_of(
    st.builds(CommandGate, command=_several, within=_spans),
    st.builds(
        PrometheusGate,
        url=_words,
        query=_words,
        within=_spans,
        at_least=st.none() | _numbers,
        at_most=st.none() | _numbers,
    ),
    st.builds(
        BootGate,
        image=_words,
        flavor=_words,
        within=_spans,
        network=st.none() | _words,
        port=st.none() | _counts,
    ),
    st.just(ApprovalGate()),
)
_times = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 59))

DECLARATIONS = st.builds(
    Declaration,
    name=_words,
    nodes=st.lists(_selections, max_size=2).map(tuple),
    exclude=st.lists(_selections, max_size=2).map(tuple),
    direction=st.sampled_from(Direction),
    order=_several,
    waves=st.lists(
        st.builds(
            WaveRule,
            name=_words,
            size=st.none() | _amounts,
            gates=_several,
            waits_for_owners=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    limits=st.builds(
        Limits,
        in_flight=st.none() | _counts,
        by_value=st.dictionaries(_words, _counts, max_size=2),
        starts=st.none() | st.builds(Rate, count=_counts, span=_spans),
    ),
    floors=st.lists(
        st.builds(Floor, cloud=st.sampled_from(CloudName), resource_class=_words, amount=_amounts),
        max_size=2,
    ).map(tuple),
    windows=st.lists(
        st.builds(
            Window, days=st.frozensets(st.integers(0, 6)), start=_times, end=_times, zone=_words
        ),
        max_size=2,
    ).map(tuple),
    drains=st.lists(
        st.builds(DrainRule, policy=st.sampled_from(Drain), nodes=_selections, notice=_maybe_span),
        max_size=2,
    ).map(tuple),
    reclaims=st.lists(
        st.builds(ReclaimRule, jobs=_several, nodes=_selections, results=_several), max_size=2
    ).map(tuple),
    deadlines=st.builds(Deadlines, drain=_maybe_span, rollout=_maybe_span),
    budget=st.builds(Budget, held=st.none() | _amounts, in_a_row=st.none() | _counts),
    gates=st.dictionaries(_words, _gates, max_size=3),
)
"""Any declaration, whether it makes sense or not."""
