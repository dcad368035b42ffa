import base64

import pytest

from tocsin.query.cursor import CursorError, decode_cursor, encode_cursor


def of(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "keys", [(42,), ("Straße ☃", 42), ("", 0), (-(2**63), 2**63 - 1), ("a" * 1024, 1), ('"\\\n', 2)]
)
def test_a_cursor_is_read_back(keys: tuple[int | str, ...]) -> None:
    cursor = encode_cursor(keys)
    assert decode_cursor(cursor, [type(key) for key in keys]) == keys
    assert cursor.replace("-", "a").replace("_", "a").isalnum()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "W",
        "Wz QyXQ",
        "Wz+/",
        "É",
        of(b"42"),
        of(b'{"a": 1}'),
        of(b"[null]"),
        of(b"[1.5]"),
        of(b"[true]"),
        of(b"[[1]]"),
        of(b"[42"),
        of(b'["\xff"]'),
        of(b"[" * 100_000),
        of(b"[" + b"9" * 5000 + b"]"),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError, match=r"^expected a cursor that an earlier answer gave$"):
        decode_cursor(cursor, [int])


@pytest.mark.parametrize(
    ("keys", "types"),
    [
        ((42,), [str]),
        (("a",), [int]),
        ((42, 1), [int]),
        ((42,), [int, int]),
        ((2**63,), [int]),
        (("a\0b",), [str]),
    ],
)
def test_a_cursor_of_another_list_is_refused(
    keys: tuple[int | str, ...], types: list[type[int] | type[str]]
) -> None:
    with pytest.raises(CursorError, match=r"^expected a cursor of this list, sorted in the same way$"):
        decode_cursor(encode_cursor(keys), types)
