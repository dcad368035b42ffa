"""Naming: the names by which the signals of a submission are matched, given before anything is loaded."""

from collections.abc import Sequence

import msgspec

from tocsin.model.identity import identify, names_of, object_of
from tocsin.model.intake_rule import NO_ORDERS, IntakeRule, Orders, treat
from tocsin.model.signal import Signal
from tocsin.model.situation import AlertKey, ObjectName
from tocsin.model.source import Source
from tocsin.model.submission import Submission


class Named(msgspec.Struct, frozen=True, gc=False):
    """The names by which a signal is matched, and the host and service that its event says.

    Attributes:
        project_id: where it belongs.
        orders: what intake rules say of its alert and of passing it on.
        remarks: what intake rules did with it.
    """

    signal: Signal
    alert: AlertKey
    object: ObjectName
    host: str
    service: str
    project_id: str
    orders: Orders = NO_ORDERS
    remarks: tuple[str, ...] = ()


def name(submission: Submission, rules: Sequence[IntakeRule] = ()) -> list[Named]:
    """Give each signal's alert key and object, before anything about them is loaded.

    The submission stays as it is: a batch that failed is named and written again.

    Args:
        submission: what a request brought.
        rules: the intake rules of its source's project. What people and Tocsin itself say is beyond them.
    """
    source = submission.source
    return [
        _named(each, source, rules if source.id and not each.alert_seq else ()) for each in submission.signals
    ]


def _named(said: Signal, source: Source, rules: Sequence[IntakeRule]) -> Named:
    treated = treat(rules, said, source.id, source.project_id) if rules else None
    if treated is not None and treated.labels is not said.labels:
        said = msgspec.structs.replace(said, labels=treated.labels)
    signal = identify(said, source.options.identity)
    project_id = source.project_id if treated is None else treated.project_id
    return Named(
        signal,
        (source.domain_id, project_id, signal.key),
        (source.domain_id, *object_of(signal, source)),
        *names_of(signal, source),
        project_id,
        NO_ORDERS if treated is None else treated.orders,
        () if treated is None else treated.remarks,
    )
