"""The check results of NRDP -> signals. Its XML is read into the shape of its JSON."""

from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from tocsin.dialects.check_result import check_result
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, each
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.signal import Signal

FORMAT: Final = "nrdp"
_RESULTS: Final = "checkresults"
_HOST: Final = "host"
_ACTIVE: Final = "0"


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Read check results as NRDP's JSONDATA has them.

    Raises:
        BadPayload: they are none, or the only one cannot be read.
    """
    return each(FORMAT, Document(document), _RESULTS, _signal)


def recognises(document: object) -> bool:
    """Say whether a document looks like check results of NRDP."""
    return isinstance(document, dict) and isinstance(document.get(_RESULTS), list)


def of_xml(text: str) -> dict[str, Any]:
    """Read NRDP's XMLDATA into the shape of its JSONDATA. Entities and DTDs are refused.

    Raises:
        BadPayload: it is no XML, or not of this shape.
    """
    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise BadPayload("XMLDATA: a DTD or an entity is not read") from None
    except (ParseError, ValueError) as fault:
        raise BadPayload(f"XMLDATA is not XML: {fault}") from None
    if root.tag != _RESULTS:
        raise BadPayload(f"XMLDATA: expected <{_RESULTS}>, not <{root.tag}>")
    results: list[dict[str, Any]] = []
    for element in root:
        members: dict[str, Any] = {child.tag: child.text or "" for child in element}
        results.append({"checkresult": dict(element.attrib), **members})
    return {_RESULTS: results}


def _signal(result: Document) -> Signal:
    what = Document(result.values.get("checkresult") or {}, result.path("checkresult"))
    host = result.need("hostname")
    is_of_host = what.text("type") == _HOST
    service = "" if is_of_host else result.need("servicename")
    if max(len(host), len(service)) > NAME_LIMIT:
        raise BadPayload(f"{result.path('hostname')}: a name has at most {NAME_LIMIT} characters")
    states = HOST_STATES if is_of_host else SERVICE_STATES
    number = result.need("state")
    state = next((each for place, each in enumerate(states) if number == str(place)), None)
    if state is None:
        raise BadPayload(f"{result.path('state')}: expected a number from 0 to {len(states) - 1}")
    at = result.time("time") if result.text("time") else 0
    signal = check_result(host, service, state, result.text("output"), at=at, tool=FORMAT)
    signal.is_active = what.text("checktype") == _ACTIVE
    return signal
