"""How much a source's options may tell its format."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload

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
