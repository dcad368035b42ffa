"""The recorder: signals wait for the next group commit, and their senders for its receipt.

A batch gathers until the event loop has taken all that came and as many wait as were answered last, since
those who were answered are the next to send; and while one is being written the next gathers.
So durability costs one sync a batch and not one a signal, and the loop and the writing thread seldom want the
interpreter at the same time: overlapping, they lose more to its lock than they win.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from itertools import compress, islice
from typing import Final, Protocol

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.culprits import set_apart
from tocsin.hub.errors import Unavailable
from tocsin.hub.metrics import Metrics
from tocsin.model.delivery import Delivery
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.submission import Standing, Submission
from tocsin.store.database import Database
from tocsin.store.errors import StoreUnavailable
from tocsin.store.ledger import Along, Ledger, Written

_log: Final = structlog.get_logger("tocsin.recorder")


_BATCH_BYTES: Final = 16 * 1024 * 1024
"""Payload in one transaction, so that none grows without bound; a single request may exceed it."""


_GATHER_SECONDS: Final = 0.002
"""How long a batch may gather while the event loop has more, or fewer wait than were answered last."""


class Limits(msgspec.Struct, frozen=True):
    """How much may wait, and how much goes into one transaction.

    Attributes:
        queue_signals: signals that may wait or be under way to the disk.
        queue_bytes: bytes of payload that may.
        batch_signals: signals in one transaction; a single request may exceed it.
    """

    queue_signals: int = 50_000
    queue_bytes: int = 64 * 1024 * 1024
    batch_signals: int = 4_000


class Companion(Protocol):
    """Takes part in the transactions that record, so that what it writes needs no sync of its own."""

    def take_part(self, connection: Connection, new: list[Delivery]) -> list[Delivery]:
        """Write along, and give the deliveries that are about to be written as they are to be."""

    def failed(self, *, refused: bool) -> None:
        """Hear that the transaction in which it took part was not committed.

        Args:
            refused: the store refused a statement, which may have been its own.
        """


class _Waiting(msgspec.Struct, gc=False):
    submissions: list[Submission]
    signals: int
    size: int
    receipts: "asyncio.Future[list[list[Receipt]]]"


class Recorder:
    """Takes submissions and answers with receipts once they are on disk.

    Args:
        database: the store.
        ledger: what writes a batch.
        metrics: what is counted.
        limits: how much may wait.
        committed: told what was written, after each commit.
        companion: takes part.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        metrics: Metrics,
        limits: Limits,
        committed: Callable[[Written], None],
        companion: Companion,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._metrics = metrics
        self._limits = limits
        self._committed = committed
        self._companion = companion
        self._waiting: deque[_Waiting] = deque()
        self._signals = 0
        self._bytes = 0
        self._running = False
        self._stopping = False
        self._gathering = False
        self._answered = 0
        """How many requests the last batch answered."""
        self._patience: asyncio.TimerHandle | None = None
        """Ends the wait for as many again."""
        self._writing: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the last batch was not written; '' when it was."""
        self.trouble_at = 0.0
        """When that was, on the monotonic clock, in seconds."""
        metrics.queue_signals.set_function(lambda: self._signals)
        metrics.queue_bytes.set_function(lambda: self._bytes)

    def start(self) -> None:
        """Begin to write what waits."""
        self._running = True
        self._gather()

    async def stop(self) -> None:
        """Take nothing more, write what waits, and return when it is done."""
        self._stopping = True
        while self._gathering or self._writing:
            await (asyncio.wait([self._writing]) if self._writing else asyncio.sleep(0))

    async def record(self, submission: Submission) -> list[Receipt]:
        """Record a submission. When this returns, it is on disk.

        A caller that is cancelled leaves the batch as it is: what it sent is recorded all the same.

        Args:
            submission: what one request brought.

        Returns:
            A receipt for each signal and each refused item, in the order of their indexes.

        Raises:
            Unavailable: the queue is full, the store fails, or Tocsin is stopping; nothing was recorded.
        """
        return (await self.record_together([submission]))[0]

    async def record_together(self, submissions: list[Submission]) -> list[list[Receipt]]:
        """Record what one request brought for several sources: all of it, or nothing.

        Raises:
            Unavailable: as `record`.
        """
        # What is refused is written too: a request of nothing but refusals takes its place like any other.
        signals = sum(max(1, len(each.signals) + len(each.refusals)) for each in submissions)
        size = sum(len(submission.payload.body) for submission in submissions)
        if self._stopping:
            raise Unavailable("Tocsin is stopping")
        full = (
            self._signals + signals > self._limits.queue_signals
            or self._bytes + size > self._limits.queue_bytes
        )
        if full and self._signals:
            self._metrics.rejected.labels("queue_full").inc(signals)
            raise Unavailable("too much is waiting to be written: try again")
        received = sum(len(submission.signals) for submission in submissions)
        self._metrics.received.labels(submissions[0].payload.format).inc(received)
        future: asyncio.Future[list[list[Receipt]]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(submissions, signals, size, future))
        self._signals += signals
        self._bytes += size
        self._gather()
        if self._patience is not None and len(self._waiting) >= self._answered:
            self._hand_over()
        return await future

    def _gather(self) -> None:
        """Let what waits gather, unless it does so already or a write is under way: its end comes here."""
        if self._running and self._waiting and not self._gathering and self._writing is None:
            self._gathering = True
            loop = asyncio.get_running_loop()
            # As if none had been seen yet, so that at least one whole round of the loop comes between.
            loop.call_soon(self._look, 0, loop.time() + _GATHER_SECONDS)

    def _look(self, seen: int, until: float) -> None:
        """Hand a write over to the store, or look again a round of the loop later if more came since.

        Args:
            seen: how many requests waited at the last look.
            until: when to hand over all the same, by the loop's clock.
        """
        loop, waiting = asyncio.get_running_loop(), len(self._waiting)
        if self._signals >= self._limits.batch_signals or loop.time() >= until:
            self._hand_over()
        elif waiting > seen:
            loop.call_soon(self._look, waiting, until)
        elif waiting < self._answered:
            self._patience = loop.call_at(until, self._hand_over)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        """Let what waits be written. The write takes its batch when it begins.

        So it holds what comes while other work of the store is still in its way.
        """
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self._gathering = False
        self._writing = asyncio.create_task(self._write(), name="write")
        self._writing.add_done_callback(self._ended)

    def _ended(self, _: "asyncio.Task[None]") -> None:
        self._writing = None
        self._gather()

    async def _write(self) -> None:
        batch: list[_Waiting] = []
        try:
            written = await self._commit(batch)
        except Exception as failure:  # whatever it is, the senders must be told and the next batch tried
            if not batch:
                # It failed before it began, so that those who waited for it still wait.
                batch = self._next_batch()
            self._forget(batch)
            self._fail(batch, failure)
            return
        self.trouble = ""
        self._answered = len(batch)
        submissions = [each for waiting in batch for each in waiting.submissions]
        given = iter(written.receipts)
        for waiting in batch:
            own = list(islice(given, len(waiting.submissions)))
            if not waiting.receipts.done():
                waiting.receipts.set_result(own)
        self._forget(batch)
        recorded = (each.once is None or each.once.standing is Standing.NEW for each in submissions)
        self._count(list(compress(written.receipts, recorded)))
        self._committed(written)

    async def _commit(self, batch: list[_Waiting]) -> Written:
        """Write all that waits, and put it into `batch` as the write begins."""
        submissions: list[Submission] = []
        began = 0.0

        def work(connection: Connection, along: Along | None = None) -> Written:
            nonlocal began
            if not batch:
                began = time.monotonic()
                batch.extend(self._next_batch())
                submissions.extend(each for waiting in batch for each in waiting.submissions)
            return self._ledger.write(connection, submissions, along)

        try:
            return await self._database.write(lambda connection: work(connection, self._companion.take_part))
        except StoreUnavailable:
            self._companion.failed(refused=False)
            raise
        except Exception:
            self._ledger.forget()
            self._companion.failed(refused=True)
            _log.exception("batch_failed", signals=sum(len(each.signals) for each in submissions))
            await set_apart(self._database, self._ledger, submissions)
            # Alone: what takes part must not keep anything from being recorded.
            return await self._database.write(work)
        finally:
            if began:
                self._metrics.commit_seconds.observe(time.monotonic() - began)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        signals = size = 0
        while self._waiting:
            signals += self._waiting[0].signals
            size += self._waiting[0].size
            if batch and (signals > self._limits.batch_signals or size > _BATCH_BYTES):
                break
            batch.append(self._waiting.popleft())
        return batch

    def _forget(self, batch: list[_Waiting]) -> None:
        self._signals -= sum(waiting.signals for waiting in batch)
        self._bytes -= sum(waiting.size for waiting in batch)

    def _fail(self, batch: list[_Waiting], failure: Exception) -> None:
        self._ledger.forget()
        self._metrics.commit_failures.inc()
        if not self.trouble:
            _log.error("store_failed", reason=str(failure))
        self.trouble, self.trouble_at = str(failure), time.monotonic()
        for waiting in batch:
            if not waiting.receipts.done():
                waiting.receipts.set_exception(Unavailable("the store does not take events now"))

    def _count(self, receipts: list[list[Receipt]]) -> None:
        outcomes = Counter(receipt.outcome for given in receipts for receipt in given)
        self._metrics.batch_signals.observe(outcomes.total())
        rejected = outcomes.pop(Outcome.REJECTED, 0)
        if rejected:
            self._metrics.rejected.labels("bad_item").inc(rejected)
        for outcome, count in outcomes.items():
            self._metrics.recorded.labels(outcome).inc(count)
