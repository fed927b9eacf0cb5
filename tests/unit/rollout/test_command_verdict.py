# SPDX-License-Identifier: Apache-2.0
"""What a command's end says."""

from datetime import timedelta

import pytest

from ephyrad.rollout.command_verdict import Ended, of_end, of_no_start
from ephyrad.rollout.verdict import Result

COMMAND = ("/srv/smoke", "--all")


@pytest.mark.parametrize(
    ("ended", "result", "words"),
    [
        (Ended(0), Result.PASS, "/srv/smoke ended with status 0"),
        (Ended(1), Result.FAIL, "/srv/smoke ended with status 1"),
        (Ended(255), Result.FAIL, "/srv/smoke ended with status 255"),
        (
            Ended(126),
            Result.UNCLEAR,
            (
                "/srv/smoke ended with status 126, by which a shell says that a program could not"
                " be executed: see its output"
            ),
        ),
        (
            Ended(127),
            Result.UNCLEAR,
            (
                "/srv/smoke ended with status 127, by which a shell says that a program was not"
                " found: see its output"
            ),
        ),
        (
            Ended(9, "SIGKILL"),
            Result.UNCLEAR,
            "/srv/smoke was ended by SIGKILL: look who sent it",
        ),
        (
            Ended(0, in_time=False),
            Result.UNCLEAR,
            "/srv/smoke did not end within 0:01:30 and was ended: give it more time, or mend it",
        ),
        (
            Ended(15, "SIGTERM", in_time=False),
            Result.UNCLEAR,
            "/srv/smoke did not end within 0:01:30 and was ended: give it more time, or mend it",
        ),
    ],
)
def test_an_end_says(ended: Ended, result: Result, words: str) -> None:
    verdict = of_end(COMMAND, timedelta(seconds=90), ended)

    assert (result, words) == (verdict.result, verdict.words)


def test_output_that_is_no_text_is_kept_as_far_as_it_can_be_read() -> None:
    verdict = of_end(COMMAND, timedelta(1), Ended(1, output=b"caf\xc3\xa9 \xff\r\nend\x1b[0m"))

    assert verdict.output == "caf\u00e9 \ufffd\nend\\x1b[0m"


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (FileNotFoundError(2, "No such file or directory"), "give the full path"),
        (PermissionError(13, "Permission denied"), "chmod +x"),
        (OSError(8, "Exec format error"), "begin the script with a #! line"),
        (OSError(7, "Argument list too long"), "make the waves smaller"),
        (OSError(12, "Cannot allocate memory"), "have the gate tried again"),
        (ValueError("embedded null byte"), "have the gate tried again"),
    ],
)
def test_what_cannot_be_started_is_unclear_and_has_a_cure(
    error: OSError | ValueError, cure: str
) -> None:
    verdict = of_no_start(COMMAND, error)

    assert verdict.result is Result.UNCLEAR
    assert verdict.words.startswith("/srv/smoke cannot be run: ")
    assert cure in verdict.words
