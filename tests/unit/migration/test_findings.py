# SPDX-License-Identifier: Apache-2.0
"""Findings are put together by cause, with what stands in the way first."""

from ephyrad.migration.findings import Concerned, Finding, Group, Judged, Weight, Where, grouped

SILENT = "their BMCs are silent"
PROBLEM, UNJUDGED, REMARK = Weight.PROBLEM, Weight.UNJUDGED, Weight.REMARK


def silent(name: str) -> Finding:
    return Finding(PROBLEM, "bmc", f"the BMC of {name} is silent", SILENT)


def test_the_same_of_several_nodes_is_said_once_and_names_them() -> None:
    nodes = [Judged(f"uuid-{name}", name, (silent(name),)) for name in ("b", "a")]

    (group,) = grouped({}, nodes)

    assert group == Group(
        PROBLEM,
        Where.NODES,
        "bmc",
        SILENT,
        (
            Concerned("uuid-a", "a", "the BMC of a is silent"),
            Concerned("uuid-b", "b", "the BMC of b is silent"),
        ),
    )


def test_what_is_said_of_one_node_is_in_its_own_words() -> None:
    (group,) = grouped({}, [Judged("uuid-a", "a", (silent("a"),))])

    assert group.text == "the BMC of a is silent"


def test_one_text_with_two_weights_is_two_findings() -> None:
    found = (Finding(REMARK, "x", "one"), Finding(UNJUDGED, "x", "one"))

    assert [each.weight for each in grouped({}, [Judged("u", None, found)])] == [UNJUDGED, REMARK]


def test_what_stands_in_the_way_comes_first_and_of_that_what_concerns_most() -> None:
    general = {
        Where.NEW: [Finding(REMARK, "bus", "quiet"), Finding(UNJUDGED, "service", "unread")],
        Where.OLD: [Finding(PROBLEM, "access", "refused")],
    }
    few, many = Finding(PROBLEM, "missing", "few"), Finding(PROBLEM, "missing", "many")
    nodes = [Judged("1", None, (few, many)), Judged("2", None, (many,))]

    assert [each.text for each in grouped(general, nodes)] == [
        "refused",
        "many",
        "few",
        "unread",
        "quiet",
    ]


def test_a_node_is_ready_only_where_nothing_is_unknown() -> None:
    def ready(*weights: Weight) -> bool:
        return Judged("u", "n", tuple(Finding(each, "x", "t") for each in weights)).is_ready

    assert ready()
    assert ready(REMARK)
    assert not ready(UNJUDGED, REMARK)
    assert not ready(PROBLEM)
