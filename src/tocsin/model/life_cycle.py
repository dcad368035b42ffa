"""The life cycle of an alert: what one signal does to the alert of its key.

A signal whose key has no open alert may open one; every later signal of the key joins it until one resolves
it. A resolved alert never opens again: the next problem opens a new one.
"""

from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity, is_worse
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions

NO_OPEN_ALERT: Final = "no alert is open for this key"
NOT_ITS_ALERT: Final = "the alert it was meant for is not open any more"
ALREADY_OLD: Final = "older than the alert's last change by the sender's clock: counts for nothing"
WARNING_OPENS_NOTHING: Final = "warnings of this source open no alert"
NOT_ACKNOWLEDGED: Final = "the alert is not acknowledged"
TRIGGERED_AGAIN: Final = "the problem got worse: the acknowledgement ended and the alert is open again"
RECOVERED_BY_HAND: Final = "alerts of this project are resolved by hand: the alert stays open"
ENDED_WITH_CHANGE: Final = "the problem changed: the acknowledgement ended and the alert is open again"

_NEED_NO_ALERT: Final = (Kind.CHECK_RESULT, Kind.DOWNTIME_START, Kind.DOWNTIME_END)
_ORDERED_BY_SOURCE_TIME: Final = (Kind.PROBLEM, Kind.ERROR, Kind.RECOVERY)


class Change(StrEnum):
    """What an event changes about its alert: that is what routes pass on unless they want every event.

    Attributes:
        TRIGGERED: the problem changed while it was acknowledged, so that the alert is open again.
        RELEASED: the acknowledgement was taken back or ended by itself.
    """

    NONE = ""
    OPENED = "opened"
    TRIGGERED = "triggered"
    SEVERITY = "severity"
    ACKNOWLEDGED = "acknowledged"
    RELEASED = "released"
    RESOLVED = "resolved"


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where the signal's event stands: what the decision needs to know beside the signal.

    Attributes:
        seq: number of the signal's event.
        recorded_at: when it is recorded, microseconds UTC.
        time: the event's `time`, microseconds UTC.
        object_id: the object it belongs to.
        host: that object's host.
        service: that object's service.
        released: that object's acknowledgement ended with this signal.
    """

    domain_id: str
    project_id: str
    source_id: str
    seq: int
    recorded_at: int
    time: int
    object_id: int
    host: str
    service: str
    released: bool = False


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a signal does: the alert as it stands afterwards (None where none is touched), and why.

    Attributes:
        alert: the changed or opened alert; None where no alert changes.
        alert_seq: the alert that the event belongs to, 0 for none.
        outcome: what to tell the sender.
        reason: why, in plain words; '' where the outcome says all.
        counts: False where the signal is too old to change anything.
        change: what it changes about the alert.
    """

    alert: Alert | None
    alert_seq: int
    outcome: Outcome
    reason: str = ""
    counts: bool = True
    change: Change = Change.NONE


def misses(signal: Signal, latest: Alert | None) -> bool:
    """Say whether a signal was meant for one alert that is not the open one of its key any more.

    Args:
        signal: what the source said.
        latest: the alert that its key has now, open or resolved; None where it has none.
    """
    if not signal.alert_seq:
        return False
    return latest is None or latest.state is AlertState.RESOLVED or latest.seq != signal.alert_seq


def opens_another(signal: Signal, place: Place, alert: Alert, options: SourceOptions) -> bool:
    """Say whether a signal opens an alert beside the open one of its key, for it comes too late after it.

    Args:
        signal: what the source said.
        place: where its event stands.
        alert: the open one, of several the newest.
        options: the source's.
    """
    window = options.same_event_seconds * MICROSECONDS_PER_SECOND
    return bool(window) and _can_open(signal, options) and place.recorded_at > alert.last_at + window


def decide(
    signal: Signal,
    place: Place,
    latest: Alert | None,
    options: SourceOptions,
    *,
    recovered_by_hand: bool = False,
) -> Verdict:
    """Decide what a signal does that did not miss its alert.

    Args:
        signal: what the source said.
        place: where its event stands.
        latest: the open alert of its key; failing that, and only where the source goes by its own clock, the
            last resolved one; None where there is neither.
        options: the source's.
        recovered_by_hand: people resolve the alerts of the project; what its sources say does not.
    """
    alert = latest if latest is not None and latest.state is not AlertState.RESOLVED else None
    if (
        options.source_time
        and not signal.alert_seq
        and latest is not None
        and signal.kind in _ORDERED_BY_SOURCE_TIME
        and place.time < latest.changed_time
    ):
        return Verdict(None, latest.seq, Outcome.RECORDED, ALREADY_OLD, counts=False)
    if alert is None or opens_another(signal, place, alert, options):
        return _without_alert(signal, place, options)
    if recovered_by_hand and signal.kind is Kind.RECOVERY and not signal.alert_seq:
        return Verdict(None, alert.seq, Outcome.RECORDED, RECOVERED_BY_HAND)
    return _ON_OPEN_ALERT.get(signal.kind, _touch)(signal, place, alert)


