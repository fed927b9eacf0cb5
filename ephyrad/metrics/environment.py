# SPDX-License-Identifier: Apache-2.0
"""Where the items of the environment stand, by kind."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import Metric

from ephyrad.engine.engine import Engine
from ephyrad.engine.environment.standing import Todo
from ephyrad.environment.kinds import Kind
from ephyrad.metrics.families import counters, gauge, gauges

_WORDS = {Todo.IN_STEP: "in-step", Todo.PROBLEM: "problem"}
_STANDINGS = ("in-step", "to-do", "problem")


def items(engine: Engine) -> Iterator[Metric]:
    """Give how the items stand, by the last comparisons and by what was seen since."""
    environment = engine.environment
    known = {} if environment is None else {kind: environment.standings.of(kind) for kind in Kind}
    stand: Counter[tuple[str, ...]] = Counter()
    problems: Counter[tuple[str, ...]] = Counter()
    for kind, compared in known.items():
        if compared.items is not None:
            stand.update({(kind.value, word): 0 for word in _STANDINGS})
            for each in compared.items.values():
                stand[kind.value, _WORDS.get(each.todo, "to-do")] += 1
                if each.cause is not None:
                    problems[kind.value, each.cause.value] += 1
    now = engine.clock()
    yield gauges(
        "ephyrad_environment_items",
        "Items of the environment, by kind and by how they stand.",
        ("kind", "standing"),
        stand,
    )
    yield gauges(
        "ephyrad_environment_problems",
        "Items that cannot be carried, by kind and cause.",
        ("kind", "cause"),
        problems,
    )
    yield gauges(
        "ephyrad_environment_comparison_age_seconds",
        "Time since both clouds' items of a kind were last compared.",
        ("kind",),
        {
            (kind,): max((now - each.at).total_seconds(), 0.0)
            for kind, each in known.items()
            if each.at is not None
        },
    )


def uploads(engine: Engine) -> Iterator[Metric]:
    """Give what is carried of images."""
    environment = engine.environment
    under_way = () if environment is None else environment.uploads.under_way()
    carried = 0 if environment is None else environment.uploads.carried
    yield gauge("ephyrad_environment_uploads", "Images on their way.", len(under_way))
    yield gauge(
        "ephyrad_environment_uploads_left_bytes",
        "What is still to be carried of them, as far as their sizes are known.",
        sum(max((each.size or 0) - each.carried, 0) for each in under_way),
    )
    yield counters(
        "ephyrad_environment_uploaded_bytes",
        "Bytes of images that were carried, since the start.",
        (),
        {(): carried},
    )
