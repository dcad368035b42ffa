"""A request in the native shape -> signals: one object, a JSON array, or lines of JSON."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native.item import KINDS, Item, signal_of, with_labels
from tocsin.dialects.parsed import ITEMS_LIMIT, Parsed
from tocsin.model.severity import SEVERITIES
from tocsin.model.signal import Signal
from tocsin.model.submission import Refusal

FORMAT: Final = "native"

_ITEMS: Final = msgspec.json.Decoder(list[Item])
_TRAILING: Final = "trailing characters"
_CHOICES: Final = {"kind": KINDS, "severity": ", ".join(SEVERITIES)}


class Items(msgspec.Struct):
    """The items of a request and the source that each names.

    Attributes:
        signals: in order, each with its index.
        source_ids: for each signal the source it names, '' for none.
        refusals: the items that are no signal.
        single: True where the request was one object, so that its fault is the request's.
    """

    signals: list[Signal]
    source_ids: list[str]
    refusals: list[Refusal]
    single: bool = False


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Read a document that is one item or an array of items.

    Raises:
        BadPayload: it is neither, or its only item is bad.
    """
    items = of_document(document)
    if items.single and items.refusals:
        raise BadPayload(items.refusals[0].reason)
    return Parsed(FORMAT, items.signals, items.refusals)


def of_body(body: bytes, *, lines: bool) -> Items:
    """Read a body.

    Args:
        body: the request's, decompressed.
        lines: it is one JSON text a line (NDJSON).

    Raises:
        BadPayload: it is not JSON, or no item nor an array of items.
    """
    if lines:
        return _of_lines(body)
    quick = _quickly(body)
    if quick is not None:
        return quick
    try:
        document = json_body.decode(body)
    except BadPayload as fault:
        hint = "; lines of JSON need Content-Type: application/x-ndjson" if _TRAILING in str(fault) else ""
        raise BadPayload(f"{fault}{hint}") from None
    return of_document(document)


def of_document(document: object) -> Items:
    """Read a decoded document: one item or an array of items.

    Raises:
        BadPayload: it is neither.
    """
    if isinstance(document, dict):
        items = _of_list([document])
        items.single = True
        return items
    if isinstance(document, list):
        return _of_list(document)
    raise BadPayload("neither an event (a JSON object) nor an array of events")


def _quickly(body: bytes) -> Items | None:
    """Read an array of faultless items without unknown fields in one step; None where it is anything else."""
    if b"\\u0000" in body:
        return None
    try:
        items = _ITEMS.decode(body)
        _limit(len(items))
        signals = [signal_of(item, index) for index, item in enumerate(items)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadPayload):
        return None
    return Items(signals, [item.source_id for item in items], [])


def _of_list(documents: list[Any]) -> Items:
    _limit(len(documents))
    items = Items([], [], [])
    for index, document in enumerate(documents):
        _add(items, document, index)
    return items


def _of_lines(body: bytes) -> Items:
    lines = list(filter(bytes.strip, body.split(b"\n")))
    if not lines:
        raise BadPayload("the body is empty")
    _limit(len(lines))
    items = Items([], [], [])
    for index, line in enumerate(lines):
        try:
            _add(items, json_body.decode(line), index)
        except BadPayload as fault:
            items.refusals.append(Refusal(index, str(fault)))
    return items


def _limit(count: int) -> None:
    if count > ITEMS_LIMIT:
        raise BadPayload(f"{count} events in one request: at most {ITEMS_LIMIT} are taken")


def _add(items: Items, document: object, index: int) -> None:
    try:
        if not isinstance(document, dict):
            raise BadPayload("not an event: a JSON object is expected")
        item = msgspec.convert(with_labels(document), Item)
        items.signals.append(signal_of(item, index))
        items.source_ids.append(item.source_id)
    except msgspec.ValidationError as fault:
        items.refusals.append(Refusal(index, _reason(fault)))
    except BadPayload as fault:
        items.refusals.append(Refusal(index, str(fault)))


def _reason(fault: msgspec.ValidationError) -> str:
    """Put the place of a fault before what is wrong: `key: expected `str`, got `int``."""
    text, _, place = str(fault).partition(" - at ")
    path = place.rpartition("$.")[2].rstrip("`")
    if path in _CHOICES and text.startswith("Invalid enum value"):
        return f"{path}: expected one of {_CHOICES[path]}"
    text = text[0].lower() + text[1:]
    return f"{path}: {text}" if path else text
