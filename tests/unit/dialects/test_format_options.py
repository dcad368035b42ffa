"""Options of a format: bounded in length and depth, and of the type that they have to be."""

from typing import Any

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.format_options import BYTES_LIMIT, check, flag, path


@pytest.mark.parametrize("options", [{}, {"a": [1, None, {"b": 2.5}]}, {"a": "x" * (BYTES_LIMIT - 8)}])
def test_what_fits_is_taken(options: dict[str, Any]) -> None:
    check(options)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"a": "x" * BYTES_LIMIT}, "expected at most 16384 bytes of JSON"),
        ({"a": [[[[[[[[]]]]]]]]}, "it is nested more than 8 deep"),
        ({"a": "\x00"}, "a text holds NUL (\\u0000), which cannot be stored"),
    ],
)
def test_what_is_too_much_is_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        check(options)
    assert str(caught.value) == reason


def test_an_option_has_its_type_or_is_missing() -> None:
    assert [flag(options, "x") for options in ({}, {"x": False}, {"x": True})] == [False, False, True]
    assert [path(options, "x") for options in ({}, {"x": ""}, {"x": "a.b"})] == [[], [], ["a", "b"]]


@pytest.mark.parametrize("value", [None, 0, "true", []])
def test_a_flag_is_true_or_false(value: object) -> None:
    with pytest.raises(BadPayload, match="the option x must be true or false, not "):
        flag({"x": value}, "x")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "the option x must be a text, not null"),
        (["a"], "the option x must be a text, not an array"),
        ("a.a.a.a.a.a.a.a.a", "the option x has more than 8 names"),
    ],
)
def test_a_path_is_a_text_of_few_names(value: object, reason: str) -> None:
    with pytest.raises(BadPayload) as caught:
        path({"x": value}, "x")
    assert str(caught.value) == reason