def _without_alert(signal: Signal, place: Place, options: SourceOptions) -> Verdict:
    if signal.kind is not Kind.PROBLEM and signal.kind is not Kind.ERROR:
        reason = "" if signal.kind in _NEED_NO_ALERT else NO_OPEN_ALERT
        return Verdict(None, 0, Outcome.RECORDED, reason)
    if not _can_open(signal, options):
        return Verdict(None, 0, Outcome.RECORDED, WARNING_OPENS_NOTHING)
    opened = Alert(
        domain_id=place.domain_id,
        seq=place.seq,
        project_id=place.project_id,
        source_id=place.source_id,
        object_id=place.object_id,
        key=signal.key,
        title=signal.title,
        severity=signal.severity,
        state=AlertState.OPEN,
        host=place.host,
        service=place.service,
        rule=signal.rule,
        labels=signal.labels,
        count=1,
        last_seq=place.seq,
        last_at=place.recorded_at,
        opened_at=place.recorded_at,
        changed_at=place.recorded_at,
        changed_time=place.time,
        assignee=signal.assignee,
    )
    return Verdict(opened, opened.seq, Outcome.OPENED, change=Change.OPENED)


def _can_open(signal: Signal, options: SourceOptions) -> bool:
    if signal.kind is Kind.PROBLEM:
        return signal.severity is not Severity.WARNING or options.warning_opens
    return signal.kind is Kind.ERROR


def _join(signal: Signal, place: Place, alert: Alert) -> Verdict:
    is_same = signal.severity is alert.severity
    # What an alert is called stays its own where another was merged into it.
    said = signal if signal.key == alert.key else alert
    joined = replace(
        alert,
        title=said.title or alert.title,
        severity=signal.severity,
        rule=said.rule or alert.rule,
        labels=said.labels or alert.labels,
        count=alert.count + 1,
        last_seq=place.seq,
        last_at=place.recorded_at,
        changed_at=alert.changed_at if is_same else place.recorded_at,
        changed_time=place.time,
    )
    if alert.state is AlertState.ACKNOWLEDGED and not alert.sticky:
        if is_worse(signal.severity, than=alert.severity):
            reason = TRIGGERED_AGAIN
        else:
            has_changed = place.released or (alert.until_change and not is_same)
            reason = ENDED_WITH_CHANGE if has_changed else ""
        if reason:
            released = _released(joined, place)
            return Verdict(released, alert.seq, Outcome.JOINED, reason, change=Change.TRIGGERED)
    change = Change.NONE if is_same else Change.SEVERITY
    return Verdict(joined, alert.seq, Outcome.JOINED, change=change)


def _resolve(signal: Signal, place: Place, alert: Alert) -> Verdict:
    resolved = replace(
        alert,
        state=AlertState.RESOLVED,
        last_seq=place.seq,
        last_at=place.recorded_at,
        changed_at=place.recorded_at,
        changed_time=alert.changed_time if signal.alert_seq else place.time,
        resolved_at=place.recorded_at,
        resolved_by=signal.author,
    )
    return Verdict(resolved, alert.seq, Outcome.RESOLVED, change=Change.RESOLVED)


def _acknowledge(signal: Signal, place: Place, alert: Alert) -> Verdict:
    acknowledged = replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        last_seq=place.seq,
        last_at=place.recorded_at,
        changed_at=place.recorded_at,
        acknowledged_at=place.recorded_at,
        acknowledged_until=signal.window_end,
        acknowledged_by=signal.author,
        acknowledged_comment=signal.comment,
        until_change=signal.until_change,
        sticky=signal.sticky,
    )
    return Verdict(acknowledged, alert.seq, Outcome.ACKNOWLEDGED, change=Change.ACKNOWLEDGED)


def _release(_: Signal, place: Place, alert: Alert) -> Verdict:
    if alert.state is not AlertState.ACKNOWLEDGED:
        return Verdict(None, alert.seq, Outcome.RECORDED, NOT_ACKNOWLEDGED)
    touched = replace(alert, last_seq=place.seq, last_at=place.recorded_at)
    return Verdict(_released(touched, place), alert.seq, Outcome.JOINED, change=Change.RELEASED)


def _touch(signal: Signal, place: Place, alert: Alert) -> Verdict:
    assignee = signal.assignee if signal.assigns else alert.assignee
    touched = replace(alert, last_seq=place.seq, last_at=place.recorded_at, assignee=assignee)
    return Verdict(touched, alert.seq, Outcome.JOINED)


def _released(alert: Alert, place: Place) -> Alert:
    return replace(
        alert,
        state=AlertState.OPEN,
        changed_at=place.recorded_at,
        acknowledged_at=0,
        acknowledged_until=0,
        acknowledged_by="",
        acknowledged_comment="",
        until_change=False,
        sticky=False,
    )


_ON_OPEN_ALERT: Final = {
    Kind.PROBLEM: _join,
    Kind.ERROR: _join,
    Kind.RECOVERY: _resolve,
    Kind.ACKNOWLEDGEMENT: _acknowledge,
    Kind.ACKNOWLEDGEMENT_END: _release,
}
