"""The dispatcher: what waits in the outbox goes to its targets.

What is recorded is leased, and what came of attempts is written, in the transactions of the recorder: neither
needs a sync of its own. What they leave over - retries, lanes, backlogs, what other nodes left - is settled
and claimed in transactions of the dispatcher.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.errors import Unavailable
from tocsin.hub.holding import Errand, Holding
from tocsin.hub.metrics import Metrics
from tocsin.hub.sender import Sender
from tocsin.model.delivery import Attempt, Delivery, DeliveryState, Sent, SentOutcome
from tocsin.model.event import MICROSECONDS_PER_SECOND, day_of
from tocsin.model.own import own_submission
from tocsin.model.receipt import Receipt
from tocsin.model.retrying import HEALTHY, RetryPlan, after_attempt, health_after
from tocsin.model.submission import Submission
from tocsin.model.target import Target
from tocsin.store import configuration, directory, outbox, targets
from tocsin.store.database import Database
from tocsin.store.errors import NotFound, StoreError
from tocsin.store.outbox import Claimed, Settled

POLL_SECONDS: Final = 1.0
"""How often is looked at all targets: for what other nodes recorded or left behind."""
LEASE_MARGIN_SECONDS: Final = 10.0
"""How much longer a lease is than an attempt may take."""
STOP_SECONDS: Final = 1.5
"""How long attempts that are under way may go on at a stop."""
SETTLE_SECONDS: Final = 0.02
"""How long what came of an attempt may wait to be written along with something else."""
_GAUGE_ROUNDS: Final = 10
_log: Final = structlog.get_logger("tocsin.dispatcher")


class Dispatcher:
    """Sends what is due, again where that may help, and keeps what came of it.

    Args:
        database: the store.
        senders: by kind of target.
        record: records what Tocsin says itself about targets that fail.
        metrics: what is counted.
        clock: gives microseconds UTC.
        plan: how hard to try.
        lease_margin: seconds that a lease is longer than an attempt may take.
    """

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        record: Callable[[Submission], Awaitable[list[Receipt]]],
        metrics: Metrics,
        clock: Callable[[], int],
        plan: RetryPlan | None = None,
        lease_margin: float = LEASE_MARGIN_SECONDS,
    ) -> None:
        self._database = database
        self._senders = senders
        self._record = record
        self._metrics = metrics
        self._clock = clock
        self._plan = plan or RetryPlan()
        self._lease_margin = lease_margin
        self._holding = Holding(senders.keys(), clock, lease_margin)
        self._sending: dict[asyncio.Task[None], Claimed] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._along: Errand | None = None
        """What the recorder's present transaction does."""
        self._settles_alone = False
        """Whether what came of attempts is kept out of those: it may be what broke one."""
        self._recovered: set[str] = set()
        self._wake = asyncio.Event()
        self._waking: asyncio.TimerHandle | None = None
        self._alarms: list[tuple[int, str]] = []
        """When something will be due to a target, as far as this node knows, and to which: a heap."""
        self._orphans_since = 0
        """The oldest day that is looked at for them: all days at first."""
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the last step failed; '' when it did not."""

    async def start(self) -> None:
        """Begin. On SQLite nobody else can hold anything: what a process that is gone held is free."""
        if self._database.is_sqlite:
            await self._database.write(outbox.free_leases)
        self._task = asyncio.create_task(self._run(), name="dispatcher")

    async def stop(self) -> None:
        """Claim nothing more, let attempts end, give back what did not, and write what came of them."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._sending:
            await asyncio.wait(self._sending, timeout=STOP_SECONDS)
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, *self._telling, return_exceptions=True)
        try:
            await self._settle_and_claim(set())
        except Exception as failure:  # their leases end, and others send them again
            _log.warning("deliveries_unsettled", reason=str(failure))
        for sender in self._senders.values():
            await sender.close()

    def hurry(self, target_ids: set[str]) -> None:
        """Look at once whether something is due to some targets."""
        self._holding.behind |= target_ids
        self._wake.set()

    def take_part(self, connection: Connection, new: list[Delivery]) -> list[Delivery]:
        """Settle and lease what can be, in the transaction that writes new deliveries.

        Args:
            connection: that transaction.
            new: what it is about to write.

        Returns:
            The same in the same order, those leased that are to be sent as soon as it is committed.
        """
        holding = self._holding
        # What was decided with other targets in mind than there are now is claimed and settled, as ever.
        if not (new or holding.is_unsettled) or configuration.version(connection) != holding.version:
            return new
        self._along = errand = holding.begin(at_most=0 if self._settles_alone else None)
        holding.settle(connection, errand, wait=False)
        return new if self._stopping else holding.lease(connection, errand, new)

    def took_part(self, taken: list[Claimed]) -> None:
        """Hear that the transaction in which it took part is committed, and send what that leased."""
        for each in taken:
            self._start(each)
        if self._along is not None:
            self._holding.done(self._along)
            self._along = None
        if self._holding.ready():
            self._wake.set()

    def failed(self, *, refused: bool) -> None:
        """Hear that the transaction in which it took part was not committed: all that is still to do.

        Args:
            refused: the store refused a statement, which may have been its own: so it is settled alone.
        """
        if self._along is not None:
            self._holding.undone(self._along)
            self._along = None
        if refused:
            self._settles_alone = True
            self._wake.set()

    async def _run(self) -> None:
        rounds = 0
        swept_at = 0
        while not self._stopping:
            every = self._clock() - swept_at >= POLL_SECONDS * MICROSECONDS_PER_SECOND
            if every:
                swept_at = self._clock()
            self._hear_alarms()
            try:
                await self._step(every=every)
                if every and rounds % _GAUGE_ROUNDS == 0:
                    await self._measure()
                    await self._give_up_orphans()
                self.trouble = ""
            except StoreError as failure:
                self._complain(str(failure))
                await asyncio.sleep(POLL_SECONDS)
            except Exception as failure:  # what is due stays due, and is tried again
                _log.exception("dispatcher_broken")
                self._complain(type(failure).__name__)
                await asyncio.sleep(POLL_SECONDS)
            rounds += every
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause())
            self._wake.clear()

    def _complain(self, reason: str) -> None:
        if not self.trouble:
            _log.warning("dispatcher_failed", reason=reason)
        self.trouble = reason

    def _hear_alarms(self) -> None:
        """Want a look at the targets to which something is due now that was not before."""
        now = self._clock()
        while self._alarms and self._alarms[0][0] <= now:
            self._holding.behind.add(heapq.heappop(self._alarms)[1])

    def _pause(self) -> float:
        """Give the seconds until the next look: sooner where something is due before."""
        if not self._alarms:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(0.0, (self._alarms[0][0] - self._clock()) / MICROSECONDS_PER_SECOND))

    async def _step(self, *, every: bool) -> None:
        holding = self._holding
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        wanted = set(holding.targets) if every else holding.ready()
        if not (every or wanted or holding.is_unsettled or self._recovered):
            return
        await self._settle_and_claim(wanted)
        if holding.ready():
            self._wake_soon()

    def _wake_soon(self) -> None:
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._wake.set)

    def _start(self, claimed: Claimed) -> None:
        self._holding.started(claimed.delivery.target_id)
        task = asyncio.create_task(self._send(claimed), name="delivery")
        self._sending[task] = claimed
        task.add_done_callback(self._ended)

    async def _settle_and_claim(self, wanted: set[str]) -> None:
        """Write what came of attempts, claim what is due to some targets, and send it."""
        holding = self._holding
        errand = holding.begin()
        recovered, self._recovered = self._recovered, set()

        def work(connection: Connection) -> list[Claimed]:
            recovered.update(holding.read_targets(connection))
            holding.settle(connection, errand, wait=True)
            holding.hurry(connection, recovered)
            if self._stopping:
                return []
            return holding.claim(connection, errand, wanted | recovered | errand.released)

        try:
            claimed = await self._database.write(work)
        except BaseException as failure:
            holding.undone(errand)
            self._recovered |= recovered
            if isinstance(failure, Exception) and not isinstance(failure, StoreError):
                await self._settle_apart()
            raise
        for each in claimed:
            self._start(each)
        holding.done(errand)
        self._settles_alone = False

    async def _settle_apart(self) -> None:
        """Settle each for itself, after the store refused a statement: one must not keep up others."""
        while self._holding.is_unsettled:
            errand = self._holding.begin(at_most=1)
            try:
                await self._database.write(partial(self._holding.settle, errand=errand, wait=True))
            except StoreError:
                self._holding.undone(errand)
                raise
            except Exception:  # the end of its lease makes it due again
                _log.exception("delivery_unsettled", delivery=errand.settled[0].delivery.id)
            self._holding.done(errand)

    async def _send(self, claimed: Claimed) -> None:
        """Make one attempt and note what came of it. Cancelled, it gives the delivery back."""
        delivery = claimed.delivery
        target = self._holding.targets.get(delivery.target_id)
        if target is None:
            self._give_back(claimed)
            return
        started_at = self._clock()
        try:
            sent = await self._attempt(target, claimed)
        except asyncio.CancelledError:
            self._give_back(claimed)
            raise
        now = self._clock()
        after = after_attempt(delivery, sent, now, self._plan)
        attempt = None
        if sent.outcome is not SentOutcome.UNSUITED:
            attempt = Attempt(
                delivery.domain_id,
                delivery.seq,
                delivery.target_id,
                after.attempts,
                delivery.day,
                started_at,
                now - started_at,
                sent.status,
                sent.outcome,
                sent.reason,
                sent.answer,
            )
        self._holding.note(Settled(after, attempt, delivery.leased_until))
        if after.state is DeliveryState.PENDING:
            heapq.heappush(self._alarms, (after.due_at, target.id))
        self._note_health(target, sent, now)
        self._metrics.attempts.labels(target.kind, sent.outcome, _reason_label(sent)).inc()
        if sent.outcome is SentOutcome.ACCEPTED and claimed.event is not None:
            seconds = (now - claimed.event.recorded_at) / MICROSECONDS_PER_SECOND
            self._metrics.passing_seconds.observe(seconds)

    async def _attempt(self, target: Target, claimed: Claimed) -> Sent:
        if claimed.event is None:
            return Sent(SentOutcome.REFUSED, reason="the event is not kept any more")
        limit = target.options.timeout + self._lease_margin / 2
        try:
            async with asyncio.timeout(limit):
                return await self._senders[target.kind].send(
                    target, claimed.delivery, claimed.event, claimed.alert
                )
        except TimeoutError:
            return Sent(SentOutcome.RETRY, reason=f"no answer within {target.options.timeout:g} seconds")
        except Exception as failure:  # one sender's fault must not stop the others
            _log.exception("sender_failed", target=target.id)
            return Sent(SentOutcome.RETRY, reason=f"the sender failed: {type(failure).__name__}")

    def _give_back(self, claimed: Claimed) -> None:
        free = msgspec.structs.replace(claimed.delivery, leased_by="", leased_until=0, due_at=self._clock())
        self._holding.note(Settled(free, None, claimed.delivery.leased_until))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        target_id = self._sending.pop(task).delivery.target_id
        self._holding.ended(target_id)
        if target_id in self._holding.behind:
            self._wake.set()
        else:
            self._wake_soon()

    def _note_health(self, target: Target, sent: Sent, now: int) -> None:
        holding = self._holding
        if holding.targets.get(target.id) != target:  # what it was says nothing of what it is now
            self._recovered.add(target.id)
            return
        before = holding.health.get(target.id, HEALTHY)
        after = health_after(before, sent, now, self._plan)
        holding.health[target.id] = after
        if before.failures and not after.failures:
            self._recovered.add(target.id)
        if after.closed_until > now:
            heapq.heappush(self._alarms, (after.closed_until, target.id))
        if before.told != after.told:
            task = asyncio.create_task(self._tell(target, sent, is_problem=after.told), name="own trouble")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, target: Target, sent: Sent, *, is_problem: bool) -> None:
        """Say as an event of Tocsin's own that a target fails, or works again."""
        try:
            project = await self._database.read(
                lambda connection: directory.find_project(connection, target.domain_id, directory.DEFAULT)
            )
            title = f"the target {target.name} {'fails' if is_problem else 'works again'}"
            await self._record(
                own_submission(
                    target.domain_id,
                    project.id,
                    key=targets.trouble_key(target.id),
                    title=title,
                    is_problem=is_problem,
                    description=sent.reason,
                )
            )
        except (StoreError, NotFound, Unavailable) as failure:
            _log.warning("trouble_untold", target=target.id, reason=str(failure))
            # The next attempt says it again, if it is still true then.
            health = self._holding.health.get(target.id, HEALTHY)
            self._holding.health[target.id] = msgspec.structs.replace(health, told=not is_problem)

    async def _give_up_orphans(self) -> None:
        """End what was recorded for a target at the moment when it was deleted."""
        now, since = self._clock(), self._orphans_since
        orphans = await self._database.read(lambda connection: targets.without_target(connection, since))
        if orphans:
            await self._database.write(
                lambda connection: outbox.give_up(connection, orphans, targets.DELETED, now)
            )
        self._orphans_since = day_of(now) - 1

    async def _measure(self) -> None:
        def look(connection: Connection) -> int:
            self._holding.look_back(connection)
            return outbox.oldest_pending(connection)

        oldest = await self._database.read(look)
        age = max(0, self._clock() - oldest) / MICROSECONDS_PER_SECOND if oldest else 0.0
        self._metrics.oldest_delivery.set(age)


def _reason_label(sent: Sent) -> str:
    """Give the reason of an attempt's end as one of a few words."""
    if sent.outcome is SentOutcome.ACCEPTED or sent.outcome is SentOutcome.UNSUITED:
        return ""
    if not sent.status:
        return "no_answer" if sent.outcome is SentOutcome.RETRY else "not_sent"
    return str(sent.status) if sent.status in {408, 429} else f"{sent.status // 100}xx"
