"""Housekeeping: what a store needs done regularly. Every step is small, so that intake goes on meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import msgspec
import structlog

from tocsin.model.event import MICROSECONDS_PER_DAY, day_of
from tocsin.store import downtimes, keeping, repetitions, silences
from tocsin.store.database import Database
from tocsin.store.errors import StoreError

CHECKPOINT_SECONDS: Final = 0.5
ROUND_SECONDS: Final = 60.0
_PARTITION_DAYS_AHEAD: Final = 3
_SILENCES_KEPT: Final = 30 * MICROSECONDS_PER_DAY
"""How long it can be looked up who silenced what."""
_ANSWERS_KEPT: Final = MICROSECONDS_PER_DAY
"""How long a request with an Idempotency-Key is known again."""
_STATISTICS_SECONDS: Final = 600.0
"""Measuring many partitions takes longer than any batch, and holds nobody up."""
_log: Final = structlog.get_logger("tocsin.housekeeping")


class Keep(msgspec.Struct, frozen=True):
    """How long things are kept.

    Attributes:
        events_days: days after which events, and alerts resolved before, are deleted; 0 to keep all.
        rejected_count: how many rejected payloads a store keeps, the newest.
        objects_days: days after which a discovered object that sent nothing and has no open alert goes; 0 to
            keep all.
    """

    events_days: int = 0
    rejected_count: int = 10_000
    objects_days: int = 30


class Housekeeping:
    """Runs retention, partitions, statistics and checkpoints until it is stopped.

    Args:
        database: the store.
        keep: how long things are kept.
        clock: gives microseconds UTC.
    """

    def __init__(self, database: Database, keep: Keep, clock: Callable[[], int]) -> None:
        self._database = database
        self._keep = keep
        self._clock = clock
        self._statistics = keeping.Statistics()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Do what must be done before anything is recorded, then go on regularly."""
        await self._make_partitions()
        self._tasks.append(asyncio.create_task(self._forever(ROUND_SECONDS, self.round), name="housekeeping"))
        if self._database.is_sqlite:
            checkpoint = self._forever(CHECKPOINT_SECONDS, self._database.checkpoint)
            self._tasks.append(asyncio.create_task(checkpoint, name="checkpoint"))

    async def stop(self) -> None:
        """End after the step in progress."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def round(self) -> None:
        """Do everything once."""
        await self._make_partitions()
        await self._database.write(self._statistics.refresh, seconds=_STATISTICS_SECONDS)
        await self._database.write(
            lambda connection: keeping.drop_rejected(connection, self._keep.rejected_count)
        )
        now = self._clock()
        await self._database.write(
            lambda connection: silences.drop_silences(connection, now - _SILENCES_KEPT)
        )
        await self._database.write(lambda connection: downtimes.drop_ended(connection, now - _SILENCES_KEPT))
        await self._database.write(
            lambda connection: repetitions.drop_answers(connection, now - _ANSWERS_KEPT)
        )
        await self._database.write(keeping.drop_activity)
        today = day_of(now)
        if self._keep.objects_days:
            await self._forget_objects(today - self._keep.objects_days)
        if self._keep.events_days:
            await self._forget_events(today - self._keep.events_days)
            await self._forget_alerts(today - self._keep.events_days)
            await self._database.write(
                partial(keeping.drop_former_objects, oldest_day=today - self._keep.events_days)
            )

    async def _forget_objects(self, oldest_day: int) -> None:
        while found := await self._database.read(
            lambda connection: keeping.old_objects(connection, oldest_day)
        ):
            await self._database.write(partial(keeping.drop_objects, found=found, oldest_day=oldest_day))

    async def _forget_events(self, oldest_day: int) -> None:
        while await self._database.write(lambda connection: keeping.drop_events(connection, oldest_day)):
            continue

    async def _forget_alerts(self, oldest_day: int) -> None:
        while found := await self._database.read(
            lambda connection: keeping.old_alerts(connection, oldest_day)
        ):
            await self._database.write(partial(keeping.drop_alerts, found=found))

    async def _make_partitions(self) -> None:
        today = day_of(self._clock())
        await self._database.write(
            lambda connection: keeping.make_partitions(connection, today, today + _PARTITION_DAYS_AHEAD)
        )

    async def _forever(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await step()
            except StoreError as failure:
                _log.warning("housekeeping_failed", reason=str(failure))
            except Exception:  # the next round tries again; the reason is in the log
                _log.exception("housekeeping_broken")
