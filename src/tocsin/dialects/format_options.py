"""What a source's options tell its format, and how much that may be."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.values import type_name

BYTES_LIMIT: Final = 16 * 1024
DEPTH_LIMIT: Final = 8


def check(options: Mapping[str, object]) -> None:
    """Refuse options that are too many.

    Args:
        options: JSON values by name.

    Raises:
        BadPayload: as JSON they are too long or nested too deep, or a text in them cannot be stored.
    """
    encoded = msgspec.json.encode(options)
    if len(encoded) > BYTES_LIMIT:
        raise BadPayload(f"expected at most {BYTES_LIMIT} bytes of JSON")
    try:
        json_body.decode(encoded, depth=DEPTH_LIMIT)
    except BadPayload as fault:
        raise BadPayload(str(fault).replace("the body", "it")) from None


def flag(options: Mapping[str, object], name: str) -> bool:
    """Give an option that is true or false; false where it is missing.

    Raises:
        BadPayload: it is something else.
    """
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise BadPayload(f"the option {name} must be true or false, not {type_name(value)}")
    return value


def path(options: Mapping[str, object], name: str) -> list[str]:
    """Give an option that is a path, names joined by dots, as its names; none where it is missing or empty.

    Raises:
        BadPayload: it is something else, or of more than eight names.
    """
    value = options.get(name, "")
    if not isinstance(value, str):
        raise BadPayload(f"the option {name} must be a text, not {type_name(value)}")
    names = value.split(".") if value else []
    if len(names) > DEPTH_LIMIT:
        raise BadPayload(f"the option {name} has more than {DEPTH_LIMIT} names")
    return names
