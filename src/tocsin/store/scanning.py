"""Searching for events that no index leads to, such as those with a word.

What is looked for often stands among the newest events, and those the ledger looks through at once. Which of
all others match, the columnar copy says: it looks through a million of them while the ledger looks through
some ten thousand.
"""

from typing import Final

from sqlalchemy import Connection, Subquery, select

from tocsin.model.event import Event
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import All, Comparison, Expression, Operator, conjunction, one_of
from tocsin.store import reading, search
from tocsin.store.counting import Counting
from tocsin.store.database import Database

NEWEST: Final = 4_000
"""How many of the newest numbers the ledger looks through alone."""
_SEQ: Final = EVENT_FIELDS.by_name["seq"]


async def events(
    database: Database,
    counting: Counting,
    domain_id: str,
    tree: Expression,
    *,
    limit: int,
    before: int = 0,
    deadline: float,
) -> list[Event]:
    """Find events, the newest first.

    Args:
        database: the ledger's.
        counting: asks the columnar copy.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        limit: how many at most.
        before: only events with a smaller number; 0 for all.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds.

    Raises:
        TookTooLong: the deadline has passed.
        StoreUnavailable: the engine of the ledger cannot be reached or failed.
    """

    def find(connection: Connection) -> tuple[list[Event], int]:
        """Give what the ledger finds, and the number before which it has not looked; 0 where it has."""
        start = _start(connection, domain_id, tree, before)
        newest = conjunction([tree, Comparison(_SEQ, Operator.GREATER_EQUAL, start)]) if start else tree
        found = search.events(connection, domain_id, newest, limit=limit, before=before, deadline=deadline)
        return found, 0 if len(found) == limit else start

    found, start = await database.read(find)
    if not start:
        return found
    left = limit - len(found)
    older = conjunction([tree, Comparison(_SEQ, Operator.LESS, start)])

    def numbers(connection: Connection, rows: Subquery) -> list[int]:
        return list(connection.execute(select(rows.c.seq).order_by(rows.c.seq.desc()).limit(left)).scalars())

    seqs = await counting.within_copy(domain_id, older, ["seq"], numbers, deadline)
    if seqs == []:
        return found
    wanted = older if seqs is None else one_of(_SEQ, seqs)
    return found + await database.read(
        lambda connection: search.events(connection, domain_id, wanted, limit=left, deadline=deadline)
    )


def _start(connection: Connection, domain_id: str, tree: Expression, before: int) -> int:
    """Give the number from which on the ledger looks alone; 0 where it does better alone altogether."""
    question, rest = search.ask(connection, search.EVENTS, domain_id, tree, before)
    if not isinstance(rest, All) or not question.leads_nowhere():
        return 0
    return max(0, (before or reading.last_seq(connection, domain_id) + 1) - NEWEST)
