"""Marks: where the events of an alert count that was merged into another, moved or deleted.

Events never change. Whoever reads them sees them through the marks of their domain.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id


class Mark(msgspec.Struct, frozen=True):
    """What became of an alert.

    Attributes:
        alert_seq: the alert.
        merged_into: the alert that its events belong to now, which is merged into no other; 0 for itself.
        project_id: of the project that its events belong to now; '' for that in which they were recorded.
        deleted_at: when it was deleted, or the alert that it is merged into, microseconds UTC; 0 for never.
    """

    domain_id: str
    alert_seq: int
    merged_into: int = 0
    project_id: str = ""
    deleted_at: int = 0

    @property
    def id(self) -> str:
        """The alert's: it has one."""
        return alert_id(self.alert_seq)


class Marks:
    """The marks of a domain.

    Args:
        marks: each of another alert.

    Attributes:
        merged: the numbers of alerts, each with that of the alert that its events belong to.
        moved: the numbers of alerts, each with the project that its events belong to.
        deleted: the numbers of alerts whose events nobody sees.
    """

    def __init__(self, marks: Iterable[Mark] = ()) -> None:
        known = list(marks)
        self.merged = {each.alert_seq: each.merged_into for each in known if each.merged_into}
        self.moved = {each.alert_seq: each.project_id for each in known if each.project_id}
        self.deleted = frozenset(each.alert_seq for each in known if each.deleted_at)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.merged or self.moved or self.deleted)

    @property
    def hidden(self) -> frozenset[int]:
        """The numbers of alerts that are none any more: merged into others, or deleted."""
        return self.deleted.union(self.merged)

    def alert(self, alert_seq: int) -> int:
        """Give the alert that events recorded with one belong to."""
        return self.merged.get(alert_seq, alert_seq)

    def project(self, alert_seq: int, project_id: str) -> str:
        """Give the project that an event belongs to.

        Args:
            alert_seq: the alert that it was recorded with.
            project_id: the project that it was recorded in.
        """
        return self.moved.get(alert_seq, project_id)

    def shown(self, event: Event) -> Event:
        """Give an event as it is seen."""
        recorded = event.alert_seq
        if recorded not in self.merged and recorded not in self.moved:
            return event
        return replace(
            event, alert_seq=self.alert(recorded), project_id=self.project(recorded, event.project_id)
        )

    def seen(self, events: Iterable[Event]) -> list[Event]:
        """Give events as they are seen, without those that nobody sees."""
        return [self.shown(event) for event in events if event.alert_seq not in self.deleted]


NO_MARKS: Final = Marks()
