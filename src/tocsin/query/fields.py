"""The fields that an expression can name, and the type of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tocsin.model.alert import AlertState
from tocsin.model.event import type_of
from tocsin.model.monitored import HARD, SOFT
from tocsin.model.receipt import Outcome
from tocsin.model.severity import SEVERITIES
from tocsin.model.signal import Kind
from tocsin.model.world import documents


class FieldType(StrEnum):
    """What a field holds; it decides which operators fit and how values are written.

    Attributes:
        TEXT: any text, '' where unknown; a label that is missing is '' too.
        CHOICE: one of a few texts.
        SEVERITY: one of the severities, which have an order: critical is the greatest.
        INTEGER: a whole number of 64 bits.
        TIME: microseconds UTC, 0 for unknown or never.
        IDENTIFIER: a number, written as the id that derives from it; 0 for none.
        REFERENCE: a source or a project by name or id, until `resolve` puts ids in its place.
        MEMBERSHIP: a group, keyword or template by name or number, to which the host or service belongs,
            until `resolve` puts the numbers of hosts and services in its place.
    """

    TEXT = "text"
    CHOICE = "choice"
    SEVERITY = "severity"
    INTEGER = "integer"
    TIME = "time"
    IDENTIFIER = "identifier"
    REFERENCE = "reference"
    MEMBERSHIP = "membership"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of record.

    Attributes:
        name: as expressions write it.
        type: what it holds.
        attribute: the record's attribute that holds it; 'labels' for a label. For a reference the field with
            this name and attribute takes its place once it is resolved. No record has that of a membership.
        values: every value that a choice or a severity can have.
        prefix: what the id begins with, for an identifier: event or alert.
        label: the label's name, '' for every other field.
    """

    name: str
    type: FieldType
    attribute: str
    values: tuple[str, ...] = ()
    prefix: str = ""
    label: str = ""


class Fields:
    """The fields of one kind of record.

    Attributes:
        by_name: every field by the name that expressions use; some have two names.
        searched: the fields in which a word alone is looked for.
        has_labels: the records have labels, so that a name which is no field is one.
    """

    def __init__(
        self,
        fields: Iterable[Field],
        aliases: Mapping[str, str],
        searched: Iterable[str],
        *,
        has_labels: bool = True,
    ) -> None:
        named = {field.name: field for field in fields}
        named.update({alias: named[name] for alias, name in aliases.items()})
        self.by_name: Mapping[str, Field] = MappingProxyType(named)
        self.searched: tuple[Field, ...] = tuple(named[name] for name in searched)
        self.has_labels = has_labels

    def find(self, name: str) -> Field | None:
        """Give the field with that name, or else the label; None where neither can be meant.

        `labels.region` is the label `region`, and so is `region`, since no field has that name.
        """
        field = self.by_name.get(name)
        if field is not None or not self.has_labels:
            return field
        label = name.removeprefix("labels.")
        return label_field(label) if label and name != "labels" else None


def label_field(label: str) -> Field:
    """Give the field of one label.

    Args:
        label: the label's name, any text but ''.
    """
    return Field(f"labels.{label}", FieldType.TEXT, "labels", label=label)


def _text(name: str) -> Field:
    return Field(name, FieldType.TEXT, name.replace(".", "_"))


def _integer(name: str) -> Field:
    return Field(name, FieldType.INTEGER, name)


def _choice(name: str, values: Iterable[str]) -> Field:
    return Field(name, FieldType.CHOICE, name, values=tuple(dict.fromkeys(map(str, values))))


def _time(name: str, attribute: str) -> Field:
    return Field(name, FieldType.TIME, attribute)


def _identifier(name: str, attribute: str, prefix: str) -> Field:
    return Field(name, FieldType.IDENTIFIER, attribute, prefix=prefix)


def _reference(name: str) -> Field:
    return Field(name, FieldType.REFERENCE, f"{name}_id")


def _membership(kind: documents.Kind) -> Field:
    return Field(kind.value, FieldType.MEMBERSHIP, kind.value)


_SEVERITY: Final = Field("severity", FieldType.SEVERITY, "severity", values=SEVERITIES)
_STATES: Final = ("ok", "warning", "critical", "unknown", "up", "down", "unreachable")
_TEXTS_OF_BOTH: Final = ("key", "title", "host", "service", "rule", "source_id", "project_id")
_MEMBERSHIPS: Final = (
    _membership(documents.Kind.HOST_GROUP),
    _membership(documents.Kind.SERVICE_GROUP),
    _membership(documents.Kind.KEYWORD),
    _membership(documents.Kind.HOST_TEMPLATE),
)
_TEXTS_OF_EVENTS: Final = (
    *_TEXTS_OF_BOTH,
    *("description", "resource.id", "resource.type", "resource.name", "provider", "account", "image_url"),
    *("source_tool", "author", "comment", "output", "reason", "silenced_by"),
)

EVENT_FIELDS: Final = Fields(
    fields=(
        _identifier("id", "seq", "event"),
        _identifier("alert_id", "alert_seq", "alert"),
        _integer("seq"),
        _integer("attempt"),
        _integer("object_id"),
        _SEVERITY,
        _choice("kind", Kind),
        _choice("type", sorted(set(map(type_of, Kind)), reverse=True)),
        _choice("state", _STATES),
        _choice("state_type", (HARD, SOFT)),
        _choice("outcome", Outcome),
        _time("occurred", "time"),
        _time("recorded", "recorded_at"),
        _reference("source"),
        _reference("project"),
        *_MEMBERSHIPS,
        *map(_text, _TEXTS_OF_EVENTS),
    ),
    aliases={"occurred_at": "occurred", "recorded_at": "recorded"},
    searched=("title", "description", "key", "host", "service", "output"),
)
"""The fields of an event."""

ALERT_FIELDS: Final = Fields(
    fields=(
        _identifier("id", "seq", "alert"),
        _integer("count"),
        _integer("object_id"),
        _SEVERITY,
        _choice("state", AlertState),
        _time("opened", "opened_at"),
        _time("changed", "changed_at"),
        _time("acknowledged", "acknowledged_at"),
        _time("resolved", "resolved_at"),
        _reference("source"),
        _reference("project"),
        *_MEMBERSHIPS,
        *map(_text, (*_TEXTS_OF_BOTH, "acknowledged_by", "silenced_by", "assignee")),
    ),
    aliases={
        "opened_at": "opened",
        "changed_at": "changed",
        "acknowledged_at": "acknowledged",
        "resolved_at": "resolved",
    },
    searched=("title", "key", "host", "service"),
)
"""The fields of an alert."""

_TEXTS_OF_AUDIT: Final = ("author", "via", "action", "subject", "subject_id", "subject_name", "details")

AUDIT_FIELDS: Final = Fields(
    fields=(_integer("seq"), _time("recorded", "recorded_at"), *map(_text, _TEXTS_OF_AUDIT)),
    aliases={"recorded_at": "recorded"},
    searched=("author", "action", "subject_name", "details"),
    has_labels=False,
)
"""The fields of an entry of the audit log."""

OBJECT_FIELDS: Final = Fields(
    fields=(
        _choice("state", _STATES),
        _choice("state_type", (HARD, SOFT)),
        _time("since", "state_since"),
        _time("checked", "checked_at"),
        Field("downtime", FieldType.TEXT, "downtime_id"),
        Field("object_id", FieldType.INTEGER, "id"),
        *_MEMBERSHIPS,
        *map(_text, ("host", "service", "output", "acknowledged_by")),
    ),
    aliases={"checked_at": "checked"},
    searched=("host", "service", "output"),
    has_labels=False,
)
"""The fields of a host or service."""
