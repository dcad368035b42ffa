"""Tallies that are asked for again: what was counted is kept, and only what came since is counted."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import marks, search, tally
from tocsin.store.counted import is_fixed
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.errors import TooManyGroups
from tocsin.store.progress import Progress, goes_on, progress
from tocsin.store.tally import Groups, Tally

T = TypeVar("T")

_KEPT: Final = 32
"""So many tallies are kept, those that were asked for last ..."""
_MOST_GROUPS: Final = 5_000
"""... of so many rows at most each."""
_NEWS: Final = 20_000
"""So many new events of a domain are counted in the ledger; with more of them all is counted anew."""
_SEQ: Final = EVENT_FIELDS.by_name["seq"]
_Key: TypeAlias = tuple[str, Expression, tuple[tuple[str, int], ...]]


class _Kept(msgspec.Struct, frozen=True):
    """What was counted, and how far the ledger was then."""

    until: Progress
    groups: Groups


class Tallying:
    """Tallies events.

    Args:
        database: the ledger's.
        counting: counts what is not known yet.
    """

    def __init__(self, database: Database, counting: Counting) -> None:
        self._database = database
        self._counting = counting
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def tally(
        self,
        domain_id: str,
        tree: Expression,
        units: Mapping[str, int],
        work: Callable[[Tally], T],
        deadline: float,
    ) -> T | None:
        """Let work go through the tally of events.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            units: what tells events apart, as `tally.tally` has it.
            work: is given the tally. It may run in a thread.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Returns:
            What the work gives. None where no engine can tell exactly, or there would be too many rows.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        if not is_fixed(tree):
            resolve = partial(search.resolved_events, domain_id=domain_id, tree=tree, is_kept=False)
            tree = await self._database.read(resolve)

        def done(groups: Groups) -> tuple[Groups, T]:
            return groups, work(tally.told(groups, units))

        # Marks change what an event says of its alert and its project.
        if not is_fixed(tree) or not marks.ATTRIBUTES.isdisjoint(units):
            found = await self._counting.tally(domain_id, tree, units, done, deadline)
            return None if found is None else found[1]
        key = domain_id, tree, tuple(units.items())
        kept = self._kept.get(key)

        def count_on(connection: Connection) -> tuple[Progress, tuple[Groups, T] | None]:
            now = progress(connection, domain_id)
            if kept is None or now.last_seq - kept.until.last_seq > _NEWS:
                return now, None
            if not goes_on(connection, domain_id, kept.until, now):
                return now, None
            news = tally.tally(connection, domain_id, tree, units, since=kept.until)
            return now, None if news is None else done(tally.joined(kept.groups, news))

        try:
            now, found = await self._database.read(count_on)
        except TooManyGroups:
            return None
        if found is None:
            # What comes meanwhile is left to whoever asks next.
            bounded = conjunction([tree, Comparison(_SEQ, Operator.LESS_EQUAL, now.last_seq)])
            found = await self._counting.tally(domain_id, bounded, units, done, deadline)
        if found is None:
            return None
        groups, given = found
        if len(groups) <= _MOST_GROUPS:
            self._keep(key, _Kept(now, groups))
        return given

    def _keep(self, key: _Key, kept: _Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
