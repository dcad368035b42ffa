"""Answers in the format that is asked for: JSON, unless it is XML or YAML."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import yaml

from tocsin.dialects.asgi import encode

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Format(NamedTuple):
    """How answers are written.

    Attributes:
        media_type: as the header names it.
        write: makes bytes of a document: mappings, lists, texts and numbers.
    """

    media_type: bytes
    write: Callable[[Any], bytes]


def _write_yaml(document: Any) -> bytes:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, encoding="utf-8", allow_unicode=True, sort_keys=False)


def _write_xml(document: Any) -> bytes:
    """Write XML: a member is an element of its name, and a list that many of them."""
    root = Element("opt")
    _fill(root, document)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: Element, value: Any) -> None:
    if not isinstance(value, Mapping):
        element.text = _NOT_IN_XML.sub("\ufffd", str(value))
        return
    for name, member in value.items():
        for each in member if isinstance(member, list) else [member]:
            _fill(SubElement(element, name), each)


JSON: Final = Format(b"application/json", encode)
_JSON_TYPES: Final = frozenset({"application/json", "application/*", "*/*"})
_OTHERS: Final = {
    "text/xml": Format(b"text/xml; charset=utf-8", _write_xml),
    "text/x-yaml": Format(b"text/x-yaml; charset=utf-8", _write_yaml),
}


def wanted(accept: str) -> Format:
    """Give the format that an Accept header asks for first (RFC 9110); JSON where it asks for another."""
    best, quality = JSON, 0.0
    for item in accept.split(","):
        media_type, *options = (part.strip().lower() for part in item.split(";"))
        found = JSON if media_type in _JSON_TYPES else _OTHERS.get(media_type)
        if found is not None and (given := _quality(options)) > quality:
            best, quality = found, given
    return best


def _quality(options: list[str]) -> float:
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
