# SPDX-License-Identifier: Apache-2.0
"""The rollout file: all that it may say, and the sample."""

import re
from dataclasses import fields
from datetime import time, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.rollout_file import read
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
from ephyrad.rollout.spelled import spelled

SAMPLE = Path(__file__).parents[3] / "etc/ephyrad/rollout.yaml.sample"
LEAST = 'name: r\nnodes: {name: "*"}\n'

WHOLE = """\
name: spring-2026
nodes:
  - resource_class: [baremetal, gpu-*]
    conductor_group: rack-*
  - {uuid: 0c2d, owner: "8", trait: [CUSTOM_A, "HW_*"], extra.spare: true, properties.cpus: [4, 8]}
exclude:
  name: "*-db-*"
direction: back
order: [idle, extra.rack, name]
waves:
  - {name: canary, size: 3, gates: [boots, tempest]}
  - {name: batch, size: 10 %, gates: [errors, go], wait_for_owners: on}
limits:
  in_flight: 20
  starts: {count: 30, per: 1h}
  per: {conductor_group: 5, extra.rack: 2}
floors:
  old: {baremetal: 2, "gpu-*": 12.5%}
  new: {baremetal: 1}
windows:
  - {days: [mon-wed, fri], from: 22:00, to: "06:00", zone: Europe/Berlin}
  - {days: sat-sun, from: 8:30, to: 24:00}
drain:
  - {nodes: {owner: bank}, policy: release, notice: 2d}
  - {policy: reclaim}
reclaim:
  - {job: "burn-in/*", result: [success, UNSTABLE], nodes: {extra.use: ci}}
  - {job: [a, b], nodes: {name: "*"}}
deadlines: {drain: 14d, rollout: 1d2h3m4s}
budget: {held: 5%, in_a_row: 3}
gates:
  boots:
    boot: {image: debian-13, flavor: baremetal, network: provider, within: 20m, port: 22}
  tempest: {command: [/usr/local/bin/smoke, --cloud, new], within: 1h}
  errors:
    prometheus: {url: "http://prometheus:9090/", query: up, at_most: 1e-2, within: 10m}
  go: {approval: }
"""


def test_all_that_it_may_say() -> None:
    assert read(WHOLE, "FILE") == Declaration(
        "spring-2026",
        nodes=(
            Selection(
                resource_classes=("baremetal", "gpu-*"),
                conductor_groups=("rack-*",),
            ),
            Selection(
                uuids=("0c2d",),
                owners=("8",),
                traits=("CUSTOM_A", "HW_*"),
                keys={"extra.spare": ("true",), "properties.cpus": ("4", "8")},
            ),
        ),
        exclude=(Selection(names=("*-db-*",)),),
        direction=Direction.BACK,
        order=("idle", "extra.rack", "name"),
        waves=(
            WaveRule("canary", Amount(count=3), ("boots", "tempest")),
            WaveRule("batch", Amount(percent=10), ("errors", "go"), waits_for_owners=True),
        ),
        limits=Limits(20, {"conductor_group": 5, "extra.rack": 2}, Rate(30, timedelta(hours=1))),
        floors=(
            Floor(CloudName.OLD, "baremetal", Amount(count=2)),
            Floor(CloudName.OLD, "gpu-*", Amount(percent=12.5)),
            Floor(CloudName.NEW, "baremetal", Amount(count=1)),
        ),
        windows=(
            Window(frozenset({0, 1, 2, 4}), time(22), time(6), "Europe/Berlin"),
            Window(frozenset({5, 6}), time(8, 30), time(0)),
        ),
        drains=(
            DrainRule(Drain.RELEASE, Selection(owners=("bank",)), timedelta(days=2)),
            DrainRule(Drain.RECLAIM),
        ),
        reclaims=(
            ReclaimRule(
                ("burn-in/*",), Selection(keys={"extra.use": ("ci",)}), ("SUCCESS", "UNSTABLE")
            ),
            ReclaimRule(("a", "b"), Selection(names=("*",))),
        ),
        deadlines=Deadlines(timedelta(days=14), timedelta(days=1, hours=2, minutes=3, seconds=4)),
        budget=Budget(Amount(percent=5), 3),
        gates={
            "boots": BootGate("debian-13", "baremetal", timedelta(minutes=20), "provider", 22),
            "tempest": CommandGate(("/usr/local/bin/smoke", "--cloud", "new"), timedelta(hours=1)),
            "errors": PrometheusGate(
                "http://prometheus:9090", "up", timedelta(minutes=10), at_most=0.01
            ),
            "go": ApprovalGate(),
        },
    )


