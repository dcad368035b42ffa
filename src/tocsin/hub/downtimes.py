"""The downtimes of hosts and services, for those who may not touch the store themselves."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from tocsin.hub.errors import Taken, Unavailable
from tocsin.model.downtime import Downtime, Plan
from tocsin.model.monitored import MonitoredObject
from tocsin.store import downtimes
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
        self, domain_id: str, plan: Plan, objects: Sequence[MonitoredObject]
    ) -> list[Downtime]:
        """Put objects into a downtime.

        Returns:
            An entry for each of them.

        Raises:
            Taken: the domain has as many entries as it may.
        """
        return await self._write(
            lambda connection: downtimes.schedule(connection, domain_id, plan, objects, self._clock())
        )

    async def cancel(
        self, domain_id: str, wanted: Callable[[Downtime], bool], object_ids: Sequence[int] | None = None
    ) -> list[Downtime]:
        """Cancel entries that wait or run. What runs ends now; what waits never was.

        Args:
            domain_id: whose.
            wanted: says of an entry whether it is to go.
            object_ids: entries of these objects alone; None for all.
        """
        return await self._write(
            lambda connection: downtimes.cancel(connection, domain_id, wanted, self._clock(), object_ids)
        )

    async def unended(self, domain_id: str, object_ids: Sequence[int] | None = None) -> list[Downtime]:
        """Give the entries that wait or run, by their begin."""
        try:
            return await self._database.read(
                lambda connection: downtimes.unended(connection, domain_id, object_ids)
            )
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
