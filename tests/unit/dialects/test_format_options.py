"""Options of a format: bounded in length and depth."""

from typing import Any

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.format_options import BYTES_LIMIT, check


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
