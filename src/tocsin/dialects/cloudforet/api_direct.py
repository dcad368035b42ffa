"""Cloudforet's own format: an event as its clients post it, or made of any JSON by templates."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tocsin.dialects import format_options, json_body
from tocsin.dialects.cloudforet.templates import render
from tocsin.dialects.complete import complete, host_of
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, each, one
from tocsin.dialects.values import is_web_address, text_of, type_name
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal
from tocsin.query.times import microseconds

FORMAT: Final = "cloudforet"
LOAD_JSON: Final = "load_json"
"""The option that names paths at which a text is JSON, and is read as such."""
CONVERT_DATA: Final = "convert_data"
"""The option that gives a template for each field of the event."""

CONFIRM_URL: Final = "confirm_url"
"""The option that names the path of an address to ask for; what has one there is no event."""

_KINDS: Final = {"ALERT": Kind.PROBLEM, "RECOVERY": Kind.RECOVERY, "ERROR": Kind.ERROR}
_SEVERITIES: Final = {
    severity.name: severity
    for severity in (
        *(Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO),
        Severity.NOT_AVAILABLE,
    )
}
_GROUPS: Final = ("resource", "additional_info")
"""Fields that are objects, with a template for each of their own."""
_PATHS_LIMIT: Final = 16
_TEMPLATES_LIMIT: Final = 64
_CONVERTED_BYTES: Final = 256 * 1024
"""Of a payload that templates are given, as JSON."""


def recognises(document: object) -> bool:
    """Say whether a document has the `event_key` and `title` of an event."""
    return isinstance(document, dict) and {"event_key", "title"} <= document.keys()


def parse(document: object, _: Mapping[str, str], options: Mapping[str, object]) -> Parsed:
    """Give the signal of an event.

    Args:
        document: the event, or what its fields are made of.
        options: `load_json` (array of dotted paths), `convert_data` (object of templates) and `confirm_url`
            (dotted path).

    Raises:
        BadPayload: a field is missing or none that an event can have, or an option cannot be followed.
    """
    values = Document(document).values
    for path in _texts(options, LOAD_JSON):
        values = _loaded(values, path.split("."), path)
    href = _at(values, format_options.path(options, CONFIRM_URL))
    if href:
        return _confirmation(href)
    if options.get(CONVERT_DATA):
        values = _converted(values, options[CONVERT_DATA])
    return one(FORMAT, _signal(Document(values)))


def of_plugin(infos: Sequence[Mapping[str, Any]]) -> Parsed:
    """Give the signals of the events that a plugin found in a payload.

    Args:
        infos: each as an EventInfo of a plugin.

    Raises:
        BadPayload: there is too much of it, or its only event is none.
    """
    if not infos:
        return Parsed(FORMAT, [])
    # As if it had come as JSON, so that nothing is taken which cannot be stored.
    document = json_body.decode(msgspec.json.encode({"results": infos}))
    return each(FORMAT, Document(document), "results", _signal)


def _at(values: dict[str, Any], names: list[str]) -> str:
    """Give the text at a path; '' where there is none."""
    found: object = values
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _confirmation(href: str) -> Parsed:
    if not is_web_address(href):
        raise BadPayload(f"the address at {CONFIRM_URL} is no web address")
    signal = Signal(
        kind=Kind.INFO,
        key=href.partition("?")[0],
        severity=Severity.INFO,
        title="An address waits to be confirmed",
        links=[Link(href, "Confirm")],
    )
    return Parsed(FORMAT, [complete(signal)], confirm=href)


def _signal(event: Document) -> Signal:
    kind = _choice(event, "event_type", _KINDS, Kind.PROBLEM)
    default = Severity.CRITICAL if kind is Kind.ERROR else Severity.NONE
    resource = _group(event, "resource")
    info = _group(event, "additional_info").values
    labels = {name: text_of(value) for name, value in info.items()}
    occurred_at, remarks = _time(event.values.get("occurred_at"))
    return Signal(
        kind=kind,
        key=event.need("event_key"),
        severity=_choice(event, "severity", _SEVERITIES, default),
        title=event.need("title"),
        description=event.text("description"),
        host=resource.text("name") or host_of(labels),
        rule=event.text("rule"),
        resource_id=resource.text("resource_id"),
        resource_type=resource.text("resource_type"),
        resource_name=resource.text("name"),
        provider=event.text("provider"),
        account=event.text("account"),
        image_url=event.text("image_url"),
        labels=labels,
        occurred_at=occurred_at,
        remarks=remarks,
    )


def _choice(event: Document, name: str, choices: Mapping[str, Any], default: Any) -> Any:
    text = event.text(name)
    if text and text not in choices:
        raise BadPayload(f"{name} {text[:64]} is none of {', '.join(choices)}")
    return choices.get(text, default)


def _group(event: Document, name: str) -> Document:
    """Give a field that is an object, empty where it is missing.

    Raises:
        BadPayload: it is something else.
    """
    return event.part(name) if event.values.get(name) is None else event.need_part(name)


def _time(value: object) -> tuple[int, list[str]]:
    """Read an ISO 8601 text, in UTC where it says no zone; what is no text says nothing, with a remark."""
    if value is None or value == "":
        return 0, []
    if not isinstance(value, str):
        return 0, [f"occurred_at is {type_name(value)} and no ISO 8601 text: not taken"]
    try:
        moment = datetime.fromisoformat(value)
        found = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadPayload(f"occurred_at {value[:64]} is no ISO 8601 date") from None
    return max(0, found), []


def _texts(options: Mapping[str, object], name: str) -> list[str]:
    given = options.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise BadPayload(f"the option {name} must be an array of texts")
    if len(given) > _PATHS_LIMIT:
        raise BadPayload(f"the option {name} has more than {_PATHS_LIMIT} paths")
    return given


def _loaded(values: dict[str, Any], names: list[str], path: str) -> dict[str, Any]:
    """Give an object with the text at a path read as JSON; what has nothing there stays as it is."""
    first, *rest = names
    value = values.get(first)
    if rest:
        return values | {first: _loaded(value, rest, path)} if isinstance(value, dict) else values
    if not isinstance(value, str) or not value:
        return values
    try:
        return values | {first: json_body.decode(value.encode())}
    except BadPayload as fault:
        raise BadPayload(f"{path}: {fault}".replace("the body", "the text")) from None


def _converted(values: dict[str, Any], templates: object) -> dict[str, Any]:
    """Give the event that templates make, and nothing but what they make."""
    fields = Document(templates, f"the option {CONVERT_DATA}").values
    if len(msgspec.json.encode(values)) > _CONVERTED_BYTES:
        raise BadPayload(f"the payload is longer than {_CONVERTED_BYTES} bytes: too long for {CONVERT_DATA}")
    made: dict[str, Any] = {}
    count = 0
    for name, template in fields.items():
        inner = template if name in _GROUPS and isinstance(template, dict) else {"": template}
        count += len(inner)
        if count > _TEMPLATES_LIMIT:
            raise BadPayload(f"the option {CONVERT_DATA} has more than {_TEMPLATES_LIMIT} templates")
        texts = {key: _rendered(f"{name}.{key}".rstrip("."), each, values) for key, each in inner.items()}
        made[name] = texts if inner is template else texts[""]
    return made


def _rendered(name: str, template: object, values: dict[str, Any]) -> str:
    if not isinstance(template, str):
        raise BadPayload(f"{CONVERT_DATA}.{name} must be a text, not {type_name(template)}")
    try:
        return render(template, values)
    except BadPayload as fault:
        raise BadPayload(f"{CONVERT_DATA}.{name}: {fault}") from None
