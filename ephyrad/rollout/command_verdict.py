# SPDX-License-Identifier: Apache-2.0
"""What a command's end says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ephyrad.rollout.verdict import Result, Verdict

# What a shell says of a command that it could not run (POSIX, 2.8.2): the gate's own program was
# run, and did not get to its test.
_NOT_RUN = {126: "could not be executed", 127: "was not found"}


@dataclass(frozen=True, slots=True)
class Ended:
    """A program has ended: by itself with a status, or by a signal, which is named then.

    `in_time`: whether it was not ended for its time was over. `output`: the last of its bytes.
    """

    status: int
    signal: str | None = None
    in_time: bool = True
    output: bytes = b""


def of_end(command: Sequence[str], within: timedelta, ended: Ended) -> Verdict:
    """Judge a command by its end: 0 within the time passes; what never got to a verdict is unclear.

    A command that was killed, or did not end, may have been right or wrong: nobody knows.
    """
    name = command[0]
    output = ended.output.decode("utf-8", "replace").replace("\r\n", "\n")
    if not ended.in_time:
        words = f"{name} did not end within {within} and was ended: give it more time, or mend it"
        return Verdict(Result.UNCLEAR, words, output)
    if ended.signal is not None:
        words = f"{name} was ended by {ended.signal}: look who sent it"
        return Verdict(Result.UNCLEAR, words, output)
    match ended.status:
        case 0:
            return Verdict(Result.PASS, f"{name} ended with status 0", output)
        case status if status in _NOT_RUN:
            words = (
                f"{name} ended with status {status}, by which a shell says that a program"
                f" {_NOT_RUN[status]}: see its output"
            )
            return Verdict(Result.UNCLEAR, words, output)
        case status:
            return Verdict(Result.FAIL, f"{name} ended with status {status}", output)


def of_no_start(command: Sequence[str], error: OSError | ValueError) -> Verdict:
    """Say why a command could not be started, and what to do."""
    name = command[0]
    match error:
        case FileNotFoundError():
            cure = (
                "give the full path of a program that is there (a script needs its #! line's too)"
            )
        case PermissionError():
            cure = "make it executable for the user that ephyrad runs as (chmod +x)"
        case OSError(errno=8):
            cure = "it is no program: begin the script with a #! line"
        case OSError(errno=7):
            cure = "the nodes of the wave do not fit into EPHYRA_NODES: make the waves smaller"
        case _:
            cure = "mend that, then have the gate tried again"
    cause = getattr(error, "strerror", None) or error
    return Verdict(Result.UNCLEAR, f"{name} cannot be run: {cause}; {cure}")
