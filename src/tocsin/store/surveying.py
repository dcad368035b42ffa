"""A page of a list in any order, with the figures of the whole list: all of one moment.

The columnar copy finds both in one go over what it holds; where it cannot, the ledger does.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Subquery, func, select

from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import listing, reading, search
from tocsin.store.aggregation import attributes
from tocsin.store.columnar.rows import ENGINE
from tocsin.store.compile import Compiler
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.listing import Key, directions

Window: TypeAlias = Callable[[int], tuple[int, int]]
"""How many match -> how many of them come before the page, and how many the page has at most."""

_SEQ: Final = EVENT_FIELDS.by_name["seq"]


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
    """What is asked for, up to the newest event that there was."""

    domain_id: str
    tree: Expression
    order: Sequence[SortKey]
    window: Window
    after: int
    last_seq: int


async def survey(
    database: Database,
    counting: Counting,
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
        database: the ledger's.
        counting: asks the columnar copy.
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
    last_seq = await database.read(lambda connection: reading.last_seq(connection, domain_id))
    # What comes meanwhile has greater numbers, and is left to whoever asks next.
    bounded = conjunction([tree, Comparison(_SEQ, Operator.LESS_EQUAL, last_seq)])
    wanted = _Wanted(domain_id, bounded, order, window, after, last_seq)
    names = ["seq", "day", *attributes([key.field for key in order])]
    found = await counting.within_copy(domain_id, bounded, names, partial(_by_copy, wanted), deadline)
    if found is not None:
        return found
    return await database.read(partial(_by_ledger, wanted, deadline))


def _by_copy(wanted: _Wanted, connection: Connection, found: Subquery) -> Survey:
    seq, number = found.c.seq, func.count()
    newest = func.coalesce(func.max(seq), 0)
    figures = select(number, newest, number.filter(seq > wanted.after)).select_from(found)
    total, newest_seq, newer = connection.execute(figures).one()
    skip, limit = wanted.window(total)
    keys: list[Key] = []
    if total and limit:
        compiler = Compiler(found, EVENT_FIELDS, ENGINE)
        page = select(seq, found.c.day).order_by(*directions(compiler, seq, wanted.order))
        keys = [(row[0], row[1]) for row in connection.execute(page.offset(skip or None).limit(limit))]
    return Survey(wanted.last_seq, total, newest_seq, newer, keys)


def _by_ledger(wanted: _Wanted, deadline: float, connection: Connection) -> Survey:
    domain_id, tree = wanted.domain_id, wanted.tree
    total = search.count_events(connection, domain_id, tree, deadline=deadline)
    if not total:
        return Survey(wanted.last_seq, 0, 0, 0, [])
    later = conjunction([tree, Comparison(_SEQ, Operator.GREATER, wanted.after)])
    newer = search.count_events(connection, domain_id, later, deadline=deadline)
    newest = search.events(connection, domain_id, tree, limit=1, deadline=deadline)[0].seq
    skip, limit = wanted.window(total)
    found = listing.find(
        connection, domain_id, tree, order=wanted.order, skip=skip, limit=limit, deadline=deadline
    )
    return Survey(wanted.last_seq, total, newest, newer, found.keys)
