"""JSON bodies: what is kept exactly, and what is refused with which words."""

import json
import math
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.json_body import decode

# Text without NUL and without half surrogate pairs: what can be stored.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
TOKENS = (
    "[",
    "]",
    "{",
    "}",
    '"',
    '"a"',
    ":",
    ",",
    "1",
    "0",
    "-",
    ".5",
    "e3",
    "true",
    "null",
    " ",
    "\\n",
    "\n",
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=30)


def refusal(body: bytes, depth: int = 64) -> str:
    with pytest.raises(BadPayload) as caught:
        decode(body, depth=depth)
    return str(caught.value)


@given(JSON, st.booleans())
def test_whatever_json_can_say_comes_out_as_it_is(value: object, ascii_only: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.lists(st.sampled_from(TOKENS)).map("".join))
def test_what_is_json_is_what_the_standard_library_reads(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        assert refusal(text.encode()).startswith("the body is ")
    else:
        assert decode(text.encode()) == expected


@given(st.binary())
def test_no_bytes_break_it(body: bytes) -> None:
    try:
        document = decode(body)
    except BadPayload as refused:
        document = str(refused)
    assert document is None or isinstance(document, bool | int | float | str | list | dict)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b" \r\n\t", "the body is empty"),
        (b'{"a": "\xff"}', "the body is not UTF-8 (byte 7)"),
        (b'{"\xc3": 1}', "the body is not UTF-8 (byte 2)"),
        (b'{"a": "\xed\xa0\x80"}', "the body is not UTF-8 (byte 7)"),
        (b'{"a": "\x00"}', "the body holds NUL (byte 7)"),
        (b"\x00{}", "the body holds NUL (byte 0)"),
        ('{"a": 1}'.encode("utf-16-le"), "the body holds NUL (byte 1)"),
        (rb'{"a": "x\u0000y"}', "a text holds NUL (\\u0000), which cannot be stored"),
        (rb'{"a": [1, {"\u0000": 1}]}', "a text holds NUL (\\u0000), which cannot be stored"),
        (rb'{"a": "\ud83d"}', "a text holds half a surrogate pair (byte 7)"),
        (rb'{"a": "\uD83D\u0041"}', "a text holds half a surrogate pair (byte 7)"),
        (b'{"a": }', "the body is not JSON: invalid character (byte 6)"),
        (b'{"a": 1', "the body is not JSON: it ends too early"),
        (b"{'a': 1}", "the body is not JSON: object keys must be strings (byte 1)"),
        (b'{"a": 1} x', "the body is not JSON: trailing characters (byte 10)"),
        (b'{"a": "x\ny"}', "the body is not JSON: invalid character (byte 8)"),
        (b"message_type=CRITICAL", "the body is not JSON: invalid character (byte 0)"),
        (b"\x1f\x8b\x08", "the body is not UTF-8 (byte 1)"),
        (b'{"a": NaN}', "the body is not JSON: invalid character (byte 6)"),
        (b'{"a": Infinity}', "the body is not JSON: invalid character (byte 6)"),
        (b'{"a": -Infinity}', "the body is not JSON: invalid character (byte 7)"),
        (b'{"a": 1e999}', "a number in the body is out of range"),
        (b"[" + b"9" * 5000 + b"]", "a number in the body is out of range"),
    ],
)
def test_the_refusal_says_what_is_wrong_and_where(body: bytes, words: str) -> None:
    assert refusal(body) == words


def test_a_low_surrogate_alone_is_refused() -> None:
    assert "surrogate" in refusal(rb'{"a": "\udc00"}')


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert decode(rb'"\ud83d\udd14"') == "\N{BELL}"


def test_the_letters_of_an_escape_are_no_nul() -> None:
    assert decode(rb'{"path": "C:\\u0000"}') == {"path": "C:\\u0000"}


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'[{"a":'])
def test_a_hundred_thousand_brackets_are_refused(opened: bytes) -> None:
    assert refusal(opened * 100_000) == "the body is nested more than 64 deep"


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_the_depth_is_counted_exactly(left: bytes, right: bytes) -> None:
    def nested(depth: int) -> bytes:
        return left * depth + b"1" + right * depth

    assert msgspec.json.encode(decode(nested(64))) == nested(64)
    assert refusal(nested(65)) == "the body is nested more than 64 deep"
    assert decode(nested(3), depth=3)
    assert refusal(nested(4), depth=3) == "the body is nested more than 3 deep"


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert decode(b"[" + b",".join([b'{"a": [1]}'] * 1000) + b"]") == [{"a": [1]}] * 1000


def test_brackets_in_a_text_are_not_deep() -> None:
    assert decode(b'"' + b"[" * 1000 + b'"') == "[" * 1000


@pytest.mark.parametrize("power", [18, 19, 20, 300, 4298])
@pytest.mark.parametrize("sign", [1, -1])
def test_great_integers_stay_exact(power: int, sign: int) -> None:
    number = sign * (10**power + 1)
    assert decode(b'{"n": %d}' % number) == {"n": number}


def test_other_numbers_are_floats() -> None:
    largest = sys.float_info.max
    numbers = decode(f"[0.1, 1e3, -0.0, {largest!r}]".encode())
    assert numbers == [0.1, 1000.0, 0.0, largest]
    assert math.copysign(1, numbers[2]) == -1


def test_the_last_of_two_equal_keys_counts() -> None:
    assert decode(b'{"a": 1, "a": 2}') == {"a": 2}
