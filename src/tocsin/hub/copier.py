"""Follows the ledger with the columnar copy, in small steps, so that intake goes on meanwhile."""

import asyncio
import time
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from tocsin.hub.metrics import Metrics
from tocsin.store.columnar import pages
from tocsin.store.columnar.copy import Copy
from tocsin.store.columnar.file import CopyFailed, CopyInUse
from tocsin.store.columnar.held import Floor, Held
from tocsin.store.columnar.pages import Newest, Page
from tocsin.store.database import Database
from tocsin.store.errors import StoreError

POLL_SECONDS: Final = 1.0
"""How often it is looked what is new. What came since is counted in the ledger."""
RETENTION_SECONDS: Final = 60.0
"""How often it is looked what is gone. Answers leave it out at once."""
RETRY_SECONDS: Final = 10.0
_REST: Final = 9.0
"""How long it rests between steps, in lengths of a step: intake comes first."""
_log: Final = structlog.get_logger("tocsin.copier")


class Copier:
    """Fills the columnar copy and keeps it up with the ledger.

    Args:
        database: the ledger's.
        copy: what to fill; None for no copy.
        metrics: shows how far it is behind.

    Attributes:
        trouble: why there is no copy to ask; '' where there is.
        behind: how many events it does not hold yet.
    """

    def __init__(self, database: Database, copy: Copy | None, metrics: Metrics) -> None:
        self._database = database
        self._copy = copy
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None
        self._trimmed_at = 0.0
        self.trouble = "not looked at yet"
        self.behind = 0

    def start(self) -> None:
        """Begin to follow."""
        if self._copy is not None:
            self._task = asyncio.create_task(self._run(self._copy), name="copier")

    async def stop(self) -> None:
        """End after the step in progress, and let go of the copy."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._copy is not None:
            await self._copy.close()
            self._copy.end()

    async def _run(self, copy: Copy) -> None:
        while True:
            try:
                await copy.open()
                await self._follow(copy)
            except CopyInUse as failure:
                self._say(failure)
            except CopyFailed as failure:
                self._say(failure)
                await self._discard(copy)
            except Exception as failure:  # nothing depends on the copy, and the reason is in the log
                _log.exception("columnar_copy_broken")
                self.trouble = str(failure)
                await self._discard(copy)
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, copy: Copy) -> None:
        while True:
            try:
                await self.round(copy)
            except (CopyFailed, CopyInUse):
                raise
            except StoreError as failure:
                _log.warning("ledger_unreadable", reason=str(failure))
            await asyncio.sleep(POLL_SECONDS)

    async def round(self, copy: Copy) -> None:
        """Copy all that is new, a page of each domain in turn.

        Raises:
            CopyFailed: the copy has to be made anew.
            StoreError: the ledger cannot be read.
        """
        ledger = await self._database.read(pages.newest)
        if gone := copy.domains - set(ledger):
            await copy.forget(gone)
        if time.monotonic() - self._trimmed_at > RETENTION_SECONDS:
            await self._trim(copy, ledger)
            self._trimmed_at = time.monotonic()
        self._show(copy, ledger)
        waiting = dict(ledger)
        while waiting:
            for domain_id, newest in list(waiting.items()):
                began = time.monotonic()
                if not await self._step(copy, domain_id, newest):
                    del waiting[domain_id]
                    continue
                self._show(copy, ledger)
                held = copy.stored(domain_id)
                if held is not None and held.last_seq >= newest.seq:
                    del waiting[domain_id]
                    continue
                await asyncio.sleep((time.monotonic() - began) * _REST)

    async def _step(self, copy: Copy, domain_id: str, newest: Newest) -> bool:
        """Copy the next page of a domain, and say whether there was one."""
        held = copy.stored(domain_id)
        if held is not None and copy.held(domain_id) is not None and held.last_seq == newest.seq:
            return False
        held = held or await self._begin(domain_id, newest)
        found, page = await self._database.read(partial(_next, domain_id=domain_id, held=held))
        if not found or held.created_at != newest.created_at:
            _log.info("columnar_copy_is_of_another_past", domain=domain_id)
            await copy.forget({domain_id})
            return True
        if page is not None:
            await copy.append(domain_id, held, page)
        elif copy.stored(domain_id) is not None:
            copy.trust(domain_id)
        return page is not None

    async def _begin(self, domain_id: str, newest: Newest) -> Held:
        floor = await self._database.read(partial(pages.floor, domain_id=domain_id))
        return Held(newest.created_at, floor)

    async def _trim(self, copy: Copy, ledger: dict[str, Newest]) -> None:
        for domain_id in copy.domains & set(ledger):
            held = copy.held(domain_id)
            floor: Floor = await self._database.read(partial(pages.floor, domain_id=domain_id))
            if held is not None and held.floor != floor:
                await copy.trim(domain_id, held, floor)

    async def _discard(self, copy: Copy) -> None:
        try:
            await copy.discard()
        except OSError as failure:
            _log.warning("columnar_copy_not_deleted", reason=str(failure))

    @property
    def note(self) -> str:
        """What there is to say of the copy: off, unusable or behind; '' where it is up with the ledger."""
        if self._copy is None:
            return "off"
        return self.trouble or (f"{self.behind} events behind" if self.behind else "")

    def _say(self, failure: StoreError) -> None:
        self.trouble = str(failure)
        _log.warning("columnar_copy_unusable", reason=self.trouble)

    def _show(self, copy: Copy, ledger: dict[str, Newest]) -> None:
        self.behind = sum(
            max(0, newest.seq - (held.last_seq if (held := copy.held(domain_id)) else 0))
            for domain_id, newest in ledger.items()
        )
        self._metrics.copy_lag.set(self.behind)
        self.trouble = ""


def _next(connection: Connection, domain_id: str, held: Held) -> tuple[bool, Page | None]:
    """Say whether the ledger goes on from what the copy holds, and give what comes next."""
    if not pages.is_continued(connection, domain_id, held):
        return False, None
    return True, pages.page_after(connection, domain_id, held)
