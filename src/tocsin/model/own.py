"""What Tocsin says by itself, as signals: so that it is decided, recorded and told like any other."""

from tocsin.model.downtime import Downtime
from tocsin.model.monitored import key_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Submission
from tocsin.model.target import Target

NAME = "tocsin"
"""Its name as a source, as the host of its own objects, and as the author of what time brings."""

TEST_LABEL = "tocsin_test"
"""Marks an event that was made to try a target, and names the target."""


def trial_submission(target: Target, project_id: str, author: str) -> Submission:
    """Try a target: an event that goes to it and nowhere else.

    Args:
        target: which.
        project_id: where the event is recorded.
        author: who tries it.
    """
    signal = Signal(
        kind=Kind.INFO,
        key=f"target/{target.name}/test",
        severity=Severity.INFO,
        title=f"Test of the target {target.name}",
        description=f"{author} tries whether messages reach the target {target.name}.",
        labels={TEST_LABEL: target.name},
        author=author,
        source_tool=NAME,
    )
    payload = Payload("native", "", {"own": signal.key}, b"")
    return Submission(own_source(target.domain_id, project_id), payload, [signal], only_to=(target.id,))


def own_submission(
    domain_id: str, project_id: str, *, key: str, title: str, is_problem: bool, description: str = ""
) -> Submission:
    """Say that something is wrong with Tocsin's own work, or well again.

    Args:
        domain_id: whose work.
        project_id: in which project.
        key: what it is about: `target/...`.
        title: one line.
        is_problem: False where it is well again.
        description: more about it.
    """
    signal = Signal(
        kind=Kind.PROBLEM if is_problem else Kind.RECOVERY,
        key=key,
        severity=Severity.ERROR if is_problem else Severity.NONE,
        title=title,
        description=description,
        source_tool=NAME,
    )
    return Submission(own_source(domain_id, project_id), Payload("native", "", {"own": key}, b""), [signal])


def downtime_signal(entry: Downtime, kind: Kind, at: int) -> Signal:
    """Say that an object's downtime begins or ends.

    Args:
        entry: which.
        kind: downtime_start or downtime_end.
        at: when it did, microseconds UTC.
    """
    key = key_of(entry.host, entry.service)
    what = "begins" if kind is Kind.DOWNTIME_START else "ends"
    return Signal(
        kind=kind,
        key=key,
        severity=Severity.NONE,
        title=f"{key}: a downtime {what}",
        host=entry.host,
        service=entry.service,
        author=entry.author,
        comment=entry.comment,
        window_start=entry.starts_at,
        window_end=entry.ends_at,
        occurred_at=at,
        source_tool=NAME,
    )


def downtime_submission(domain_id: str, project_id: str, signals: list[Signal]) -> Submission:
    """Put together what `downtime_signal` made, and number it."""
    for index, each in enumerate(signals):
        each.index = index
    payload = Payload("native", "", {"due": "downtime"}, b"")
    return Submission(own_source(domain_id, project_id), payload, signals)


def own_source(domain_id: str, project_id: str) -> Source:
    """Give the source of what no source told: Tocsin itself, in a project."""
    return Source("", domain_id, project_id, NAME, "native", True, "", SourceOptions(), 0)
