"""Between the model's words and the tables' rows."""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import msgspec
from sqlalchemy import Row

from tocsin.model.alert import Alert, AlertState
from tocsin.model.audit import Entry
from tocsin.model.delivery import Delivery, DeliveryState
from tocsin.model.event import Event
from tocsin.model.life_cycle import Change
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link
from tocsin.store import tables

EVENT_COLUMNS: Final = tuple(c for c in tables.event.columns if not c.name.startswith("folded_"))
ALERT_COLUMNS: Final = tuple(c for c in tables.alert.columns if not c.name.startswith("folded_"))
AUDIT_COLUMNS: Final = tuple(c for c in tables.audit.columns if not c.name.startswith("folded_"))

_encode: Final = msgspec.json.Encoder().encode
_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode
_decode_links: Final = msgspec.json.Decoder(list[Link]).decode

_event_fields: Final = cast("Callable[[Event], tuple[Any, ...]]", msgspec.structs.astuple)
_KIND, _SEVERITY, _LINKS, _LABELS, _MARKDOWN, _OUTCOME = (
    [column.name for column in EVENT_COLUMNS].index(name)
    for name in ("kind", "severity", "links", "labels", "markdown", "outcome")
)

# To look a word up takes a tenth of calling its enumeration, and each row of events has three.
_KINDS: Final = {each.value: each for each in Kind}
_SEVERITIES: Final = {each.value: each for each in Severity}
_OUTCOMES: Final = {each.value: each for each in Outcome}
_STATES: Final = {each.value: each for each in AlertState}

_ALERT_SEVERITY, _ALERT_STATE, _ALERT_LABELS, _ALERT_UNTIL_CHANGE, _ALERT_PASSED_TO, _ALERT_STICKY = (
    [column.name for column in ALERT_COLUMNS].index(name)
    for name in ("severity", "state", "labels", "until_change", "passed_to", "sticky")
)
_OBJECT_FLAGS: Final = tuple(
    [column.name for column in tables.monitored_object.columns].index(name)
    for name in ("discovered", "flapping", "sticky", "flap_detection", "markdown")
)
_OBJECT_PARENTS: Final = len(tables.monitored_object.columns) - 1
_DELIVERY_CHANGE, _DELIVERY_STATE = (
    [column.name for column in tables.delivery.columns].index(name) for name in ("change", "state")
)
_REST: Final = tuple(
    (name, [column.name for column in EVENT_COLUMNS].index(name.replace(".", "_")))
    for name in (
        *("rule", "resource.id", "resource.type", "resource.name", "provider", "account", "image_url"),
        *("source_tool", "author", "comment", "reason"),
    )
)
"""The texts that `folded_rest` holds, by the name that expressions use, and their places in a row."""


def event_row(event: Event) -> tuple[Any, ...]:
    """Give an event as a row of the table `event`, its searchable texts folded."""
    fields = list(_event_fields(event))
    labels = event.labels
    # sqlite3 binds plain texts and numbers at once and looks for an adapter for everything else.
    fields[_KIND] = event.kind.value
    fields[_SEVERITY] = event.severity.value
    fields[_OUTCOME] = event.outcome.value
    fields[_MARKDOWN] = int(event.markdown)
    fields[_LINKS] = _json(event.links) if event.links else "[]"
    fields[_LABELS] = _json(labels) if labels else "{}"
    rest = {name: text.casefold() for name, place in _REST if (text := fields[place])}
    for name, value in labels.items():
        rest[f"labels.{name}"] = value.casefold()
    return (
        *fields,
        event.key.casefold(),
        event.title.casefold(),
        event.description.casefold(),
        event.host.casefold(),
        event.service.casefold(),
        event.output.casefold(),
        _json(rest) if rest else "{}",
    )


def event_of(row: Row[Any]) -> Event:
    """Read an event from the columns `EVENT_COLUMNS`, in that order."""
    values = list(row)
    values[_KIND] = _KINDS[values[_KIND]]
    values[_SEVERITY] = _SEVERITIES[values[_SEVERITY]]
    values[_OUTCOME] = _OUTCOMES[values[_OUTCOME]]
    values[_MARKDOWN] = bool(values[_MARKDOWN])
    values[_LINKS] = _decode_links(values[_LINKS])
    values[_LABELS] = _decode_labels(values[_LABELS])
    return Event(*values)


