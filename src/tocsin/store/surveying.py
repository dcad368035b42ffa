"""A page of a list in any order, with the figures of the whole list: all of one moment.

The columnar copy counts, and where it cannot, the ledger does. What the copy has counted is kept: of a list
that is asked for again only what came since is counted, in the ledger, and its page is looked for in the
hours where it lies.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Subquery, func, select

from tocsin.model.event import day_of
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import listing, search, tables
from tocsin.store.aggregation import attributes
from tocsin.store.columnar.held import Floor
from tocsin.store.columnar.pages import floor
from tocsin.store.columnar.rows import ENGINE
from tocsin.store.compile import Compiler
from tocsin.store.counted import FEW, HOUR, Counted, Row, is_fixed
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.listing import Key, directions

Window: TypeAlias = Callable[[int], tuple[int, int]]
"""How many match -> how many of them come before the page, and how many the page has at most."""

_BEFORE_ALL_TIME: Final = 2**60 // HOUR
"""Hours, before which no event is: engines round the quotient of a negative number up."""
_KEPT: Final = 128
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
    """How far the ledger is, and what is known of a list up to there; None where it has to be counted."""

    begins: Floor
    last_seq: int
    last_day: int
    known: Counted | None
    news: Sequence[Row]


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
        wanted = _Wanted(domain_id, tree, order, window, after)
        kept = self._kept.get((domain_id, tree)) if is_fixed(tree) else None
        looked = await self._database.read(partial(_look, wanted, kept))
        survey = _known(wanted, looked)
        counted = looked.known
        if survey is None:
            names = ["seq", "day", "time", *attributes([key.field for key in order])]
            bounded = wanted.until(looked.last_seq)
            work = partial(_by_copy, bounded, looked)
            found = await self._counting.within_copy(domain_id, bounded.tree, names, work, deadline)
            if found is None:
                return await self._database.read(partial(_by_ledger, bounded, looked.last_seq, deadline))
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
    columns = tables.domain.c
    ours = select(columns.next_seq, columns.recorded_at).where(columns.id == wanted.domain_id)
    next_seq, recorded_at = connection.execute(ours).first() or (1, 0)
    last_seq, last_day = next_seq - 1, day_of(recorded_at)
    begins = floor(connection, wanted.domain_id)
    # Events go, too: by retention, or where a backup has taken the place of the ledger.
    if kept is None or kept.begins != begins or kept.last_seq > last_seq:
        return _Look(begins, last_seq, last_day, None, ())
    news: list[Row] = []
    if kept.last_seq < last_seq:
        question, _ = search.ask(connection, search.EVENTS, wanted.domain_id, wanted.tree)
        since = search.after(connection, question, kept.last_seq, kept.last_day, _ROW)
        news = [(row[0], row[1], row[2]) for row in connection.execute(since.limit(_NEWS + 1))]
        if len(news) > _NEWS:
            return _Look(begins, last_seq, last_day, None, ())
    return _Look(begins, last_seq, last_day, kept.joined_by(news, last_seq, last_day), news)


def _known(wanted: _Wanted, looked: _Look) -> Survey | None:
    """Answer by what is known already; None where that is not enough."""
    counted = looked.known
    if counted is None:
        return None
    newer = _newer(wanted, counted, looked.news)
    skip, limit = wanted.window(counted.total)
    rows = counted.in_order(wanted.order) if limit and counted.total else []
    if newer is None or rows is None:
        return None
    keys = [(seq, day) for seq, day, _ in rows[skip : skip + limit]]
    return Survey(counted.last_seq, counted.total, counted.newest, newer, keys)


def _newer(wanted: _Wanted, counted: Counted, news: Sequence[Row]) -> int | None:
    """Count those with a greater number than was asked for; None where that is not known."""
    if not wanted.after:
        return counted.total
    if wanted.after >= counted.newest:
        return 0
    if wanted.after >= counted.last_seq - len(news) and news:
        return sum(seq > wanted.after for seq, _, _ in news)
    if counted.rows is not None:
        return sum(seq > wanted.after for seq, _, _ in counted.rows)
    return None


def _by_copy(
    wanted: _Wanted, looked: _Look, connection: Connection, found: Subquery
) -> tuple[Survey, Counted]:
    counted = looked.known or _count(looked, connection, found)
    newer = _newer(wanted, counted, looked.news)
    if newer is None:
        later = select(func.count()).select_from(found).where(found.c.seq > wanted.after)
        newer = int(connection.execute(later).scalar_one())
    skip, limit = wanted.window(counted.total)
    keys: list[Key] = []
    if limit and counted.total:
        page = select(found.c.seq, found.c.day)
        first = wanted.order[0]
        if first.field.attribute == "time":
            earliest, latest, skip = counted.stretch(skip, limit, is_descending=first.is_descending)
            page = page.where(found.c.time >= earliest * HOUR, found.c.time < (latest + 1) * HOUR)
        compiler = Compiler(found, EVENT_FIELDS, ENGINE)
        page = page.order_by(*directions(compiler, found.c.seq, wanted.order))
        keys = [(row[0], row[1]) for row in connection.execute(page.offset(skip or None).limit(limit))]
    return Survey(counted.last_seq, counted.total, counted.newest, newer, keys), counted


def _count(looked: _Look, connection: Connection, found: Subquery) -> Counted:
    hour = func.divide(found.c.time + _BEFORE_ALL_TIME * HOUR, HOUR).label("hour")
    by_hour = select(hour, func.count(), func.max(found.c.seq)).select_from(found).group_by(hour)
    counts = connection.execute(by_hour).all()
    hours = {number - _BEFORE_ALL_TIME: times for number, times, _ in counts}
    newest = max((greatest for _, _, greatest in counts), default=0)
    rows: list[Row] | None = None
    if sum(hours.values()) <= FEW:
        every = select(found.c.seq, found.c.day, found.c.time)
        rows = [(row[0], row[1], row[2]) for row in connection.execute(every)] if hours else []
    return Counted(looked.begins, looked.last_seq, looked.last_day, newest, hours, rows)


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
