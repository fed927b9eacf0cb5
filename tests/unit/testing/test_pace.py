# SPDX-License-Identifier: Apache-2.0
"""A virtual clock that is driven by the real one."""

import threading

from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.http.pace import Pace


def test_so_much_time_passes_as_really_does_times_the_speed() -> None:
    clock, real = VirtualClock(), [100.0]
    clock.advance(5.0)
    pace = Pace(clock, threading.RLock(), speed=10.0, real=lambda: real[0]).start()

    real[0] += 3.0
    pace.catch_up()

    pace.stop()
    assert clock.monotonic() == 35.0


def test_what_is_due_is_done_though_nobody_asks() -> None:
    clock, done = VirtualClock(), threading.Event()
    clock.call_later(0.01, done.set)

    pace = Pace(clock, threading.RLock()).start()

    assert done.wait(60)
    pace.stop()


def test_time_stands_still_before_and_afterwards() -> None:
    clock, real = VirtualClock(), [0.0]
    pace = Pace(clock, threading.RLock(), real=lambda: real[0])

    real[0] = 50.0
    pace.catch_up()
    pace.start()
    pace.stop()
    real[0] = 90.0
    pace.catch_up()

    assert clock.monotonic() == 0.0
