# SPDX-License-Identifier: Apache-2.0
"""What a verdict keeps of words and output."""

import pytest

from ephyrad.rollout.verdict import LONGEST_OUTPUT, LONGEST_WORDS, Result, Verdict


@pytest.mark.parametrize(
    ("result", "passed"), [(Result.PASS, True), (Result.FAIL, False), (Result.UNCLEAR, False)]
)
def test_only_a_pass_has_passed(result: Result, passed: bool) -> None:
    assert passed == Verdict(result, "why").passed


def test_words_are_one_bounded_line_without_control_characters() -> None:
    verdict = Verdict(Result.FAIL, "a\nb \x1b[2J " + "c" * 1000)

    assert verdict.words.startswith(r"a b \x1b[2J ccc")
    assert len(verdict.words) == LONGEST_WORDS


def test_output_keeps_its_lines_and_nothing_that_steers_a_terminal() -> None:
    verdict = Verdict(Result.PASS, "", "one\n\ttwo\x1b]0;title\x07\x00")

    assert verdict.output == "one\n\ttwo\\x1b]0;title\\x07\\x00"


def test_of_long_output_the_end_is_kept() -> None:
    verdict = Verdict(Result.PASS, "", "x" * 100_000 + "the point")

    assert len(verdict.output) == LONGEST_OUTPUT
    assert verdict.output.startswith("[what came before is left out]\n")
    assert verdict.output.endswith("xthe point")


def test_a_verdict_that_is_made_again_of_its_own_text_is_the_same() -> None:
    verdict = Verdict(Result.FAIL, "a\x1b" * 400, "b\x00\n" * 10_000)

    assert verdict == Verdict(verdict.result, verdict.words, verdict.output)
