"""The downtimes of hosts and services, for those who may not touch the store themselves."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from tocsin.hub.errors import Taken, Unavailable
from tocsin.model.audit import Author
from tocsin.model.downtime import Downtime, Plan, scheduled
from tocsin.model.monitored import MonitoredObject
from tocsin.store import audit, downtimes
from tocsin.store.database import Database
from tocsin.store.errors import Conflict, StoreUnavailable

T = TypeVar("T")


class Downtimes:
    """Schedules and cancels downtimes. They begin and end by themselves, whichever node is up then.

    Every method raises Unavailable where the store does not answer.

    Args:
        database: where they stand.
        hurry: tells the timekeeper that something is due.
        clock: gives microseconds UTC.
    """

    def __init__(self, database: Database, hurry: Callable[[], None], clock: Callable[[], int]) -> None:
        self._database = database
        self._hurry = hurry
        self._clock = clock

    async def schedule(
        self, domain_id: str, plan: Plan, objects: Sequence[MonitoredObject], author: Author
    ) -> list[Downtime]:
        """Put objects into a downtime.

        Returns:
            An entry for each of them.

        Raises:
            Taken: the domain has as many entries as it may.
        """

        def work(connection: Connection) -> list[Downtime]:
            made = downtimes.schedule(connection, domain_id, plan, objects, self._clock())
            for each in scheduled(made):
                audit.write(connection, author, "downtime.create", after=each)
            return made

        return await self._write(work)

    async def cancel(
        self, domain_id: str, choose: Callable[[Sequence[Downtime]], Sequence[Downtime]], author: Author
    ) -> list[Downtime]:
        """Cancel entries that wait or run. What runs ends now; what waits never was.

        Args:
            domain_id: whose.
            choose: gives of the entries that wait or run those that are to go.
            author: who does it.
        """

        def work(connection: Connection) -> list[Downtime]:
            gone = downtimes.cancel(connection, domain_id, choose, self._clock())
            for each in scheduled(gone):
                audit.write(connection, author, "downtime.delete", before=each)
            return gone

        return await self._write(work)

    async def unended(self, domain_id: str) -> list[Downtime]:
        """Give the entries that wait or run, by their begin."""
        return await self._read(lambda connection: downtimes.unended(connection, domain_id))

    async def origins(self, domain_id: str, object_ids: Sequence[int]) -> set[str]:
        """Give the origins of the entries that some objects have, ended or not, as long as these are kept."""
        return await self._read(lambda connection: downtimes.origins(connection, domain_id, object_ids))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except StoreUnavailable as failure:
            raise Unavailable(str(failure)) from None

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            result = await self._database.write(work)
        except Conflict as failure:
            raise Taken(str(failure)) from None
        except StoreUnavailable as failure:
            raise Unavailable(str(failure)) from None
        self._hurry()
        return result