@pytest.mark.parametrize(
    "text", [WHOLE, LEAST, SAMPLE.read_text()], ids=["whole", "least", "sample"]
)
def test_a_declaration_is_spelled_as_a_file_that_declares_it(text: str) -> None:
    declared = read(text, "FILE")

    written = {key: value for key, value in spelled(declared).items() if value}
    assert read(yaml.safe_dump(written, sort_keys=False), "FILE") == declared


def test_what_is_left_out_is_as_the_declaration_has_it() -> None:
    assert read(LEAST.encode(), "FILE") == Declaration("r", (Selection(names=("*",)),))


@pytest.mark.parametrize("key", ["limits", "floors", "deadlines", "budget", "gates"])
def test_a_key_with_nothing_below_it_says_nothing(key: str) -> None:
    assert read(f"{LEAST}{key}:\n", "FILE") == read(LEAST, "FILE")


def test_an_alias_saves_writing_a_selection_twice() -> None:
    declared = read(
        "name: r\nnodes: &bank {owner: bank}\ndrain: [{nodes: *bank, policy: wait}]", "FILE"
    )

    assert declared.drains[0].nodes == declared.nodes[0]


def _examples() -> dict[str, str]:
    """Return the commented examples of the sample by their keys."""
    found = re.findall(r"(?m)^#([a-z_]+:.*(?:\n#  .*)*)", SAMPLE.read_text())
    return {text.partition(":")[0]: text.replace("\n#", "\n") for text in found}


def _with(*keys: str) -> str:
    return SAMPLE.read_text() + "".join(f"{_EXAMPLES[key]}\n" for key in keys)


_EXAMPLES = _examples()
_PLAIN = sorted(_EXAMPLES.keys() - {"waves", "gates"})


def test_the_sample_takes_the_named_nodes_and_asks_for_nothing_else() -> None:
    declared = read(SAMPLE.read_bytes(), "sample")

    assert declared == Declaration(declared.name, declared.nodes)


def test_the_sample_shows_each_key() -> None:
    given = {
        line.partition(":")[0] for line in SAMPLE.read_text().splitlines() if line[:1].isalpha()
    }

    assert sorted(given | _EXAMPLES.keys()) == sorted(
        "name nodes exclude direction order waves limits floors windows drain reclaim deadlines"
        " budget gates".split()
    )


@pytest.mark.parametrize("keys", [*((key,) for key in _PLAIN), ("waves", "gates"), _EXAMPLES])
def test_each_example_of_the_sample_may_be_taken(keys: tuple[str, ...]) -> None:
    # Rules of reclaim are for nodes of a drain policy.
    needed = {"drain", *keys} if "reclaim" in keys else set(keys)
    declared = read(_with(*needed), "sample")

    plain = read(SAMPLE.read_bytes(), "sample")
    changed = {each.name for each in fields(plain) if _differ(each.name, declared, plain)}
    assert changed == {f"{key}s" if key in {"drain", "reclaim"} else key for key in needed}


def _differ(name: str, one: Declaration, other: Declaration) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


_SCRAPS = st.one_of(
    st.sampled_from(
        "[] {} [[]] {a: b} ~ '' 0 -1 10% 1h yes 22:00 .nan 1e999 *x &x <<: ? | > ! !!set @ - : # \t"
        ' "\\0" \\ "\\ud800" 2026-01-01 99999999999999999999 http://[ ../etc/passwd'.split(" ")
    ),
    st.text(max_size=3),
)


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), _SCRAPS)
def test_whatever_is_in_a_file_is_read_or_refused_with_its_place(
    at: int, length: int, scrap: str
) -> None:
    text = WHOLE[:at] + scrap + WHOLE[at + length :]

    try:
        read(text, "FILE")
    except ConfigurationError as error:
        lines = str(error).splitlines()
        assert all(
            re.match(r"rollout file FILE(, line \d+, column \d+)?: ", each) for each in lines
        )
