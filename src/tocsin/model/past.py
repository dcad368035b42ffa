"""What happened before Tocsin was there, and is brought in afterwards.

A fact of the past is recorded as it was told: with its own time and state. It opens, changes and resolves no
alert, moves no object, and is passed on to nobody. A fact that stands there already is known by all that is
said of it, or by the line of a log that told it, so that the same can be brought in any number of times.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from tocsin.model.life_cycle import Verdict
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Signal

OF_THE_PAST: Final = "it tells of the past: it changes no alert and is passed on to nobody"
KNOWN: Final = "it stands there already"
LOG_LINE: Final = "log_line"
"""The label of what a line of a log told: some that is said of it comes from lines before."""
PAST: Final = Verdict(None, 0, Outcome.RECORDED, OF_THE_PAST, counts=False)


class Fact(NamedTuple):
    """What a fact of the past is known by. Its members are columns of the event."""

    source_id: str
    time: int
    kind: str
    key: str
    host: str
    service: str
    state: str
    state_type: str
    attempt: int
    output: str
    author: str
    comment: str
    window_start: int
    window_end: int


class Told(NamedTuple):
    """What a fact of the past is known by that has the label `LOG_LINE`."""

    source_id: str
    time: int
    host: str
    service: str
    log_line: str


Known: TypeAlias = Fact | Told


def fact_of(signal: Signal, source_id: str, host: str, service: str) -> Known:
    """Give what a signal of the past is known by.

    Args:
        signal: what it says.
        source_id: of whose past.
        host: as its event says it.
        service: likewise.
    """
    said: dict[str, Any] = {name: getattr(signal, name) for name in _OF_THE_SIGNAL}
    fact = Fact(source_id=source_id, time=signal.occurred_at, host=host, service=service, **said)
    return known_by(fact, signal.labels)


def known_by(fact: Fact, labels: Mapping[str, str]) -> Known:
    """Give what a fact with some labels is known by."""
    line = labels.get(LOG_LINE, "")
    return Told(fact.source_id, fact.time, fact.host, fact.service, line) if line else fact


_OF_THE_SIGNAL: Final = tuple(
    name for name in Fact._fields if name not in {"source_id", "time", "host", "service"}
)
