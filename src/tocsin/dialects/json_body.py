"""JSON bodies: bytes from anywhere -> plain Python values that can be stored, or a clear refusal."""

import re
from collections.abc import Iterable
from typing import Any, Final, NoReturn, TypeAlias

import msgspec

from tocsin.dialects.errors import BadPayload

DEPTH_LIMIT: Final = 64

_Container: TypeAlias = dict[str, object] | list[object]

_DECODER: Final = msgspec.json.Decoder()
_LONE_SURROGATE: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_HAS_NUL: Final = "a text holds NUL (\\u0000), which cannot be stored"


def decode(body: bytes, *, depth: int = DEPTH_LIMIT) -> Any:
    """Read a JSON text (RFC 8259), whatever its Content-Type said.

    Integers of up to 4299 digits stay exact; other numbers become floats. Of a key that occurs twice the last
    one counts.

    Args:
        body: the request's body, decompressed.
        depth: how many arrays and objects may stand in each other; `[]` is one deep.

    Raises:
        BadPayload: empty, not UTF-8, not JSON (NaN and Infinity are none), a number out of range, nested too
            deep, or a text with NUL or half a surrogate pair in it, neither of which can be stored.
    """
    try:
        document = _DECODER.decode(body)
    except RecursionError:
        raise BadPayload(_too_deep(depth)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _explain(body, error)
    # Both are rare: the bytes are searched first, since that costs next to nothing.
    if b"\\u0000" in body and _holds_nul(document):
        raise BadPayload(_HAS_NUL)
    if body.count(b"[") + body.count(b"{") > depth and _is_deeper(document, depth):
        raise BadPayload(_too_deep(depth))
    return document


def _explain(body: bytes, error: Exception) -> NoReturn:
    if not body.strip():
        raise BadPayload("the body is empty") from None
    if b"\x00" in body:
        raise BadPayload(f"the body holds NUL (byte {body.index(0)})") from None
    try:
        body.decode()
    except UnicodeDecodeError as found:
        raise BadPayload(f"the body is not UTF-8 (byte {found.start})") from None
    lone = _LONE_SURROGATE.search(body)
    if lone is not None:
        raise BadPayload(f"a text holds half a surrogate pair (byte {lone.start()})") from None
    if isinstance(error, msgspec.ValidationError):
        raise BadPayload("a number in the body is out of range") from None
    reason = str(error).replace("Input data was truncated", "it ends too early")
    raise BadPayload(f"the body is not JSON: {reason.removeprefix('JSON is malformed: ')}") from None


def _too_deep(depth: int) -> str:
    return f"the body is nested more than {depth} deep"


def _holds_nul(document: object) -> bool:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value:
                return True
        elif isinstance(value, dict):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


def _is_deeper(document: object, depth: int) -> bool:
    level = _containers([document])
    for _ in range(depth):
        level = [inner for outer in level for inner in _containers(_values(outer))]
    return bool(level)


def _containers(values: Iterable[object]) -> list[_Container]:
    return [value for value in values if isinstance(value, dict | list)]


def _values(container: _Container) -> Iterable[object]:
    return container.values() if isinstance(container, dict) else container
