# SPDX-License-Identifier: Apache-2.0
import io

from tests.demo.board import Screen, clipped, node_line, table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def row(state: str = "cleaning", *, held: bool = False, doing: str = "waits") -> dict[str, object]:
    return {"name": "demo-fake-1", "state": state, "held": held, "doing": doing}


def screen(out: io.StringIO, size: tuple[int, int] = (60, 24)) -> Screen:
    return Screen(out, clock=lambda: 0.0, size=size)


def test_a_line_says_how_far_a_node_is() -> None:
    assert node_line(row()) == "demo-fake-1     [##...] cleaning      waits"


def test_a_held_node_is_marked() -> None:
    assert node_line(row(held=True, doing="why")).endswith("HELD: why")


def test_piped_each_change_is_a_line_and_what_stays_is_none() -> None:
    out = io.StringIO()
    shown = screen(out)

    for state in ("active", "active", "drained"):
        shown.show([row(state)])

    assert [line.split()[4] for line in out.getvalue().splitlines()] == ["active", "drained"]
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_the_board_is_drawn_over_itself() -> None:
    out = Terminal()
    shown = screen(out)

    shown.show([row("active")])
    shown.show([row("drained")])

    assert out.getvalue().count("\x1b[2A") == 1
    assert "1 drained" in out.getvalue()


def test_after_words_the_board_begins_anew() -> None:
    out = Terminal()
    shown = screen(out)

    shown.show([row()])
    shown.say("kill -9")
    shown.show([row()])

    assert "\x1b[2A" not in out.getvalue()


def test_no_line_is_wider_than_the_terminal() -> None:
    out = Terminal()

    screen(out, (40, 24)).show([row(doing="x" * 200)])

    assert max(len(line.replace("\x1b[2K", "")) for line in out.getvalue().splitlines()) < 40


def test_a_terminal_that_is_too_low_gets_lines() -> None:
    out = Terminal()

    screen(out, (60, 3)).show([row()])

    assert "\x1b" not in out.getvalue()


def test_a_text_that_fits_is_left_alone() -> None:
    assert (clipped("abcdef", 6), clipped("abcdef", 5)) == ("abcdef", "ab...")


def test_a_tables_columns_are_as_wide_as_need_be() -> None:
    assert table(["a", "b"], [["long", "x"]]).splitlines() == ["a     b", "----  -", "long  x"]
