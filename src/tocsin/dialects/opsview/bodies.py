"""The body of a request in the format that its Content-Type names -> plain values.

Whichever format it comes in, it is a mapping, a list or a text; JSON alone has numbers and truth values too.
"""

import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

import msgspec
import yaml
from defusedxml import DefusedXmlException, ElementTree

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.parameters import Parameters, of_document, of_form

SLOW_BYTES: Final = 1024 * 1024
"""So large may YAML and XML be, which are slow to read."""

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_STRING_OR_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|,(?=\s*[}\]])', re.DOTALL)
_encode: Final = msgspec.json.Encoder().encode


def read(content_type: str, body: bytes) -> tuple[Any, Parameters]:
    """Read a body.

    Args:
        content_type: as the header says it; '' for JSON or a form, whichever it is.
        body: decompressed.

    Returns:
        The document, None for an empty body or a form; and the parameters that it gives.

    Raises:
        BadPayload: it is not what its Content-Type says, or cannot be stored.
        OpsviewError: it is of no type that is read here (415), or too large for it (413); or a form that
            cannot be read.
    """
    if not body.strip():
        return None, Parameters({})
    media_type = content_type.partition(";")[0].strip().lower() or _FORM
    # curl says that it sends a form, whatever it sends.
    if media_type == _FORM and body.lstrip()[:1] in {b"{", b"["}:
        media_type = _JSON
    if media_type == _FORM:
        return None, of_form(body.strip())
    reader = _READERS.get(media_type)
    if reader is None:
        known = ", ".join((_FORM, *_READERS))
        raise OpsviewError(415, f"a body of type {media_type} is not read here", f"one of {known} is")
    document = reader(body)
    return document, of_document(document)


def read_json(body: bytes) -> Any:
    """Read JSON (RFC 8259), with commas before a closing bracket let pass.

    Raises:
        BadPayload: it is none, or cannot be stored.
    """
    try:
        return json_body.decode(body)
    except BadPayload:
        text = body.decode(errors="surrogateescape")
        relaxed = _STRING_OR_COMMA.sub(lambda found: "" if found[0] == "," else found[0], text)
        if relaxed == text:
            raise
        return json_body.decode(relaxed.encode(errors="surrogateescape"))


class _Texts(yaml.CSafeLoader):
    """Reads every scalar of YAML as a text, but for null."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it as it is
        first: [each for each in resolvers if each[0] == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _read_yaml(body: bytes) -> Any:
    """Read one YAML document without aliases, which can make a huge one of a few bytes."""
    _check_size(body)
    try:
        depth = 0
        for event in yaml.parse(body, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise BadPayload("an alias of YAML (*) is not taken")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > json_body.DEPTH_LIMIT:
                raise BadPayload(f"the body is nested more than {json_body.DEPTH_LIMIT} deep")
        return _storable(yaml.load(body, Loader=_Texts))  # noqa: S506 - a safe loader's child
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" (line {place.line + 1})" if place is not None else ""
        raise BadPayload(f"the body is not YAML{where}") from None
    except ValueError:  # what an explicit tag does not hold
        raise BadPayload("the body is YAML with a value that its tag does not allow") from None


def _read_xml(body: bytes) -> Any:
    """Read XML: an element's attributes and children are its members; of those that share a name a list."""
    _check_size(body)
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ParseError, LookupError, ValueError) as error:
        if isinstance(error, DefusedXmlException):
            raise BadPayload("XML with a DTD or entities of its own is not taken") from None
        raise BadPayload(f"the body is not XML: {error}") from None
    return _storable(_members(root, json_body.DEPTH_LIMIT))


def _members(element: Element, depth: int) -> Any:
    if depth == 0:
        raise BadPayload(f"the body is nested more than {json_body.DEPTH_LIMIT} deep")
    found: dict[str, Any] = dict(element.attrib)
    lists: set[str] = set()
    for child in element:
        name, value = child.tag, _members(child, depth - 1)
        if name in lists:
            found[name].append(value)
        elif name in found:
            found[name] = [found[name], value]
            lists.add(name)
        else:
            found[name] = value
    return found or (element.text or "").strip()


def _storable(document: Any) -> Any:
    """Give a document as JSON could have said it.

    Raises:
        BadPayload: JSON cannot, or a text in it cannot be stored.
    """
    try:
        return json_body.decode(_encode(document))
    except TypeError:
        raise BadPayload("the body holds a key that is no text") from None


def _check_size(body: bytes) -> None:
    if len(body) > SLOW_BYTES:
        raise OpsviewError(413, f"the body is larger than {SLOW_BYTES} bytes: send JSON")


_READERS: Final[dict[str, Callable[[bytes], Any]]] = {
    _JSON: read_json,
    "text/json": read_json,
    "text/x-json": read_json,
    "text/x-yaml": _read_yaml,
    "text/yaml": _read_yaml,
    "application/yaml": _read_yaml,
    "application/x-yaml": _read_yaml,
    "text/xml": _read_xml,
    "application/xml": _read_xml,
}
