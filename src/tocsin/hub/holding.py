"""What this node holds of the outbox, and what it knows of the queues of its targets.

Two kinds of transactions work on them, at most one of each at a time: the recorder's lease what they record
and settle what they can, the dispatcher's own settle and claim what those leave over. What one of them does
is an `Errand`, which counts once it is committed, and is taken back where it is not.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from secrets import token_hex

import msgspec
from sqlalchemy import Connection

from tocsin.model.delivery import Delivery
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.retrying import HEALTHY, Health
from tocsin.model.target import Target
from tocsin.store import configuration, lanes, outbox, targets
from tocsin.store.outbox import Claimed, Settled


class Errand(msgspec.Struct, eq=False):
    """What one transaction does to the queues.

    Attributes:
        settled: what came of deliveries, which it writes.
        leased: how many deliveries it takes, by target.
        looked_at: the targets of which it finds out whether something is due.
        released: the targets to which it makes something due.
    """

    settled: list[Settled]
    leased: Counter[str] = msgspec.field(default_factory=Counter)
    looked_at: set[str] = msgspec.field(default_factory=set)
    released: set[str] = msgspec.field(default_factory=set)


class Holding:
    """Knows which targets may have something due, and how many more deliveries each may be sent.

    Args:
        kinds: of the targets that can be sent to.
        clock: gives microseconds UTC.
        lease_margin: seconds that a lease is longer than an attempt may take.

    Attributes:
        targets: by id, as of `version` of the configuration.
        health: how each does.
        behind: the targets to which something may be due that nobody holds. Whoever looks takes the target
            out first, so that what becomes due meanwhile is looked for again.
    """

    def __init__(self, kinds: Collection[str], clock: Callable[[], int], lease_margin: float) -> None:
        self._kinds = kinds
        self._clock = clock
        self._lease_margin = lease_margin
        self._node = token_hex(6)
        self.version = -1
        self.targets: dict[str, Target] = {}
        self.health: dict[str, Health] = {}
        self.behind: set[str] = set()
        self._since: dict[str, int] = {}
        """The oldest day that something may wait from for each target."""
        self._under_way: Counter[str] = Counter()
        self._settled: deque[Settled] = deque()
        self._errands: list[Errand] = []

    @property
    def is_unsettled(self) -> bool:
        """Whether something came of deliveries that is not written, and that no transaction is writing."""
        return bool(self._settled)

    def note(self, settled: Settled) -> None:
        """Note what came of a delivery, to be written."""
        self._settled.append(settled)

    def started(self, target_id: str) -> None:
        """Count an attempt that is under way."""
        self._under_way[target_id] += 1

    def ended(self, target_id: str) -> None:
        """Count it no more."""
        self._under_way[target_id] -= 1

    def ready(self) -> set[str]:
        """Give the targets that may have something due and may be sent it, and those not known yet."""
        known = self.targets
        return {each for each in tuple(self.behind) if each not in known or self.places(known[each])}

    def places(self, target: Target) -> int:
        """Give how many more deliveries may be sent to a target now."""
        if not target.enabled or target.kind not in self._kinds:
            return 0
        taken = self._under_way[target.id] + sum(each.leased[target.id] for each in tuple(self._errands))
        return self.health.get(target.id, HEALTHY).places(target.options.at_once, taken, self._clock())

    def begin(self, *, at_most: int | None = None) -> Errand:
        """Begin a transaction's errand, which takes over what is to be settled. End it with one of the next.

        Args:
            at_most: how much of that; all where it is None.
        """
        errand = Errand(self._take_settled(at_most))
        self._errands.append(errand)
        return errand

    def done(self, errand: Errand) -> None:
        """Hear that its transaction is committed, and that what it leased was counted as started."""
        self._errands.remove(errand)
        self.behind |= errand.released - errand.looked_at

    def undone(self, errand: Errand) -> None:
        """Hear that its transaction was not committed: all of it is still to do."""
        self._errands.remove(errand)
        self._settled.extendleft(reversed(errand.settled))
        self.behind |= errand.looked_at

    def settle(self, connection: Connection, errand: Errand, *, wait: bool) -> None:
        """Write what came of deliveries.

        Args:
            connection: within the errand's transaction.
            errand: which.
            wait: wait for other nodes that are at the same queues; else that stays to be settled.
        """
        since = self._oldest(each.delivery.target_id for each in errand.settled)
        errand.released, busy = outbox.settle(connection, errand.settled, self._clock(), since, wait=wait)
        self._settled.extend(each for each in errand.settled if each.delivery.target_id in busy)
        errand.settled = [each for each in errand.settled if each.delivery.target_id not in busy]

    def lease(self, connection: Connection, errand: Errand, new: list[Delivery]) -> list[Delivery]:
        """Lease of new deliveries what can be sent at once.

        Args:
            connection: within the errand's transaction, which is to write them.
            errand: which.
            new: all that it is to write.

        Returns:
            The same, in the same order.
        """
        named = {each.target_id for each in new}
        # Where something may be due already, that has its turn first.
        open_to = [self.targets[each] for each in named - self.behind if each in self.targets]
        leased = outbox.lease_new(
            connection,
            new,
            {target.id: self.places(target) for target in open_to},
            node=self._node,
            now=self._clock(),
            until={target.id: self._lease_end(target) for target in open_to},
            since=self._oldest(target.id for target in open_to),
        )
        errand.leased.update(each.target_id for each in leased if each.leased_by)
        self.behind |= {each.target_id for each in leased if not each.leased_by}
        return leased

    def claim(self, connection: Connection, errand: Errand, target_ids: Iterable[str]) -> list[Claimed]:
        """Claim what is due to some targets, as far as they have places.

        Args:
            connection: within the errand's transaction.
            errand: which.
            target_ids: which; those that are not known have nothing due.
        """
        claimed: list[Claimed] = []
        for target_id in target_ids:
            target = self.targets.get(target_id)
            if target is None:
                self.behind.discard(target_id)
                continue
            if not (places := self.places(target)):
                continue
            errand.looked_at.add(target_id)
            self.behind.discard(target_id)
            found, is_all = outbox.claim(
                connection,
                target,
                node=self._node,
                now=self._clock(),
                until=self._lease_end(target),
                places=places,
                since=self._since[target_id],
            )
            if not is_all:
                self.behind.add(target_id)
            errand.leased[target_id] += len(found)
            claimed += found
        return claimed

    def read_targets(self, connection: Connection) -> set[str]:
        """Read the targets where the configuration has changed, and what is known of their queues.

        Returns:
            The ids of those that were changed: how they did before counts no more.
        """
        version = configuration.version(connection)
        if version == self.version:
            return set()
        known = targets.all_targets(connection)
        new = [each for each in known if each.id not in self.health]
        failing = targets.told_to_fail(connection, [each.id for each in new])
        # What was told before a restart is taken back as soon as it is not true any more.
        self.health |= {each.id: Health(told=each.id in failing) for each in new}
        changed = {each.id for each in known if self.targets.get(each.id, each) != each}
        self.health |= {each: Health(told=self.health[each].told) for each in changed}
        self.targets = {each.id: each for each in known}
        self.look_back(connection)
        self.behind |= set(self.targets)
        self.version = version
        return changed

    def look_back(self, connection: Connection) -> None:
        """Find out from which day on something may wait for each target."""
        self._since = lanes.oldest_days(connection, self.targets, self._clock())

    def hurry(self, connection: Connection, target_ids: Iterable[str]) -> None:
        """Make due at once what waits for another attempt on some targets: they answer again."""
        for target_id in target_ids:
            if target := self.targets.get(target_id):
                outbox.hurry(connection, target, self._clock(), self._since[target_id])

    def _oldest(self, target_ids: Iterable[str]) -> int:
        return min((self._since.get(each, 0) for each in target_ids), default=0)

    def _lease_end(self, target: Target) -> int:
        return self._clock() + round((target.options.timeout + self._lease_margin) * MICROSECONDS_PER_SECOND)

    def _take_settled(self, at_most: int | None) -> list[Settled]:
        """Take what is to be settled, of which another thread may be taking too."""
        taken: list[Settled] = []
        with suppress(IndexError):
            while at_most is None or len(taken) < at_most:
                taken.append(self._settled.popleft())
        return taken
