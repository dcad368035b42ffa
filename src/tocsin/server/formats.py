"""The formats: what understands the payloads of each, and which one a document looks like."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tocsin.dialects.native import parse as native
from tocsin.dialects.parsed import Parsed, Parser
from tocsin.dialects.reception import AUTO
from tocsin.dialects.victorops import endpoints as victorops
from tocsin.dialects.victorops.parse import parse as parse_victorops
from tocsin.dialects.victorops.parse import recognises as is_victorops


class Format(NamedTuple):
    """One format.

    Attributes:
        parse: what understands its payloads.
        recognises: says whether a document looks like one of them.
    """

    parse: Parser
    recognises: Callable[[object], bool]


def _victorops(document: object, context: Mapping[str, str], _: Mapping[str, object]) -> Parsed:
    return Parsed(victorops.FORMAT, [parse_victorops(document, context.get("routing_key", ""))])


_TABLE: Final[Mapping[str, Format]] = {
    victorops.FORMAT: Format(_victorops, is_victorops),
}
"""In the order in which they are asked: what has the more particular marks comes first."""

PARSERS: Final[Mapping[str, Parser]] = {
    native.FORMAT: native.parse,
    **{name: each.parse for name, each in _TABLE.items()},
}
"""By format: what understands its payloads."""

FORMATS: Final = (AUTO, *PARSERS)
"""What a source's format can be."""


def detect(document: object) -> str:
    """Give the format that a document looks like; native where it looks like no other."""
    return next((name for name, each in _TABLE.items() if each.recognises(document)), native.FORMAT)
