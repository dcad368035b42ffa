"""An alert: one problem, from the signal that opened it to the one that resolved it."""

from enum import StrEnum

import msgspec

from tocsin.model.identifiers import alert_id
from tocsin.model.severity import Severity


class AlertState(StrEnum):
    """Where an alert stands. Both open and acknowledged count as open in prose: not resolved."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Alert(msgspec.Struct, frozen=True, gc=False):
    """One problem. Times are microseconds UTC, 0 for never.

    Attributes:
        seq: number of the event that opened it; its id derives from it.
        severity: as the last problem signal said.
        count: the signals that said there is a problem.
        last_seq: number of the last event that joined it; what is only recorded with it is none.
        last_at: when that event was recorded.
        changed_at: when it was opened, changed severity, was triggered again, acknowledged, released or
            resolved.
        changed_time: the `time` of the last problem or recovery that counted, for sources that go by their
            own clock; what people do does not move it.
        acknowledged_until: when the acknowledgement ends by itself; 0 for not by itself.
        until_change: the acknowledgement ends when the problem's severity changes, better or worse.
        silenced_by: id of the silence that kept its last change from being passed on; '' once it was.
        passed_to: ids of the routes that took it and of their targets, which hear of its end as well.
        sticky: the acknowledgement stays, however the problem changes, until it is resolved.
        assignee: who is to see to it; '' for nobody.
    """

    domain_id: str
    seq: int
    project_id: str
    source_id: str
    object_id: int
    key: str
    title: str
    severity: Severity
    state: AlertState
    host: str
    service: str
    rule: str
    labels: dict[str, str]
    count: int
    last_seq: int
    last_at: int
    opened_at: int
    changed_at: int
    changed_time: int
    acknowledged_at: int = 0
    acknowledged_until: int = 0
    acknowledged_by: str = ""
    acknowledged_comment: str = ""
    resolved_at: int = 0
    resolved_by: str = ""
    until_change: bool = False
    silenced_by: str = ""
    passed_to: tuple[str, ...] = ()
    sticky: bool = False
    assignee: str = ""

    @property
    def id(self) -> str:
        """What it is called outside."""
        return alert_id(self.seq)
