# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.environment.masks import do_agree, is_alike


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("hush", "******"),
        (["a", "b"], "******"),
        ("x password=hu\nsh y", "x password=****** y"),
        ("a=1 b=2", "a=****** b=******"),
        ({"users": [{"password": "hush", "n": 1}]}, {"users": [{"password": "******", "n": 1}]}),
        ({"a": None}, {"a": None}),
    ],
)
def test_a_mask_hides_anything(wanted: object, found: object) -> None:
    assert is_alike(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("hush", "hash"),
        ("******", "hush"),
        ("x password=hush z", "x password=****** y"),
        ({"password": "hush", "n": 1}, {"password": "******", "n": 2}),
        ({"password": "hush"}, {"password": "******", "n": 2}),
        (["a"], ["******", "b"]),
        (1, "1"),
    ],
)
def test_what_is_not_hidden_is_compared(wanted: object, found: object) -> None:
    assert not is_alike(wanted, found)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ({"a": ["******", 1]}, {"a": [{"b": 1}, 1]}, True),
        ({"a": 1, "b": "******"}, {"a": "******", "b": 2}, True),
        ({"a": "******"}, {"a": "x", "b": 2}, False),
        ({"a": ["******"]}, {"a": ["x", "y"]}, False),
        ({"a": "******", "b": 1}, {"a": "x", "b": 2}, False),
    ],
)
def test_what_neither_hides_is_compared(one: object, other: object, *, agree: bool) -> None:
    assert do_agree(one, other) is agree
    assert do_agree(other, one) is agree
