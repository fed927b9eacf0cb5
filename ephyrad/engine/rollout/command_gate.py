# SPDX-License-Identifier: Apache-2.0
"""Runs an operator's program, and ends it when its time is over."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import select
from time import monotonic
from typing import Self

from ephyrad.engine.rollout.run_time import RunTime
from ephyrad.rollout.command_verdict import Ended, of_end, of_no_start
from ephyrad.rollout.declaration import CommandGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import LONGEST_OUTPUT, Verdict

_PAUSE = 0.1
"""Seconds between two looks at whether the program has ended; its output is read as often."""

_TO_END = 10.0
"""Seconds between SIGTERM and SIGKILL."""

_AT_ONCE = 1 << 16
_READS = 64

# What of ephyrad's own environment a program gets: no passwords and no tokens are among it.
_HANDED_DOWN = "HOME LANG LANGUAGE LC_ALL LC_CTYPE LOGNAME PATH TMPDIR TZ USER".split()


class CommandRuns:
    """Tries gates of this kind. `environ` is ephyrad's own environment."""

    def __init__(self, environ: Mapping[str, str] = os.environ, to_end: float = _TO_END) -> None:
        """`to_end`: seconds that a program has after SIGTERM."""
        self._environ = {name: environ[name] for name in _HANDED_DOWN if name in environ}
        self._to_end = to_end

    def __call__(self, run: GateRun, time: RunTime) -> Verdict | None:
        gate = run.gate
        if not isinstance(gate, CommandGate):
            raise TypeError(f"{gate!r} is no command")
        try:
            program = _Program(gate.command, {**self._environ, **run.environment})
        # Of a name or an argument that no program can be given.
        except (OSError, ValueError) as error:
            return of_no_start(gate.command, error)
        with program:
            end = time.now() + gate.within.total_seconds()
            while not program.has_ended():
                left = end - time.now()
                told_to_end = time.rest(min(_PAUSE, max(left, 0.0)))
                if told_to_end or left <= 0:
                    program.end(self._to_end)
                    ended = program.ended(in_time=False)
                    return None if told_to_end else of_end(gate.command, gate.within, ended)
            return of_end(gate.command, gate.within, program.ended(in_time=True))


class _Program:
    """A program with a session of its own, so that it and its children are ended together."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start it.

        :raises OSError: it could not be started.
        """
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(environ),
            cwd="/",
        )
        if self._process.stdout is None:
            raise AssertionError("a pipe was asked for")
        self._pipe = self._process.stdout
        os.set_blocking(self._pipe.fileno(), False)
        try:
            self._pidfd = os.pidfd_open(self._process.pid)
        except OSError:
            # It runs already, and nobody would end it.
            self.send(signal.SIGKILL)
            self._process.wait()
            self._pipe.close()
            raise
        self._output = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        # The program is not waited for until here, or its id might be another's by now. Whatever it
        # left running in its group goes with it.
        self.send(signal.SIGKILL)
        self._process.wait()
        self._pipe.close()
        os.close(self._pidfd)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program and its children."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def end(self, seconds: float) -> None:
        """Have the program end, and kill it where it has not ended after so many seconds."""
        self.send(signal.SIGTERM)
        # One that waits for its output to be read cannot end.
        end = monotonic() + seconds
        while not self.has_ended() and monotonic() < end:
            select([self._pidfd], [], [], _PAUSE)

    def has_ended(self) -> bool:
        """Say whether the program, not its children, has ended; its output is read meanwhile."""
        ended = self._state() is not None
        self._read()
        return ended

    def ended(self, *, in_time: bool) -> Ended:
        """Return how it ended; one that has not is ended by this."""
        if self._state() is None:
            self.send(signal.SIGKILL)
        state = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self._read()
        if state is None or state.si_code == os.CLD_EXITED:
            return Ended(state.si_status if state else 0, None, in_time, self._output)
        return Ended(state.si_status, _name(state.si_status), in_time, self._output)

    def _state(self) -> os.waitid_result | None:
        # Without taking its state away, for it keeps its id until then.
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, options)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            # One that never stops talking has to wait for the next look.
            for _ in range(_READS):
                part = os.read(self._pipe.fileno(), _AT_ONCE)
                if not part:
                    return
                # A character has up to four bytes.
                self._output = (self._output + part)[-4 * LONGEST_OUTPUT :]


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
