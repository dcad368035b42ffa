"""Naming: the names by which the signals of a submission are matched, given before anything is loaded."""

import msgspec

from tocsin.model.identity import identify, names_of, object_of
from tocsin.model.signal import Signal
from tocsin.model.situation import AlertKey, ObjectName
from tocsin.model.submission import Submission


class Named(msgspec.Struct, frozen=True, gc=False):
    """The names by which a signal is matched, and the host and service that its event says."""

    signal: Signal
    alert: AlertKey
    object: ObjectName
    host: str
    service: str


def name(submission: Submission) -> list[Named]:
    """Give each signal's alert key and object, before anything is loaded.

    The submission stays as it is: a batch that failed is named and written again.
    """
    source = submission.source
    identity = source.options.identity
    named = []
    for each in submission.signals:
        signal = identify(each, identity)
        named.append(
            Named(
                signal,
                (source.domain_id, source.project_id, signal.key),
                (source.domain_id, *object_of(signal, source)),
                *names_of(signal, source),
            )
        )
    return named
