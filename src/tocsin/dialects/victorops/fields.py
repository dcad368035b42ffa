"""The fields of one message: taken one by one as text of limited length; the rest become labels."""

from typing import Any, Final

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.times import read_time
from tocsin.dialects.values import is_web_address, text_of, type_name

FIELD_LIMIT: Final = 1024


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
