# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from ephyrad.drawing.burn_up import Course, burn_up

START = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COURSE = Course(
    start=START,
    now=START + 4 * HOUR,
    nodes=4,
    arrived=[START + HOUR, START + 2 * HOUR],
    planned=[START + HOUR * number for number in (1, 2, 3, 8)],
)
RIGHT, LEFT, TOP, FOOT = 792, 44, 14, 164


def line(drawn: str, name: str) -> str:
    found = re.search(rf'class="{name}" d="([^"]*)"', drawn)
    assert found, f"no {name} in {drawn}"
    return found[1]


def test_each_arrival_is_a_step_up() -> None:
    drawn = burn_up(COURSE)

    assert line(drawn, "line") == "M44 164.0H138V126.5H231V89.0H418.0"
    assert line(drawn, "plan").endswith(f"H{RIGHT}V{TOP}.0H{RIGHT}.0")


def test_many_arrivals_take_no_more_points_than_can_be_seen() -> None:
    many = [START + HOUR * number / 1000 for number in range(4000)]

    drawn = burn_up(replace(COURSE, nodes=4000, arrived=many))

    assert line(drawn, "line").count("V") <= RIGHT - LEFT
    assert "V14.0" in line(drawn, "line")


def test_the_outlook_leads_from_now_to_the_end() -> None:
    drawn = burn_up(replace(COURSE, eta=START + 8 * HOUR, to_come=4))

    assert line(drawn, "outlook") == "M418.0 89.0L792.0 14.0"


@pytest.mark.parametrize(("hours", "shown"), [(10, 1), (100, 0)])
def test_a_deadline_is_shown_where_it_does_not_push_all_else_aside(hours: int, shown: int) -> None:
    drawn = burn_up(replace(COURSE, until=START + hours * HOUR))

    assert drawn.count('class="limit"') == shown


@pytest.mark.parametrize(
    "course",
    [
        replace(COURSE, arrived=(), planned=(), now=START),
        replace(COURSE, nodes=0, arrived=(), planned=()),
        replace(COURSE, now=START - HOUR),
        replace(COURSE, now=START + timedelta(days=400)),
        replace(COURSE, arrived=[START - HOUR]),
        COURSE,
    ],
)
def test_any_course_gives_a_drawing_with_a_name_and_few_ticks(course: Course) -> None:
    drawn = ET.fromstring(burn_up(course))  # noqa: S314 - our own

    assert drawn.attrib["aria-label"] == "nodes that arrived over time, against the plan"
    assert 1 <= len(drawn.findall("text")) <= 12
    xs = [float(each.attrib["x"]) for each in drawn.findall("text")]
    assert all(0 < x <= RIGHT for x in xs)
