"""How Icinga's hosts and services stand, as events: what is read of those that were not followed.

The stream has no replay. It is opened first and the objects are read then, so that some of its events are
told twice: those are passed over.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from tocsin.dialects.document import Document
from tocsin.dialects.icinga2.parse import ACKNOWLEDGED, CHECK_RESULT, CLEARED, state_of
from tocsin.dialects.values import text_of
from tocsin.model.checking import is_well
from tocsin.model.monitored import MonitoredObject

_SOON: Final = 1.0
"""Seconds within which Icinga tells of an acknowledgement that it has made."""
_CLOCKS_APART: Final = 60.0
"""Seconds by which Icinga's clock may be behind."""

Name = tuple[str, str]


class Standing(msgspec.Struct, frozen=True):
    """How a host (service '') or service stands in Icinga. Times are Icinga's, seconds; 0 for never.

    Attributes:
        result: its last check result as Icinga has it; None where it was never checked.
        acknowledgement: 0 for none, 1, or 2 for one that is sticky.
        acknowledgement_changed: when that was set or taken back.
        expiry: when it ends by itself.
    """

    host: str
    service: str
    result: dict[str, Any] | None
    acknowledgement: int
    acknowledgement_changed: float
    expiry: float

    @property
    def name(self) -> Name:
        """Its host and service."""
        return self.host, self.service

    @property
    def checked(self) -> float:
        """When its last check ended."""
        return _seconds((self.result or {}).get("execution_end"))


def standing_of(item: Mapping[str, Any]) -> Standing:
    """Read a host or service of /v1/objects."""
    given = item.get("attrs")
    attributes: dict[str, Any] = given if isinstance(given, dict) else {}
    of_service = item.get("type") == "Service"
    result = attributes.get("last_check_result")
    return Standing(
        text_of(attributes.get("host_name" if of_service else "name")),
        text_of(attributes.get("name")) if of_service else "",
        result if isinstance(result, dict) else None,
        int(_seconds(attributes.get("acknowledgement"))),
        _seconds(attributes.get("acknowledgement_last_change")),
        _seconds(attributes.get("acknowledgement_expiry")),
    )


def events_of(
    stands: Standing, present: MonitoredObject | None, missed_since: int = 0
) -> list[dict[str, Any]]:
    """Give the events that bring what is known here to how it stands there.

    Args:
        stands: there.
        present: as it is known here; None where it is not.
        missed_since: when the gap began that is being made up for, microseconds UTC; 0 for none.
    """
    if stands.result is None:
        return []
    name = {"host": stands.host, "service": stands.service}
    events: list[dict[str, Any]] = [name | {"type": CHECK_RESULT, "check_result": stands.result}]
    changed = {"timestamp": stands.acknowledgement_changed, "expiry": stands.expiry}
    acknowledged_at = present.acknowledged_at if present is not None else 0
    is_same = present is not None and not is_well(present.state) and _is_state(stands, present)
    # Of what was set before the gap the stream has told: what does not stand here was taken back here.
    was_told = stands.acknowledgement_changed < missed_since / 1_000_000 - _CLOCKS_APART
    if stands.acknowledgement and not (is_same and (acknowledged_at or was_told)):
        events.append(
            name
            | changed
            | {
                "type": ACKNOWLEDGED,
                "acknowledgement_type": stands.acknowledgement,
                "comment": "acknowledged in Icinga while Tocsin did not follow it",
            }
        )
    elif (
        not stands.acknowledgement
        and is_same
        and 0 < acknowledged_at < stands.acknowledgement_changed * 1_000_000
    ):
        # What was acknowledged here after that is nothing that Icinga has taken back.
        events.append(name | changed | {"type": CLEARED})
    return events


class _Read(msgspec.Struct, frozen=True):
    """What is kept of how a host or service stood when it was read: there may be many."""

    checked: float
    acknowledgement: int
    acknowledgement_changed: float


class Watch:
    """Knows what has been told, and says of an event whether it is news."""

    def __init__(self) -> None:
        self._read: dict[Name, _Read] = {}
        self._states: dict[Name, object] = {}

    def note(self, stands: Standing) -> None:
        """Take down how a host or service stood when it was read."""
        name = stands.name
        self._read[name] = _Read(stands.checked, stands.acknowledgement, stands.acknowledgement_changed)
        self._states[name] = _state(name, (stands.result or {}).get("state"))

    @property
    def names(self) -> frozenset[Name]:
        """Of what was read, and not dropped since."""
        return frozenset(self._read)

    def keep(self, names: Collection[Name]) -> None:
        """Drop all others."""
        for name in self.names.difference(names):
            del self._read[name], self._states[name]

    def knows(self, host: object, service: object) -> bool:
        """Say whether a host (service '' or None) or service was read."""
        return (text_of(host), text_of(service)) in self._read

    def is_news(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event of the stream tells something that was not told yet."""
        name = (text_of(event.get("host")), text_of(event.get("service")))
        read = self._read.get(name)
        kind = event.get("type")
        if kind == CHECK_RESULT:
            result = event.get("check_result")
            found = result if isinstance(result, dict) else {}
            if read is not None and _seconds(found.get("execution_end")) < read.checked:
                return False
            self._states[name] = _state(name, found.get("state"))
            return True
        is_set = kind == ACKNOWLEDGED
        if read is not None and bool(read.acknowledgement) == is_set:
            since = _seconds(event.get("timestamp")) - read.acknowledgement_changed
            if since < _SOON:
                return False
        # Where a change of the state ends it, the result that comes next says so.
        return is_set or self._states.get(name, event.get("state")) == event.get("state")


def _is_state(stands: Standing, present: MonitoredObject) -> bool:
    after = Document(stands.result).part("vars_after")
    return state_of(after, stands.service) == present.state


def _state(name: Name, raw: object) -> object:
    """Give a state as acknowledgements say it: of a host 0 or 1."""
    return int(_seconds(raw) > 1) if not name[1] else raw


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
