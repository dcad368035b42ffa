"""A JSON object of a payload, read by name: what is needed and missing is a fault that says where."""

from collections.abc import Iterator
from typing import Any

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.times import read_time
from tocsin.dialects.values import is_web_address, text_of, type_name


class Document:
    """A JSON object. What is not needed may be missing, null or of any type; nothing of it is changed.

    Args:
        value: as its JSON was read.
        path: to it in the payload, such as `alerts[0].labels`; '' for the payload itself.

    Attributes:
        values: of the object, by name.

    Raises:
        BadPayload: the value is no object.
    """

    __slots__ = ("_path", "values")

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise BadPayload(f"{path or 'the body'} must be a JSON object, not {type_name(value)}")
        self.values: dict[str, Any] = value
        self._path = path

    def path(self, name: str) -> str:
        """Give the path to a value."""
        return f"{self._path}.{name}" if self._path else name

    def text(self, *names: str) -> str:
        """Give the first of these values that is not empty, as text; '' where there is none."""
        for name in names:
            text = text_of(self.values.get(name))
            if text:
                return text
        return ""

    def need(self, *names: str) -> str:
        """Give the first of these values that is not empty, as text.

        Raises:
            BadPayload: there is none.
        """
        text = self.text(*names)
        if not text:
            raise BadPayload(f"{' or '.join(map(self.path, names))} is missing")
        return text

    def address(self, *names: str) -> str:
        """Give the first of these values that is a web address; '' where there is none."""
        return next(filter(is_web_address, (self.text(name) for name in names)), "")

    def time(self, *names: str) -> int:
        """Give the first of these values that is a time, in microseconds UTC; 0 where there is none."""
        return next(filter(None, (read_time(self.values.get(name)) for name in names)), 0)

    def part(self, name: str) -> "Document":
        """Give the object with this name; an empty one where there is none."""
        value = self.values.get(name)
        return Document(value if isinstance(value, dict) else {}, self.path(name))

    def need_part(self, name: str) -> "Document":
        """Give the object with this name.

        Raises:
            BadPayload: there is none.
        """
        return Document(self.values.get(name), self.path(name))

    def parts(self, name: str) -> list["Document"]:
        """Give the objects in the array with this name; what else is in it is passed over."""
        value = self.values.get(name)
        return list(self._objects(name, value)) if isinstance(value, list) else []

    def items(self, name: str) -> list[object]:
        """Give the array with this name.

        Raises:
            BadPayload: there is none.
        """
        value = self.values.get(name)
        if not isinstance(value, list):
            raise BadPayload(f"{self.path(name)} must be an array, not {type_name(value)}")
        return value

    def texts(self, *names: str) -> dict[str, str]:
        """Give the values as text, by name, without those that are empty.

        Args:
            names: which of them; all of them where none is named.
        """
        found = ((name, text_of(self.values.get(name))) for name in names or self.values)
        return {name: text for name, text in found if name and text}

    def embedded(self, name: str) -> "Document":
        """Give the object that stands with this name as a JSON text.

        Raises:
            BadPayload: it is no JSON text of an object.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            raise BadPayload(f"{self.path(name)} must be a JSON text, not {type_name(value)}")
        try:
            return Document(json_body.decode(value.encode()), self.path(name))
        except BadPayload as fault:
            raise BadPayload(f"{self.path(name)}: {fault}".replace("the body", "the text")) from None

    def _objects(self, name: str, values: list[object]) -> Iterator["Document"]:
        for index, value in enumerate(values):
            if isinstance(value, dict):
                yield Document(value, f"{self.path(name)}[{index}]")
