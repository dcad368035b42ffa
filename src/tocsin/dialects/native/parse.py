"""A request in the native shape -> signals: one object, a JSON array, or lines of JSON."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native.item import Item, signal_of, with_labels
from tocsin.dialects.parsed import Parsed
from tocsin.model.recording import Refusal
from tocsin.model.signal import Signal

FORMAT: Final = "native"

_ITEMS: Final = msgspec.json.Decoder(list[Item])


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


def parse(document: object, _: Mapping[str, str]) -> Parsed:
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
    return quick if quick is not None else of_document(json_body.decode(body))


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
        signals = [signal_of(item, index) for index, item in enumerate(items)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadPayload):
        return None
    return Items(signals, [item.source_id for item in items], [])


def _of_list(documents: list[Any]) -> Items:
    items = Items([], [], [])
    for index, document in enumerate(documents):
        _add(items, document, index)
    return items


def _of_lines(body: bytes) -> Items:
    items = Items([], [], [])
    for index, line in enumerate(filter(bytes.strip, body.split(b"\n"))):
        try:
            _add(items, json_body.decode(line), index)
        except BadPayload as fault:
            items.refusals.append(Refusal(index, str(fault)))
    if not items.signals and not items.refusals:
        raise BadPayload("the body is empty")
    return items


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
    text, _, path = str(fault).partition(" - at `$.")
    text = text[0].lower() + text[1:]
    return f"{path.rstrip('`')}: {text}" if path else text
