"""The recorder: signals wait for the next group commit, and their senders for its receipt.

One batch is in flight while the next gathers, so durability costs one sync a batch and not one a signal.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from itertools import islice
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.culprits import set_apart
from tocsin.hub.errors import Unavailable
from tocsin.hub.metrics import Metrics
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.recording import Submission
from tocsin.store.database import Database
from tocsin.store.errors import StoreUnavailable
from tocsin.store.ledger import Ledger

_log: Final = structlog.get_logger("tocsin.recorder")


class Limits(msgspec.Struct, frozen=True):
    """How much may wait, and how much goes into one transaction.

    Attributes:
        queue_signals: signals that may wait.
        queue_bytes: bytes of payload that may wait.
        batch_signals: signals in one transaction; a single request may exceed it.
    """

    queue_signals: int = 50_000
    queue_bytes: int = 64 * 1024 * 1024
    batch_signals: int = 4_000


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
        committed: told the ids of the domains that have new events, after each commit.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        metrics: Metrics,
        limits: Limits,
        committed: Callable[[set[str]], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._metrics = metrics
        self._limits = limits
        self._committed = committed
        self._waiting: deque[_Waiting] = deque()
        self._signals = 0
        self._bytes = 0
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the last batch was not written; '' when it was."""
        self.trouble_at = 0.0
        """When that was, on the monotonic clock, in seconds."""
        metrics.queue_signals.set_function(lambda: self._signals)
        metrics.queue_bytes.set_function(lambda: self._bytes)

    def start(self) -> None:
        """Begin to write what waits."""
        self._task = asyncio.create_task(self._run(), name="recorder")

    async def stop(self) -> None:
        """Take nothing more, write what waits, and return when it is done."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

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
        signals = sum(len(submission.signals) for submission in submissions)
        size = sum(len(submission.payload.body) for submission in submissions)
        if self._stopping:
            raise Unavailable("Tocsin is stopping")
        full = (
            self._signals + signals > self._limits.queue_signals
            or self._bytes + size > self._limits.queue_bytes
        )
        if full and self._waiting:
            self._metrics.rejected.labels("queue_full").inc(signals)
            raise Unavailable("too much is waiting to be written: try again")
        self._metrics.received.labels(submissions[0].payload.format).inc(signals)
        future: asyncio.Future[list[list[Receipt]]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(submissions, signals, size, future))
        self._signals += signals
        self._bytes += size
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._write(self._next_batch())
            if self._stopping:
                return

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._waiting.popleft()]
        signals = batch[0].signals
        while self._waiting:
            signals += self._waiting[0].signals
            if signals > self._limits.batch_signals:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        submissions = [submission for waiting in batch for submission in waiting.submissions]
        self._signals -= sum(waiting.signals for waiting in batch)
        self._bytes -= sum(waiting.size for waiting in batch)
        try:
            receipts = await self._commit(submissions)
        except Exception as failure:  # whatever it is, the senders must be told and the next batch tried
            self._fail(batch, failure)
            return
        self.trouble = ""
        given = iter(receipts)
        for waiting in batch:
            own = list(islice(given, len(waiting.submissions)))
            if not waiting.receipts.done():
                waiting.receipts.set_result(own)
        self._count(receipts)
        self._committed({submission.source.domain_id for submission in submissions})

    async def _commit(self, submissions: list[Submission]) -> list[list[Receipt]]:
        def work(connection: Connection) -> list[list[Receipt]]:
            return self._ledger.write(connection, submissions)

        with self._metrics.commit_seconds.time():
            try:
                return await self._database.write(work)
            except StoreUnavailable:
                raise
            except Exception:
                self._ledger.forget_partitions()
                _log.exception("batch_failed", signals=sum(len(each.signals) for each in submissions))
                await set_apart(self._database, self._ledger, submissions)
                return await self._database.write(work)

    def _fail(self, batch: list[_Waiting], failure: Exception) -> None:
        self._ledger.forget_partitions()
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
