"""The fields of one message: taken one by one as text of limited length; the rest become labels."""

import json
from typing import Any, Final

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.victorops.times import read_time

FIELD_LIMIT: Final = 1024

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


class Fields:
    """The fields of one message that nobody has taken yet.

    Args:
        document: the message, as its JSON was read. It is not changed.

    Attributes:
        rest: what is left, in the sender's order.
        remarks: what was changed on the way.

    Raises:
        BadPayload: the document is no object.
    """

    __slots__ = ("remarks", "rest")

    def __init__(self, document: object) -> None:
        if not isinstance(document, dict):
            raise BadPayload(f"the body must be a JSON object, not {type_name(document)}")
        self.rest: dict[str, Any] = document.copy()
        self.remarks: list[str] = []

    def take(self, name: str, limit: int = FIELD_LIMIT) -> str:
        """Take a field as text of at most so many characters; '' where it is missing or null."""
        value = self.rest.pop(name, "")
        if type(value) is not str:
            value = text_of(value)
        return value if len(value) <= limit else self.cut(name, value, limit)

    def cut(self, name: str, text: str, limit: int) -> str:
        """Cut a text and say so in the remarks."""
        self.remarks.append(f"{name} cut at {limit} characters")
        return text[:limit]

    def take_address(self, name: str) -> str:
        """Take a field that holds a web address; '' and not taken where it holds something else."""
        value = self.rest.get(name)
        return self.take(name) if isinstance(value, str) and is_web_address(value) else ""

    def take_time(self, *names: str) -> int:
        """Take the first of these fields that holds a time.

        Missing, null, empty and 0 all mean that the sender names no time. What cannot be read is not taken.

        Returns:
            Microseconds UTC; 0 where none does.
        """
        for name in names:
            value = self.rest.get(name)
            if value is None or value in ("", 0, "0"):
                self.rest.pop(name, None)
                continue
            time = read_time(value)
            if time:
                del self.rest[name]
                return time
            self.remarks.append(f"{name} is no time that can be read: kept as a label")
        return 0


def is_web_address(text: str) -> bool:
    """Say whether a text can be offered as a link: other schemes than http and https could run code."""
    return text[:8].lower().startswith(("http://", "https://"))
