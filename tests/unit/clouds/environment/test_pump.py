# SPDX-License-Identifier: Apache-2.0
import hashlib
from collections.abc import Iterator

import pytest

from ephyrad.clouds.environment.pace import Pace
from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.environment.pump import Pump
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import BrokenOffError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Outcome, Refused, Unreachable

BYTES = bytes(range(256)) * 10


def item(content: bytes = BYTES, algorithm: str = "sha512") -> Item:
    digest = hashlib.new(algorithm, content).hexdigest()
    return Item(Kind.IMAGE, "id", "image", {"hash": f"{algorithm}:{digest}"})


def chunks(content: bytes, size: int = 100) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def pump(wanted: Item, content: Content, told: list[int] | None = None) -> Pump:
    ticks = iter(range(10**6))
    return Pump(
        wanted,
        content,
        (told if told is not None else list[int]()).append,
        pace=Pace(),
        clock=lambda: next(ticks) / 10,
        inspection=None,
    )


def sent(pumped: Pump) -> tuple[bytes, Outcome | None]:
    """Return what gets out, and why it broke off, if it did."""
    out = b""
    try:
        for chunk in pumped:
            out += chunk
    except BrokenOffError as error:
        return out, error.outcome
    return out, None


@pytest.mark.parametrize("algorithm", ["sha512", "sha256"])
@pytest.mark.parametrize("size", [1, 7, 100, len(BYTES), 10**6])
def test_the_right_bytes_get_out_whole(algorithm: str, size: int) -> None:
    content = Content(len(BYTES), chunks(BYTES, size))

    assert sent(pump(item(algorithm=algorithm), content)) == (BYTES, None)


@pytest.mark.parametrize("spoilt", [0, 1000, len(BYTES) - 1])
@pytest.mark.parametrize("size", [1, 100, 10**6])
def test_the_last_of_wrong_bytes_never_gets_out(spoilt: int, size: int) -> None:
    wrong = bytearray(BYTES)
    wrong[spoilt] ^= 1

    out, outcome = sent(pump(item(), Content(len(BYTES), chunks(bytes(wrong), size))))

    assert isinstance(outcome, Refused)
    assert "do not match its os_hash_value" in outcome.message
    assert len(out) < len(BYTES)


@pytest.mark.parametrize("size", [0, len(BYTES) - 1, len(BYTES) + 1])
def test_another_number_of_bytes_breaks_off(size: int) -> None:
    out, outcome = sent(pump(item(), Content(size, chunks(BYTES))))

    assert outcome == Unreachable(f"the old cloud gave {len(BYTES)} bytes of {size}")
    assert len(out) < len(BYTES)


def test_nothing_is_an_image_too() -> None:
    assert sent(pump(item(b""), Content(0, iter([])))) == (b"", None)
    assert sent(pump(item(), Content(0, iter([]))))[1] is not None


def test_a_broken_read_breaks_off() -> None:
    def some() -> Iterator[bytes]:
        yield BYTES[:100]
        raise CloudReadError("Glance of the old cloud: gone")

    out, outcome = sent(pump(item(), Content(len(BYTES), some())))

    assert outcome == Unreachable("Glance of the old cloud: gone")
    assert len(out) < 101


@pytest.mark.parametrize("value", ["", "crc7:00", "nothing"])
def test_what_cannot_be_verified_is_not_begun(value: str) -> None:
    unknown = Item(Kind.IMAGE, "id", "image", {"hash": value})

    out, outcome = sent(pump(unknown, Content(len(BYTES), chunks(BYTES))))

    assert out == b""
    assert isinstance(outcome, Refused)


def test_progress_is_told_four_times_a_second_at_the_most() -> None:
    told: list[int] = []

    sent(pump(item(), Content(len(BYTES), chunks(BYTES, 10)), told))

    assert told == sorted(told)
    assert 0 < len(told) <= len(BYTES) / 10 / 2 + 1