def alert_row(alert: Alert) -> tuple[Any, ...]:
    """Give an alert as a row of the table `alert`, its searchable texts folded."""
    rest = {f"labels.{name}": value.casefold() for name, value in alert.labels.items()}
    for name in ("rule", "acknowledged_by", "assignee"):
        if text := getattr(alert, name):
            rest[name] = text.casefold()
    return (
        alert.domain_id,
        alert.seq,
        alert.project_id,
        alert.source_id,
        alert.object_id,
        alert.key,
        alert.title,
        alert.severity.value,
        alert.state.value,
        alert.host,
        alert.service,
        alert.rule,
        _json(alert.labels) if alert.labels else "{}",
        alert.count,
        alert.last_seq,
        alert.last_at,
        alert.opened_at,
        alert.changed_at,
        alert.changed_time,
        alert.acknowledged_at,
        alert.acknowledged_until,
        alert.acknowledged_by,
        alert.acknowledged_comment,
        alert.resolved_at,
        alert.resolved_by,
        alert.key.casefold(),
        alert.title.casefold(),
        alert.host.casefold(),
        alert.service.casefold(),
        _json(rest) if rest else "{}",
        int(alert.until_change),
        alert.silenced_by,
        " ".join(alert.passed_to),
        int(alert.sticky),
        alert.assignee,
    )


def alert_of(row: Row[Any]) -> Alert:
    """Read an alert from the columns `ALERT_COLUMNS`, in that order."""
    values = list(row)
    values[_ALERT_SEVERITY] = _SEVERITIES[values[_ALERT_SEVERITY]]
    values[_ALERT_STATE] = _STATES[values[_ALERT_STATE]]
    values[_ALERT_LABELS] = _decode_labels(values[_ALERT_LABELS])
    values[_ALERT_UNTIL_CHANGE] = bool(values[_ALERT_UNTIL_CHANGE])
    values[_ALERT_PASSED_TO] = tuple(values[_ALERT_PASSED_TO].split())
    values[_ALERT_STICKY] = bool(values[_ALERT_STICKY])
    return Alert(*values)


def entry_of(row: Row[Any]) -> Entry:
    """Read an entry of the audit log from the columns `AUDIT_COLUMNS`, in that order."""
    values: list[Any] = list(row)
    return Entry(*values)


def object_row(monitored: MonitoredObject) -> tuple[Any, ...]:
    """Give a monitored object as a row of the table `object`."""
    values: list[Any] = list(msgspec.structs.astuple(monitored))
    for place in _OBJECT_FLAGS:
        values[place] = int(values[place])
    values[_OBJECT_PARENTS] = " ".join(map(str, monitored.parents))
    return tuple(values)


def object_of(row: Row[Any]) -> MonitoredObject:
    """Read a monitored object from all columns of the table `object`."""
    values = list(row)
    for place in _OBJECT_FLAGS:
        values[place] = bool(values[place])
    parents = values[_OBJECT_PARENTS]
    values[_OBJECT_PARENTS] = tuple(map(int, parents.split())) if parents else ()
    return MonitoredObject(*values)


def delivery_row(delivery: Delivery) -> tuple[Any, ...]:
    """Give a delivery as a row of the table `delivery`."""
    values = list(msgspec.structs.astuple(delivery))
    values[_DELIVERY_CHANGE] = delivery.change.value
    values[_DELIVERY_STATE] = delivery.state.value
    return tuple(values)


def delivery_of(row: Sequence[Any]) -> Delivery:
    """Read a delivery from all columns of the table `delivery`."""
    values = list(row)
    values[_DELIVERY_CHANGE] = Change(values[_DELIVERY_CHANGE])
    values[_DELIVERY_STATE] = DeliveryState(values[_DELIVERY_STATE])
    return Delivery(*values)


def _json(value: object) -> str:
    return _encode(value).decode()
