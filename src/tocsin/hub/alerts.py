"""The alerts, for those who may not touch the store themselves."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.hub.archive import patience, told
from tocsin.model.alert import Alert
from tocsin.model.event import Event, day_of
from tocsin.model.handling import Handling
from tocsin.model.silence import snooze_of
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.tree import All, Expression, conjunction, one_of
from tocsin.store import handling, reading, search, silences
from tocsin.store.database import Database

T = TypeVar("T")

_SECONDS: Final = 20.0
"""How long a search may take."""
_AT_ONCE: Final = 500
"""So many alerts are held at once."""


class Case(msgspec.Struct, frozen=True):
    """An alert, and what belongs to it.

    Attributes:
        alert: the alert.
        opening: the event that opened it; None where that is not kept any more, or not to be seen.
        handling: what people wrote on it.
        snoozed_until: the end of the silence that holds for it alone, microseconds UTC; 0 for none.
    """

    alert: Alert
    opening: Event | None
    handling: Handling
    snoozed_until: int = 0


class Alerts:
    """Reads alerts.

    Args:
        database: where they stand.
        clock: gives microseconds UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def through(
        self,
        domain_id: str,
        tree: Expression,
        sees: Expression,
        work: Callable[[Iterator[Case], Callable[[], None]], T],
    ) -> T:
        """Let work go through alerts, those first that were opened last; none is kept.

        Args:
            domain_id: whose.
            tree: which.
            sees: what whoever asks may see.
            work: is given the alerts, and what to call now and then while it does much with one of them. It
                may run in a thread.

        Returns:
            What the work gives.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        deadline = time.monotonic() + _SECONDS

        def read(connection: Connection) -> T:
            cases = _cases(connection, domain_id, conjunction([tree, sees]), sees, self._clock(), deadline)
            return work(cases, patience(deadline))

        with told():
            return await self._database.read(read)

    async def numbered(self, domain_id: str, seqs: Sequence[int], sees: Expression) -> list[Case]:
        """Give the alerts with some numbers, in the order of these; those that are not to be seen are left
        out.

        Args:
            domain_id: whose.
            seqs: their numbers, each once.
            sees: what whoever asks may see.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        found: dict[int, Case] = {}
        for start in range(0, len(seqs), _AT_ONCE):
            tree = one_of(ALERT_FIELDS.by_name["id"], seqs[start : start + _AT_ONCE])
            cases = await self.through(domain_id, tree, sees, lambda given, _: list(given))
            found |= {case.alert.seq: case for case in cases}
        return [found[seq] for seq in seqs if seq in found]


def _cases(
    connection: Connection, domain_id: str, wanted: Expression, sees: Expression, now: int, deadline: float
) -> Iterator[Case]:
    before, go_on = 0, patience(deadline)
    snoozes = silences.active(connection, domain_id, now)
    while alerts := search.alerts(
        connection, domain_id, wanted, limit=_AT_ONCE, before=before, deadline=deadline
    ):
        go_on()
        openings = _openings(connection, domain_id, alerts, sees)
        handlings = handling.of_alerts(connection, domain_id, [alert.seq for alert in alerts])
        for alert in alerts:
            snooze = snoozes.get(snooze_of(alert.seq))
            yield Case(
                alert,
                openings.get(alert.seq),
                handlings.get(alert.seq) or Handling(domain_id, alert.seq),
                snooze.ends_at if snooze is not None else 0,
            )
        before = alerts[-1].seq


def _openings(
    connection: Connection, domain_id: str, alerts: Sequence[Alert], sees: Expression
) -> dict[int, Event]:
    """Give the events that opened some alerts, by their numbers."""
    if isinstance(sees, All):
        keys = [(domain_id, alert.seq, day_of(alert.opened_at)) for alert in alerts]
        found = reading.events_of(connection, keys)
    else:
        numbers = one_of(EVENT_FIELDS.by_name["id"], [alert.seq for alert in alerts])
        tree = conjunction([numbers, sees])
        found = search.events(connection, domain_id, tree, limit=len(alerts))
    return {event.seq: event for event in found}
