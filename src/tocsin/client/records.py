"""What the native API shows, as typed and frozen records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final, Self

from tocsin.client.errors import Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A JSON object of the native API.

    Attributes:
        document: the object as it came, with the members that this version does not know.
    """

    document: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def read(cls, document: object) -> Self:
        """Make a record of a JSON object. A member that is missing, or of another type, has its default.

        Raises:
            Unreachable: it is no object, so it does not come from a Tocsin.
        """
        if not isinstance(document, dict):
            raise Unreachable(f"the answer holds no {cls.__name__.lower()}: is the address right?")
        known = {
            each.name: _READERS[each.type](document[each.name])
            for each in fields(cls)
            if each.type in _READERS and isinstance(document.get(each.name), _WANTED[each.type])
        }
        return cls(document=document, **known, **cls._parts(document))

    @classmethod
    def _parts(cls, document: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003 - most have none
        """Give the members that are records themselves."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Record):
    """What became of one event that was sent.

    Attributes:
        index: its place among those that were sent with it, from 0.
        outcome: opened, joined, acknowledged, resolved, recorded or rejected.
        reason: why, in plain words; '' where the outcome says all.
        id: of the event, '' if it was rejected.
        seq: its number in the domain, 0 if it was rejected.
        alert_id: of the alert that it belongs to, '' for none.
        silenced_by: id of the silence that holds it back, '' for none.
    """

    index: int = 0
    outcome: str = ""
    reason: str = ""
    id: str = ""
    seq: int = 0
    alert_id: str = ""
    silenced_by: str = ""

    @property
    def is_rejected(self) -> bool:
        """Whether it was not recorded."""
        return self.outcome == "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Record):
    """One recorded event; the page of the HTTP API says what each member means.

    Times are in UTC, None where there is none; texts are '' where they are unknown.
    """

    id: str = ""
    seq: int = 0
    kind: str = ""
    type: str = ""
    key: str = ""
    title: str = ""
    description: str = ""
    severity: str = ""
    state: str = ""
    state_type: str = ""
    host: str = ""
    service: str = ""
    rule: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    project_id: str = ""
    source_id: str = ""
    source_tool: str = ""
    author: str = ""
    comment: str = ""
    output: str = ""
    silenced_by: str = ""
    alert_id: str = ""
    outcome: str = ""
    reason: str = ""
    occurred_at: datetime | None = None
    time: datetime | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Record):
    """One problem; the page of the HTTP API says what each member means.

    Attributes:
        timeline: its newest events, where one alert is asked for; lists do not have it.
    """

    id: str = ""
    key: str = ""
    title: str = ""
    state: str = ""
    severity: str = ""
    host: str = ""
    service: str = ""
    rule: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    project_id: str = ""
    source_id: str = ""
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    last_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_comment: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    assignee: str = ""
    timeline: tuple[Event, ...] = ()

    @classmethod
    def _parts(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"timeline": tuple(Event.read(each) for each in document.get("timeline") or ())}


def moment(text: str) -> datetime | None:
    """Read a time of the API, None where it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_WANTED: Final[Mapping[Any, type]] = {
    str: str,
    int: int,
    Mapping[str, str]: dict,
    datetime | None: str,
}
_READERS: Final[Mapping[Any, Callable[[Any], object]]] = {
    str: str,
    int: int,
    Mapping[str, str]: dict,
    datetime | None: moment,
}
