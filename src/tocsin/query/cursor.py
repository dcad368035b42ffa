"""Cursors: the sort keys of the last row of a page, as an opaque text that fits in a URL."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import msgspec

_INTEGERS: Final = range(-(2**63), 2**63)


class CursorError(ValueError):
    """A cursor that no answer gave out, or one of another list."""


def encode_cursor(keys: Sequence[int | str]) -> str:
    """Write the sort keys of a row as a cursor: a JSON array in base64url (RFC 4648) without padding.

    Args:
        keys: the values by which the list is sorted, the last of them unique.
    """
    return base64.urlsafe_b64encode(msgspec.json.encode(keys)).rstrip(b"=").decode()


def decode_cursor(cursor: str, types: Sequence[type[int] | type[str]]) -> tuple[int | str, ...]:
    """Read the sort keys from a cursor.

    Args:
        cursor: as `encode_cursor` wrote it.
        types: int or str for each sort key, in their order.

    Raises:
        CursorError: it is damaged, or its keys are not of these types.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        written = base64.b64decode(padded, altchars=b"-_", validate=True)
        keys = msgspec.json.decode(written, type=tuple[int | str, ...])
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise CursorError("expected a cursor that an earlier answer gave") from error
    if len(keys) != len(types) or not all(map(_is_key, keys, types)):
        raise CursorError("expected a cursor of this list, sorted in the same way")
    return keys


def _is_key(key: int | str, wanted: type[int] | type[str]) -> bool:
    """Say whether a key has its type and is a value that a database takes."""
    return isinstance(key, wanted) and (key in _INTEGERS if isinstance(key, int) else "\0" not in key)
