"""The timekeeper: does what is due when it is due. With several nodes each tries; the store lets one."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.store.database import Database
from tocsin.store.errors import StoreError
from tocsin.store.ledger import Written
from tocsin.store.timers import Timers, next_due

POLL_SECONDS: Final = 1.0
"""The longest wait between two looks: another node may have noted something that is due sooner."""
_log: Final = structlog.get_logger("tocsin.timekeeper")


class Timekeeper:
    """Ends acknowledgements and silences, resolves what went quiet, and notices sources that fell silent.

    Args:
        database: the store.
        timers: what does it.
        clock: gives microseconds UTC.
        committed: told what was written, after each commit.
    """

    def __init__(
        self,
        database: Database,
        timers: Timers,
        clock: Callable[[], int],
        committed: Callable[[Written], None],
    ) -> None:
        self._database = database
        self._timers = timers
        self._clock = clock
        self._committed = committed
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="timekeeper")

    async def stop(self) -> None:
        """End after the step in progress."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def hurry(self) -> None:
        """Look at once: something was made due just now."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            seconds = POLL_SECONDS
            try:
                left = await self._seconds_left()
                if left <= 0:
                    await self._do_what_is_due()
                    continue
                seconds = min(seconds, left)
            except StoreError as failure:
                _log.warning("timers_failed", reason=str(failure))
            except Exception:  # what is due stays due, and is tried again
                _log.exception("timers_broken")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)
            self._wake.clear()

    async def _seconds_left(self) -> float:
        due_at = await self._database.peek(next_due)
        return (due_at - self._clock()) / MICROSECONDS_PER_SECOND if due_at else POLL_SECONDS

    async def _do_what_is_due(self) -> None:
        # Shielded: the transaction may have committed, and then it must be told.
        await asyncio.shield(asyncio.create_task(self._step()))

    async def _step(self) -> None:
        self._committed(await self._database.write(self._timers.run))
