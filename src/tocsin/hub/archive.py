"""The archive: what is recorded, for those who may not touch the store themselves."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.hub.errors import TooSlow, Unavailable
from tocsin.model.event import Event
from tocsin.model.submission import Payload
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import reading, search
from tocsin.store.database import Database
from tocsin.store.errors import NotFound, StoreUnavailable, TookTooLong

T = TypeVar("T")


class Kept(msgspec.Struct, frozen=True):
    """An event and the request that it came with; None where that is not kept any more."""

    event: Event
    payload: Payload | None


class Archive:
    """Reads events.

    Args:
        database: where they stand.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def event(self, domain_id: str, seq: int, sees: Expression) -> Kept | None:
        """Give the event with a number; None where the domain has none, or it is not to be seen.

        Args:
            domain_id: whose.
            seq: its number.
            sees: what whoever asks may see.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        tree = conjunction([Comparison(EVENT_FIELDS.by_name["id"], Operator.EQUAL, seq), sees])

        def work(connection: Connection) -> Kept | None:
            found = search.events(connection, domain_id, tree, limit=1)
            return _kept(connection, found[0]) if found else None

        return await self._read(work)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except TookTooLong as failure:
            raise TooSlow(str(failure)) from None
        except StoreUnavailable:
            raise Unavailable("the store does not answer now") from None


def _kept(connection: Connection, event: Event) -> Kept:
    try:
        payload = reading.payload(connection, event.domain_id, event.payload_seq)
    except NotFound:
        return Kept(event, None)
    return Kept(event, payload)
