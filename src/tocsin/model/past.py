"""What happened before Tocsin was there, and is brought in afterwards.

A fact of the past is recorded as it was told: with its own time and state. It opens, changes and resolves no
alert, moves no object, and is passed on to nobody. A fact that stands there already is known by all that is
said of it, so that the same can be brought in any number of times.
"""

from typing import Any, Final, NamedTuple

from tocsin.model.life_cycle import Verdict
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Signal

OF_THE_PAST: Final = "it tells of the past: it changes no alert and is passed on to nobody"
KNOWN: Final = "it stands there already"
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


def fact_of(signal: Signal, source_id: str, host: str, service: str) -> Fact:
    """Give what a signal of the past is known by.

    Args:
        signal: what it says.
        source_id: of whose past.
        host: as its event says it.
        service: likewise.
    """
    told: dict[str, Any] = {name: getattr(signal, name) for name in _OF_THE_SIGNAL}
    return Fact(source_id=source_id, time=signal.occurred_at, host=host, service=service, **told)


_OF_THE_SIGNAL: Final = tuple(
    name for name in Fact._fields if name not in {"source_id", "time", "host", "service"}
)
