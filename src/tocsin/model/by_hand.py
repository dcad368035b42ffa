"""What people do with an alert, said as a signal: so that it is decided, recorded and told like any other."""

from typing import Final

from tocsin.model.alert import Alert, AlertState
from tocsin.model.life_cycle import NOT_ACKNOWLEDGED
from tocsin.model.monitored import MonitoredObject, key_of
from tocsin.model.own import own_source
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Submission

_TITLES: Final = {
    Kind.ACKNOWLEDGEMENT: "acknowledged",
    Kind.ACKNOWLEDGEMENT_END: "acknowledgement taken back",
    Kind.RECOVERY: "resolved by hand",
    Kind.NOTE: "note",
}


def refusal(alert: Alert, kind: Kind) -> str:
    """Say why something cannot be done with an alert as it stands, '' if it can."""
    if alert.state is AlertState.RESOLVED:
        return "the alert is resolved already"
    if kind is Kind.ACKNOWLEDGEMENT_END and alert.state is not AlertState.ACKNOWLEDGED:
        return NOT_ACKNOWLEDGED
    return ""


def submission_on(
    alert: Alert,
    kind: Kind,
    *,
    author: str,
    comment: str,
    payload: Payload,
    until: int = 0,
    until_change: bool = False,
    sticky: bool = False,
    assignee: str | None = None,
) -> Submission:
    """Say that somebody acts on an alert.

    Args:
        alert: which; the signal is refused where it is not the open one any more.
        kind: acknowledgement, acknowledgement_end, recovery or note.
        author: who.
        comment: why.
        payload: the request that asked for it.
        until: when an acknowledgement ends, microseconds UTC; 0 for not by itself.
        until_change: an acknowledgement that ends when the problem's severity changes.
        sticky: an acknowledgement that stays until the problem is over.
        assignee: who is to see to it from now on, '' for nobody; a note tells it. None leaves that as it is.
    """
    # The alert's own source and project, though the source may have moved or gone since.
    source = Source(
        alert.source_id, alert.domain_id, alert.project_id, alert.host, "", True, "", SourceOptions(), 0
    )
    if assignee is not None:
        given = f"assigned to {assignee or 'nobody'}"
        comment = f"{given}: {comment}" if comment else given
    signal = Signal(
        kind=kind,
        key=alert.key,
        severity=Severity.NONE,
        title=f"{alert.title or alert.key}: {_TITLES[kind]}",
        host=alert.host,
        service=alert.service,
        author=author,
        comment=comment,
        window_end=until,
        alert_seq=alert.seq,
        until_change=until_change,
        sticky=sticky,
        assigns=assignee is not None,
        assignee=assignee or "",
    )
    return Submission(source, payload, [signal])


def submission_that_opens(
    domain_id: str,
    project_id: str,
    *,
    key: str,
    severity: Severity,
    title: str,
    author: str,
    assignee: str,
    payload: Payload,
) -> Submission:
    """Say that somebody sees a problem of which no source told.

    Args:
        domain_id: whose.
        project_id: where its alert is to be.
        key: one that no other alert has.
        severity: how bad it is.
        title: one line.
        author: who.
        assignee: who is to see to it; '' for nobody.
        payload: the request that asked for it.
    """
    signal = Signal(Kind.PROBLEM, key, severity, title, key_made=True, author=author, assignee=assignee)
    return Submission(own_source(domain_id, project_id), payload, [signal])


def submission_about(
    present: MonitoredObject,
    project_id: str,
    kind: Kind,
    *,
    author: str,
    comment: str,
    payload: Payload,
    sticky: bool = False,
) -> Submission:
    """Say that somebody acts on a host or service of which no alert is open.

    Args:
        present: which.
        project_id: where the event is recorded.
        kind: acknowledgement or acknowledgement_end.
        author: who.
        comment: why.
        payload: the request that asked for it.
        sticky: an acknowledgement that stays until the problem is over.
    """
    source = Source("", present.domain_id, project_id, present.host, "", True, "", SourceOptions(), 0)
    key = key_of(present.host, present.service)
    signal = Signal(
        kind=kind,
        key=key,
        severity=Severity.NONE,
        title=f"{key}: {_TITLES[kind]}",
        host=present.host,
        service=present.service,
        author=author,
        comment=comment,
        until_change=not sticky,
        sticky=sticky,
    )
    return Submission(source, payload, [signal])
