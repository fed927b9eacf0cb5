# SPDX-License-Identifier: Apache-2.0
from ephyrad.clouds.environment.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_without_a_rate_a_chunk_goes_whole_and_at_once() -> None:
    clock = Clock()

    assert list(Pace(None, clock, clock.pause).pieces(b"x" * 10**6)) == [b"x" * 10**6]
    assert clock.pauses == []


def test_nothing_is_no_piece() -> None:
    assert list(Pace().pieces(b"")) == []
    assert list(Pace(10.0).pieces(b"")) == []


def test_bytes_go_at_the_rate_in_pieces_of_an_eighth_of_a_second() -> None:
    clock = Clock()
    pace = Pace(80_000.0, clock, clock.pause)
    began = clock.now

    pieces = list(pace.pieces(b"x" * 800_000))

    assert b"".join(pieces) == b"x" * 800_000
    assert {len(piece) for piece in pieces} == {10_000}
    # The last piece has not to be waited for, nor what was not used before.
    assert 9.5 < clock.now - began <= 10.0
    assert max(clock.pauses) < 0.2


def test_what_was_not_used_is_made_up_for_a_moment_only() -> None:
    clock = Clock()
    pace = Pace(80_000.0, clock, clock.pause)
    clock.now += 3600

    list(pace.pieces(b"x" * 80_000))

    assert 0.6 < sum(clock.pauses) < 1.0


def test_several_share_the_rate_in_turn() -> None:
    clock = Clock()
    pace = Pace(80_000.0, clock, clock.pause)
    one, other = pace.pieces(b"1" * 400_000), pace.pieces(b"2" * 400_000)
    began = clock.now

    for _ in zip(one, other, strict=True):
        pass

    assert 9.5 < clock.now - began <= 10.0
