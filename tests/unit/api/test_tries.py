# SPDX-License-Identifier: Apache-2.0
"""Whoever guesses passwords has to wait, and nobody else."""

import base64
from pathlib import Path

import bcrypt
import pytest

from ephyrad.api.gate import UnidentifiedError
from ephyrad.api.http_basic import HttpBasic
from ephyrad.api.settings import HttpBasicSettings
from ephyrad.api.tries import FORGOTTEN, MOST, TooManyTriesError, Tries

ANN, BOB = ("192.0.2.1", "ann"), ("192.0.2.1", "bob")
ELSEWHERE = ("192.0.2.2", "ann")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tries(clock: Clock) -> Tries:
    return Tries(clock)


def test_pauses_grow_up_to_a_minute(tries: Tries, clock: Clock) -> None:
    pauses = []
    for _ in range(14):
        pauses.append(tries.failed(ANN))
        clock.now += pauses[-1]
        tries.expect_leave(ANN)

    assert pauses == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_one_who_has_to_wait_keeps_nobody_else_out(tries: Tries, clock: Clock) -> None:
    for _ in range(6):
        tries.failed(ANN)

    with pytest.raises(TooManyTriesError) as raised:
        tries.expect_leave(ANN)

    assert raised.value.seconds == 2
    tries.expect_leave(BOB)
    tries.expect_leave(ELSEWHERE)
    clock.now += 2
    tries.expect_leave(ANN)


def test_the_right_one_and_a_long_time_make_good(tries: Tries, clock: Clock) -> None:
    for _ in range(6):
        tries.failed(ANN)
        tries.failed(BOB)

    tries.succeeded(ANN)
    clock.now += FORGOTTEN

    assert [tries.failed(ANN), tries.failed(BOB)] == [0, 0]


def test_of_too_many_those_are_forgotten_that_failed_longest_ago(tries: Tries) -> None:
    for _ in range(6):
        tries.failed(ANN)
        tries.failed(BOB)
    for number in range(MOST - 1):
        tries.failed(("192.0.2.3", str(number)))

    tries.expect_leave(ANN)
    with pytest.raises(TooManyTriesError):
        tries.expect_leave(BOB)


def test_of_a_name_only_the_beginning_is_kept(tries: Tries) -> None:
    for number in range(6):
        tries.failed(("192.0.2.1", "x" * 5000 + str(number)))

    with pytest.raises(TooManyTriesError):
        tries.expect_leave(("192.0.2.1", "x" * 100))


def test_not_even_the_right_password_counts_in_a_pause(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Else one could guess on: what was right the last time costs nothing to compare."""
    users = tmp_path / "htpasswd"
    users.write_text(f"ann:{bcrypt.hashpw(b'right', bcrypt.gensalt(4)).decode()}\n")
    users.chmod(0o600)
    basic = HttpBasic(HttpBasicSettings(users, {"ann": "reader"}), clock)

    def ask(password: str, name: str = "ann") -> str:
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        environ = {"HTTP_AUTHORIZATION": f"Basic {token}", "REMOTE_ADDR": "192.0.2.1"}
        return basic(environ).name

    assert ask("right") == "ann@http_basic"
    for _ in range(5):
        with pytest.raises(UnidentifiedError):
            ask("wrong")
    with pytest.raises(TooManyTriesError):
        ask("right")
    with pytest.raises(UnidentifiedError):
        ask("right", name="wrong")

    clock.now += 1
    assert ask("right") == "ann@http_basic"
    said = [each.getMessage() for each in caplog.records]
    assert said == ["API: passwords from 192.0.2.1 are wrong; none counts for 1 s"]
