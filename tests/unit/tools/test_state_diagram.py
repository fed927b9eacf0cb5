# SPDX-License-Identifier: Apache-2.0
"""The drawing has all that the table says, and nothing of it lies outside."""

from xml.etree import ElementTree as ET

from ephyrad.migration.states import BACK, FORTH, MEANS
from tools.state_diagram import back, svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn() -> ET.Element:
    return ET.fromstring(svg())  # noqa: S314 - our own text


def words() -> str:
    return " ".join(element.text or "" for element in drawn().iter(f"{NAMESPACE}text"))


def test_it_shows_every_state_with_what_is_known_in_it() -> None:
    shown = words()

    assert [state for state in MEANS if state not in shown] == []
    assert [each.known for each in MEANS.values() if f"{each.known}." not in shown] == []


def test_it_shows_every_edge_with_its_condition() -> None:
    shown = words()

    assert [edge for edge in FORTH if f"{edge.trigger} {edge.known}" not in shown] == []


def test_it_says_from_where_a_node_may_go_back() -> None:
    shown = words()

    assert back() in shown
    assert [edge.source for edge in BACK if edge.source not in back()] == []


def test_it_shows_whose_the_power_is_once_for_neighbours() -> None:
    found = [element.text for element in drawn().iter(f"{NAMESPACE}text")]

    assert [text for text in found if text and text.startswith("power: ")] == [
        "power: old cloud",
        "power: nobody",
        "power: new cloud",
    ]


def test_everything_lies_within_the_drawing() -> None:
    drawing = drawn()
    width, height = (int(drawing.attrib[side]) for side in ("width", "height"))

    for element in drawing.iter(f"{NAMESPACE}rect"):
        x, y = int(element.get("x", 0)), int(element.get("y", 0))
        assert x >= 0
        assert x + int(element.attrib["width"]) <= width
        assert y + int(element.attrib["height"]) <= height
    for element in drawing.iter(f"{NAMESPACE}text"):
        assert 0 < int(element.attrib["x"]) < width
        assert 0 < int(element.attrib["y"]) < height
