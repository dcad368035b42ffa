"""The copy as the server uses it: fed on one thread, asked on others, within a time limit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tocsin.store.columnar.file import CONNECTIONS, CopyFailed, CopyFile, reason_of
from tocsin.store.columnar.held import Floor, Held
from tocsin.store.columnar.pages import Page
from tocsin.store.errors import TookTooLong
from tocsin.store.interrupt import Interrupt

T = TypeVar("T")


class Copy:
    """The columnar copy.

    What it holds of a domain counts once the ledger has been seen to go on from there (`trust`): until then
    the file may be that of another store.

    Args:
        directory: the copy's own.
    """

    def __init__(self, directory: Path) -> None:
        self._file = CopyFile(directory)
        self._stored: dict[str, Held] = {}
        self._trusted: set[str] = set()
        self._feeding = ThreadPoolExecutor(1, thread_name_prefix="columnar-feed")
        self._asking = ThreadPoolExecutor(CONNECTIONS - 1, thread_name_prefix="columnar")

    async def open(self) -> None:
        """Open the file, or make it anew where it cannot be used.

        Raises:
            CopyInUse: another process has it open.
            CopyFailed: no file can be made there.
        """
        self._stored = await self._feed(self._file.open)

    async def close(self) -> None:
        """Let go of the file, after the work in progress. It can be opened again."""
        self._lose()
        await self._feed(self._file.close)

    async def discard(self) -> None:
        """Close the file and delete it."""
        self._lose()
        await self._feed(self._file.discard)

    def end(self) -> None:
        """Let go of the threads, after the last `close`."""
        self._feeding.shutdown()
        self._asking.shutdown()

    @property
    def domains(self) -> set[str]:
        """The domains of which something stands in the file."""
        return set(self._stored)

    def stored(self, domain_id: str) -> Held | None:
        """Say what stands in the file of a domain, whether it is to be trusted or not."""
        return self._stored.get(domain_id)

    def held(self, domain_id: str) -> Held | None:
        """Say what the copy holds of a domain; None where it cannot answer."""
        return self._stored.get(domain_id) if domain_id in self._trusted else None

    def trust(self, domain_id: str) -> None:
        """Say that what stands in the file of a domain is the past of its ledger."""
        self._trusted.add(domain_id)

    async def append(self, domain_id: str, held: Held, page: Page) -> None:
        """Add the events that come next. Parameters and errors are those of `CopyFile.append`."""
        self._stored[domain_id] = await self._feed(self._file.append, domain_id, held, page)
        self.trust(domain_id)

    async def trim(self, domain_id: str, held: Held, floor: Floor) -> None:
        """Delete the events below a floor. Parameters and errors are those of `CopyFile.trim`."""
        self._stored[domain_id] = await self._feed(self._file.trim, domain_id, held, floor)

    async def forget(self, domain_ids: set[str]) -> None:
        """Delete everything of some domains.

        Raises:
            CopyFailed: DuckDB failed; nothing was deleted.
        """
        self._trusted -= domain_ids
        await self._feed(self._file.forget, domain_ids)
        for domain_id in domain_ids:
            self._stored.pop(domain_id, None)

    async def ask(self, work: Callable[[Connection], T], seconds: float) -> T:
        """Run work that reads the copy, in one snapshot of it.

        Args:
            work: a function of a connection.
            seconds: how long it may take, its waiting for a turn included.

        Raises:
            TookTooLong: the time was up.
            CopyFailed: DuckDB failed, or needed more memory than it has.
        """
        loop = asyncio.get_running_loop()
        guard = Interrupt()
        timer = loop.call_later(seconds, guard.fire)
        try:
            return await loop.run_in_executor(self._asking, self._ask, work, guard)
        except asyncio.CancelledError:
            guard.fire()
            raise
        finally:
            timer.cancel()

    def _ask(self, work: Callable[[Connection], T], guard: Interrupt) -> T:
        try:
            with self._file.engine.begin() as connection:
                guard.arm(connection)
                try:
                    return work(connection)
                finally:
                    guard.disarm()
        except SQLAlchemyError as failure:
            if guard.fired:
                raise TookTooLong("the search took too long: narrow it") from failure
            raise CopyFailed(reason_of(failure)) from failure

    async def _feed(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._feeding, work, *values)

    def _lose(self) -> None:
        self._stored, self._trusted = {}, set()
