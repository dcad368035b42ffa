"""The ledger's side of the copy: its events, page by page, each column as one JSON list.

The engine makes the lists, and DuckDB takes them as they are: Python sees no row, so that feeding the copy
does not fight with the event loop for the interpreter's lock.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, func, select

from tocsin.store import partitions, tables
from tocsin.store.columnar.held import Floor, Held
from tocsin.store.reading import last_seq

ROWS: Final = 2_000
"""How many events a page has at most."""
CHARACTERS: Final = 4_000_000
"""How long the texts of a page may be together; a single event may be longer."""

_NEVER: Final = 2**31
"""A day after all others."""
_event: Final = tables.event.c
_LONG: Final = (_event.title, _event.description, _event.output, _event.labels, _event.links, _event.comment)


class Lists(msgspec.Struct, frozen=True):
    """Rows as columns.

    Attributes:
        number: how many rows.
        columns: each a JSON list, in the order in which they were selected.
    """

    number: int
    columns: Sequence[str]


class Page(msgspec.Struct, frozen=True):
    """The events that come next.

    Attributes:
        lists: all columns of the table `event`.
        last_seq: the number of the last of them.
        last_day: its day.
        last_recorded_at: when it was recorded, microseconds UTC.
    """

    lists: Lists
    last_seq: int
    last_day: int
    last_recorded_at: int


class Newest(msgspec.Struct, frozen=True):
    """How far a domain's ledger is.

    Attributes:
        created_at: when the domain was made, microseconds UTC.
        seq: the number of its newest event; 0 where it has none.
    """

    created_at: int
    seq: int


def newest(connection: Connection) -> dict[str, Newest]:
    """Say how far the ledger of every domain is."""
    columns = tables.domain.c
    rows = connection.execute(select(columns.id, columns.created_at, columns.next_seq))
    return {row.id: Newest(row.created_at, row.next_seq - 1) for row in rows}


def floor(connection: Connection, domain_id: str) -> Floor:
    """Say where a domain's events begin. PostgreSQL drops whole days, SQLite deletes by number."""
    if connection.dialect.name == "postgresql":
        days = partitions.days(connection)
        return Floor(day=days[0] if days else _NEVER)
    first = select(_event.seq).where(_event.domain_id == domain_id).order_by(_event.seq).limit(1)
    return Floor(seq=connection.execute(first).scalar() or last_seq(connection, domain_id) + 1)


def is_continued(connection: Connection, domain_id: str, held: Held) -> bool:
    """Say whether what the copy holds is this ledger's past, and not one that a backup has undone.

    It is not where the last event that the copy holds is gone by retention, either.
    """
    if not held.last_seq:
        return True
    found = connection.execute(
        select(_event.recorded_at).where(
            _event.domain_id == domain_id, _event.seq == held.last_seq, _event.day == held.last_day
        )
    )
    return found.scalar() == held.last_recorded_at


def page_after(connection: Connection, domain_id: str, held: Held) -> Page | None:
    """Give the events that come next after those which the copy holds; None where there are none.

    Args:
        connection: within a read.
        domain_id: whose.
        held: what the copy holds.
    """
    # Days never run back within a domain: PostgreSQL need not look at the older ones.
    after = and_(_event.domain_id == domain_id, _event.seq > held.last_seq, _event.day >= held.last_day)
    length = sum((func.length(column) for column in _LONG[1:]), func.length(_LONG[0]))
    sizes = select(_event.seq, length.label("length")).where(after).order_by(_event.seq).limit(ROWS)
    size = sizes.subquery()
    running = func.sum(size.c.length).over(order_by=size.c.seq, rows=(None, 0))
    summed = select(size.c.seq, running.label("total")).subquery()
    fits = select(func.max(summed.c.seq)).where(summed.c.total <= CHARACTERS)
    first = select(func.min(summed.c.seq))
    bound = select(func.coalesce(fits.scalar_subquery(), first.scalar_subquery()))
    end = connection.execute(bound).scalar()
    if end is None:
        return None
    last = connection.execute(select(_event.day, _event.recorded_at).where(after, _event.seq == end)).one()
    rows = select(tables.event).where(after, _event.seq <= end, _event.day <= last.day)
    return Page(as_lists(connection, rows.order_by(_event.seq)), end, last.day, last.recorded_at)


def as_lists(connection: Connection, rows: Select[tuple[object, ...]]) -> Lists:
    """Read rows as columns, each a JSON list.

    Args:
        connection: within a read.
        rows: what to read; its columns are texts and numbers.
    """
    found = rows.subquery()
    lists: list[ColumnElement[str]]
    if connection.dialect.name == "postgresql":
        # Without the cast the driver would hand out what it takes the JSON for.
        lists = [func.coalesce(cast(func.json_agg(column), Text), "[]") for column in found.c]
    else:
        lists = [func.json_group_array(column) for column in found.c]
    number, *columns = connection.execute(select(func.count(), *lists).select_from(found)).one()
    return Lists(number, columns)
