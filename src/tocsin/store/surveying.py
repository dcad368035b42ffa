"""A page of a list in any order, with the figures of the whole list: all of one moment.

The columnar copy counts, and where it cannot, the ledger does. What the copy has counted is kept: of a list
that is asked for again only what came since is counted, in the ledger, and its page is looked for in the
time where it lies.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Subquery, func, select

from tocsin.model.event import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, day_of
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import listing, search, tables
from tocsin.store.aggregation import attributes
from tocsin.store.columnar.rows import ENGINE
from tocsin.store.compile import Compiler
from tocsin.store.counted import FEW, NEWEST_FIRST, Counted, Row, is_fixed
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.listing import Key, directions
from tocsin.store.progress import Progress, goes_on, progress

Window: TypeAlias = Callable[[int], tuple[int, int]]
"""How many match -> how many of them come before the page, and how many the page has at most."""

_BEFORE_ALL_TIME: Final = 2**60
"""Microseconds, 36,000 years: no event is so long ago."""
_STRETCHES: Final = 2_000
"""Into about so many stretches the time of a domain is parted, to say where a page lies."""
_MOST_STRETCHES: Final = 4 * _STRETCHES
"""With more of them a list is counted anew, in longer ones."""
QUICK: Final = 6_000
"""Among so many rows the ledger finds a page sooner than the copy."""
_KEPT: Final = 64
"""So many lists are remembered, those that were asked for last."""
_NEWS: Final = 20_000
"""So many new events of a list are read from the ledger; of more the list is counted anew."""
_SEQ: Final = EVENT_FIELDS.by_name["seq"]
_ROW: Final = [tables.event.c[name] for name in ("seq", "day", "time")]


class Survey(msgspec.Struct, frozen=True):
    """What is found.

    Attributes:
        last_seq: the number of the newest event of the domain, whether it matches or not.
        total: how many match.
        newest: the greatest number among them; 0 where none matches.
        newer: how many of them have a greater number than was asked for.
        keys: of the events on the page, in their order.
    """

    last_seq: int
    total: int
    newest: int
    newer: int
    keys: Sequence[Key]


class _Wanted(msgspec.Struct, frozen=True):
    """What is asked for."""

    domain_id: str
    tree: Expression
    order: Sequence[SortKey]
    window: Window
    after: int

    def until(self, seq: int) -> "_Wanted":
        """Leave out what has a greater number: what comes meanwhile is left to whoever asks next."""
        tree = conjunction([self.tree, Comparison(_SEQ, Operator.LESS_EQUAL, seq)])
        return msgspec.structs.replace(self, tree=tree)


class _Look(msgspec.Struct, frozen=True):
    """How far the ledger is.

    Attributes:
        now: as it is told.
        unit: how long a stretch of time is, where the list has to be counted.
        known: what is known of the list up to there; None where it has to be counted.
        news: what has joined the list since it was asked for last.
        survey: the answer, where that is enough.
    """

    now: Progress
    unit: int
    known: Counted | None = None
    news: Sequence[Row] = ()
    survey: Survey | None = None


class Surveying:
    """Finds pages of lists.

    Args:
        database: the ledger's.
        counting: asks the columnar copy.
    """

    def __init__(self, database: Database, counting: Counting) -> None:
        self._database = database
        self._counting = counting
        self._kept: OrderedDict[tuple[str, Expression], Counted] = OrderedDict()

    async def survey(
        self,
        domain_id: str,
        tree: Expression,
        *,
        order: Sequence[SortKey],
        window: Window,
        after: int,
        deadline: float,
    ) -> Survey:
        """Find a page of the events that match, and how many there are.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            order: what to sort by, then by number in the direction of the last key. It has no labels.
            window: says which page, once it is known how many match.
            after: those with a greater number are counted by themselves.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        tree = await self._resolved(domain_id, tree)
        wanted = _Wanted(domain_id, tree, order, window, after)
        found = await self._find(wanted, deadline)
        if isinstance(found, Survey):
            return found
        work = partial(_by_ledger, wanted.until(found.now.last_seq), found.now.last_seq, deadline)
        return await self._database.read(work)

    async def count(self, domain_id: str, tree: Expression, until: int, deadline: float) -> int:
        """Count the events that match and have no greater number than one of which was read just now.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            until: that number.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        tree = await self._resolved(domain_id, tree)
        if is_fixed(tree):
            wanted = _Wanted(domain_id, tree, NEWEST_FIRST, lambda _: (0, 0), until)
            found = await self._find(wanted, deadline)
            if isinstance(found, Survey):
                # What came in meanwhile is left out.
                return found.total - (found.newer if until else 0)
        bounded = conjunction([Comparison(_SEQ, Operator.LESS_EQUAL, until), tree])
        return await self._counting.count_events(domain_id, bounded, deadline)

    async def _resolved(self, domain_id: str, tree: Expression) -> Expression:
        """Look up the names in a tree, without which it may ask for the same events for good."""
        if is_fixed(tree):
            return tree
        resolve = partial(search.resolved_events, domain_id=domain_id, tree=tree, is_kept=False)
        return await self._database.read(resolve)

    async def _find(self, wanted: _Wanted, deadline: float) -> "Survey | _Look":
        """Give what is wanted; how far the ledger is, where neither what is kept nor the copy can say it."""
        domain_id, tree = wanted.domain_id, wanted.tree
        kept = self._kept.get((domain_id, tree)) if is_fixed(tree) else None
        looked = await self._database.read(partial(_look, wanted, kept))
        survey, counted = looked.survey, looked.known
        if survey is None:
            names = ["seq", "day", "time", *attributes([key.field for key in wanted.order])]
            bounded = wanted.until(looked.now.last_seq)
            work = partial(_by_copy, bounded, looked)
            found = await self._counting.within_copy(domain_id, bounded.tree, names, work, deadline)
            if found is None:
                return looked
            survey, counted = found
        if counted is not None and is_fixed(tree):
            self._keep(domain_id, tree, counted)
        return survey

    def _keep(self, domain_id: str, tree: Expression, counted: Counted) -> None:
        self._kept[domain_id, tree] = counted
        self._kept.move_to_end((domain_id, tree))
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _look(wanted: _Wanted, kept: Counted | None, connection: Connection) -> _Look:
    now = progress(connection, wanted.domain_id)
    counted, news = _counted_on(wanted, kept, now, connection)
    if counted is None:
        return _Look(now, _unit(connection, wanted.domain_id, now))
    survey = _known(wanted, counted, news, connection)
    return _Look(now, counted.unit, counted, news, survey)


def _counted_on(
    wanted: _Wanted, kept: Counted | None, now: Progress, connection: Connection
) -> tuple[Counted | None, Sequence[Row]]:
    """Count on from what was kept, with what has joined the list since; None where it has to be counted."""
    if kept is None or not goes_on(connection, wanted.domain_id, kept.until, now):
        return None, ()
    news: list[Row] = []
    before = kept.until
    if before.last_seq < now.last_seq:
        question, _ = search.ask(connection, search.EVENTS, wanted.domain_id, wanted.tree)
        since = search.after(connection, question, before.last_seq, day_of(before.last_at), _ROW)
        news = [(row[0], row[1], row[2]) for row in connection.execute(since.limit(_NEWS + 1))]
    if len(news) > _NEWS or len(kept.stretches) > _MOST_STRETCHES:
        return None, ()
    return kept.joined_by(news, now), news


def _unit(connection: Connection, domain_id: str, now: Progress) -> int:
    """Give how long a stretch is to be. What senders say of the time may be far off, so it counts when events
    were recorded.
    """
    first = now.begins.day * MICROSECONDS_PER_DAY
    if now.begins.seq:
        event = tables.event.c
        oldest = select(event.recorded_at).where(event.domain_id == domain_id, event.seq == now.begins.seq)
        first = connection.execute(oldest).scalar() or now.last_at
    seconds = (now.last_at - first) // _STRETCHES // MICROSECONDS_PER_SECOND
    return max(1, seconds + 1) * MICROSECONDS_PER_SECOND


def _known(wanted: _Wanted, counted: Counted, news: Sequence[Row], connection: Connection) -> Survey | None:
    """Answer by what is known and what the ledger finds at once; None where that is not enough."""
    newer = _newer(wanted, counted, news)
    if newer is None and counted.until.last_seq - wanted.after <= QUICK:
        newer = _newer_in_ledger(wanted, connection)
    skip, limit = wanted.window(counted.total)
    keys: Sequence[Key] | None = []
    if limit and counted.total:
        rows = counted.page(wanted.order, skip, limit)
        keys = _found_at_once(wanted, counted, skip, limit, connection) if rows is None else _keys(rows)
    if newer is None or keys is None:
        return None
    return Survey(counted.until.last_seq, counted.total, counted.newest, newer, keys)


def _found_at_once(
    wanted: _Wanted, counted: Counted, skip: int, limit: int, connection: Connection
) -> Sequence[Key] | None:
    """Find a page in the ledger by the time where it lies; None where it would have to look at much.

    PostgreSQL would look into the partition of every day.
    """
    first = wanted.order[0]
    if first.field.attribute != "time" or connection.dialect.name != "sqlite":
        return None
    place = counted.place(skip, limit, is_descending=first.is_descending)
    if place.number * counted.until.last_seq > QUICK * counted.total:
        return None
    times = (
        Comparison(first.field, Operator.GREATER_EQUAL, place.earliest),
        Comparison(first.field, Operator.LESS_EQUAL, place.latest),
    )
    # They come first: of several bounds SQLite takes the first for its index.
    tree = conjunction([*times, wanted.tree])
    return listing.find(
        connection, wanted.domain_id, tree, order=wanted.order, skip=place.skip, limit=limit
    ).keys


def _newer(wanted: _Wanted, counted: Counted, news: Sequence[Row]) -> int | None:
    """Count those with a greater number than was asked for; None where that is not known."""
    if not wanted.after:
        return counted.total
    if wanted.after >= counted.newest:
        return 0
    if wanted.after >= counted.until.last_seq - len(news) and news:
        return sum(seq > wanted.after for seq, _, _ in news)
    if counted.has_all:
        return sum(seq > wanted.after for seq, _, _ in counted.rows)
    older = counted.up_to.get(wanted.after)
    return None if older is None else counted.total - older


def _newer_in_ledger(wanted: _Wanted, connection: Connection) -> int:
    """Count those with a greater number than was asked for, which is not long ago."""
    event = tables.event.c
    of_last = select(event.day).where(event.domain_id == wanted.domain_id, event.seq == wanted.after)
    day = connection.execute(of_last).scalar() or 0
    question, _ = search.ask(connection, search.EVENTS, wanted.domain_id, wanted.tree)
    later = search.after(connection, question, wanted.after, day, [func.count()])
    return int(connection.execute(later).scalar_one())


def _by_copy(
    wanted: _Wanted, looked: _Look, connection: Connection, found: Subquery
) -> tuple[Survey, Counted]:
    counted = looked.known or _count(looked, connection, found)
    newer = _newer(wanted, counted, looked.news)
    if newer is None:
        later = select(func.count()).select_from(found).where(found.c.seq > wanted.after)
        newer = int(connection.execute(later).scalar_one())
        counted = counted.told(wanted.after, newer)
    skip, limit = wanted.window(counted.total)
    keys: list[Key] = []
    rows = counted.page(wanted.order, skip, limit)
    if rows is not None:
        keys = _keys(rows)
    elif limit and counted.total:
        page = select(found.c.seq, found.c.day)
        first = wanted.order[0]
        if first.field.attribute == "time":
            place = counted.place(skip, limit, is_descending=first.is_descending)
            page = page.where(found.c.time >= place.earliest, found.c.time <= place.latest)
            skip = place.skip
        compiler = Compiler(found, EVENT_FIELDS, ENGINE)
        page = page.order_by(*directions(compiler, found.c.seq, wanted.order))
        keys = [(row[0], row[1]) for row in connection.execute(page.offset(skip or None).limit(limit))]
    return Survey(counted.until.last_seq, counted.total, counted.newest, newer, keys), counted


def _count(looked: _Look, connection: Connection, found: Subquery) -> Counted:
    unit = looked.unit
    # Engines round the quotient of a negative number up, so whole stretches are added before.
    before = _BEFORE_ALL_TIME // unit
    stretch = func.divide(found.c.time + before * unit, unit).label("stretch")
    by_stretch = select(stretch, func.count(), func.max(found.c.seq)).select_from(found).group_by(stretch)
    counts = connection.execute(by_stretch).all()
    stretches = {number - before: times for number, times, _ in counts}
    newest = max((greatest for _, _, greatest in counts), default=0)
    counted = Counted(looked.now, unit, newest, stretches, [])
    if not stretches:
        return counted
    place = counted.place(0, FEW, is_descending=True)
    late = select(found.c.seq, found.c.day, found.c.time).where(found.c.time >= place.earliest)
    late = late.order_by(*directions(Compiler(found, EVENT_FIELDS, ENGINE), found.c.seq, NEWEST_FIRST))
    return replace(counted, rows=[(row[0], row[1], row[2]) for row in connection.execute(late.limit(FEW))])


def _keys(rows: Sequence[Row]) -> list[Key]:
    return [(seq, day) for seq, day, _ in rows]


def _by_ledger(wanted: _Wanted, last_seq: int, deadline: float, connection: Connection) -> Survey:
    domain_id, tree = wanted.domain_id, wanted.tree
    total = search.count_events(connection, domain_id, tree, deadline=deadline)
    if not total:
        return Survey(last_seq, 0, 0, 0, [])
    later = conjunction([tree, Comparison(_SEQ, Operator.GREATER, wanted.after)])
    newer = search.count_events(connection, domain_id, later, deadline=deadline)
    newest = search.events(connection, domain_id, tree, limit=1, deadline=deadline)[0].seq
    skip, limit = wanted.window(total)
    found = listing.find(
        connection, domain_id, tree, order=wanted.order, skip=skip, limit=limit, deadline=deadline
    )
    return Survey(last_seq, total, newest, newer, found.keys)
