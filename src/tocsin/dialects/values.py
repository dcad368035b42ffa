"""JSON values as text."""

import json
from typing import Final

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_TYPE_NAMES: Final = {
    dict: "an object",
    list: "an array",
    str: "a text",
    bool: "true or false",
    type(None): "null",
}


def text_of(value: object) -> str:
    """Give any JSON value as text: a text as it is, null as '', everything else as compact JSON."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    return "" if value is None else _ENCODER.encode(value)


def type_name(value: object) -> str:
    """Give the JSON type of a value in words: 'an object', 'a number'."""
    return _TYPE_NAMES.get(type(value), "a number")


def is_web_address(text: str) -> bool:
    """Say whether a text can be offered as a link: other schemes than http and https could run code."""
    return text[:8].lower().startswith(("http://", "https://"))
