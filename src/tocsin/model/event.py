"""An event: one recorded, immutable fact."""

from typing import Final

import msgspec

from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link

MICROSECONDS_PER_SECOND: Final = 1_000_000
MICROSECONDS_PER_DAY: Final = 86_400 * MICROSECONDS_PER_SECOND

_TYPES: Final[dict[str, str]] = {
    Kind.PROBLEM: "ALERT",
    Kind.INFO: "ALERT",
    Kind.CHECK_RESULT: "ALERT",
    Kind.RECOVERY: "RECOVERY",
    Kind.ERROR: "ERROR",
}


class Event(msgspec.Struct, frozen=True, gc=False):
    """One fact, as it stands in the ledger for good. Times are microseconds UTC.

    Attributes:
        seq: number within the domain: dense, only grows, in the order of arrival.
        day: days since 1970-01-01 of `recorded_at`.
        state: ok, warning, critical or unknown for a service; up, down or unreachable for a host.
        state_type: hard or soft.
        object_id: number of the monitored object in its domain.
        alert_seq: number of the event that opened its alert; 0 where it has none.
        outcome: what the signal did.
        reason: why, in plain words.
        payload_seq: number of the first event of the request it came with.
        payload_index: its place in that request, from 0.
        occurred_at: the sender's time, 0 where it named none.
        time: `occurred_at`, or `recorded_at` where that is 0.
        recorded_at: when Tocsin recorded it; never runs back within a domain.
    """

    domain_id: str
    seq: int
    day: int
    project_id: str
    source_id: str
    kind: Kind
    key: str
    title: str
    description: str
    severity: Severity
    state: str
    state_type: str
    host: str
    service: str
    object_id: int
    rule: str
    resource_id: str
    resource_type: str
    resource_name: str
    provider: str
    account: str
    image_url: str
    links: list[Link]
    labels: dict[str, str]
    source_tool: str
    author: str
    comment: str
    window_start: int
    window_end: int
    output: str
    attempt: int
    markdown: bool
    silenced_by: str
    alert_seq: int
    outcome: Outcome
    reason: str
    payload_seq: int
    payload_index: int
    occurred_at: int
    time: int
    recorded_at: int

    @property
    def type(self) -> str:
        """Cloudforet's word for the kind: ALERT, RECOVERY, ERROR, or '' for what it does not list."""
        return _TYPES.get(self.kind, "")

    @property
    def receipt(self) -> Receipt:
        """What its sender was told."""
        return Receipt(
            self.payload_index, self.outcome, self.reason, self.seq, self.alert_seq, self.silenced_by
        )


def type_of(kind: str) -> str:
    """Give the type of events of a kind: ALERT, RECOVERY, ERROR or ''."""
    return _TYPES.get(kind, "")


def kinds_of(event_type: str) -> tuple[str, ...]:
    """Give the kinds whose events have that type, for a search by type."""
    return tuple(kind.value for kind in Kind if _TYPES.get(kind, "") == event_type)


def day_of(microseconds: int) -> int:
    """Give the day, counted from 1970-01-01, in which a moment lies."""
    return microseconds // MICROSECONDS_PER_DAY
