"""The rows that match, for DuckDB to count: those that the copy holds, and the ledger's after them."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, Subquery, func, select, union_all

from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import All, Expression, leaves
from tocsin.store import marks, search, tables
from tocsin.store.columnar.file import held_by
from tocsin.store.columnar.held import Floor, Held
from tocsin.store.columnar.pages import Lists, as_lists, floor
from tocsin.store.compile import Compiler, Condition, list_shape
from tocsin.store.reading import last_seq

ENGINE: Final = "duckdb"
TAIL_ROWS: Final = 50_000
"""How many rows after the copy go along with a question; where more match, the ledger answers alone."""

_event: Final = tables.event.c


class Look(msgspec.Struct, frozen=True):
    """What the ledger says of a question, in one snapshot of it.

    Attributes:
        domain_id: whose events are asked for.
        terms: what they must match, joined by AND; DuckDB is exact in each.
        names: the columns that are asked for.
        held: what the copy is known to hold.
        floor: where the domain's events begin.
        tail: the matching events after those that the copy holds.
    """

    domain_id: str
    terms: tuple[Expression, ...]
    names: tuple[str, ...]
    held: Held
    floor: Floor
    tail: Lists


def look(
    connection: Connection, domain_id: str, tree: Expression, names: Sequence[str], held: Held
) -> Look | None:
    """Look at what the copy has to be asked, and what it does not hold yet.

    Args:
        connection: within a read of the ledger.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        names: the columns that are asked for.
        held: what the copy holds.

    Returns:
        None where the copy cannot answer: an engine is not exact, too much is not copied yet, a column is
        asked for that marks change, or the ledger is not the one that the copy was made from.
    """
    question, rest = search.ask(connection, search.EVENTS, domain_id, tree)
    compiler = Compiler(tables.event, EVENT_FIELDS, ENGINE)
    exact = all(compiler.is_exact(leaf) for term in question.terms for leaf in leaves(term))
    if question.marks and not marks.ATTRIBUTES.isdisjoint(names):
        return None
    if not isinstance(rest, All) or not exact or last_seq(connection, domain_id) < held.last_seq:
        return None
    columns = [_event[name] for name in names]
    after = search.after(connection, question, held.last_seq, held.last_day, columns)
    tail = as_lists(connection, after.limit(TAIL_ROWS + 1))
    if tail.number > TAIL_ROWS:
        return None
    return Look(domain_id, question.terms, tuple(names), held, floor(connection, domain_id), tail)


def rows(connection: Connection, looked: Look) -> Subquery | None:
    """Give the rows that match: a statement's part that has the columns which are asked for.

    Args:
        connection: to the copy, within the transaction in which the statement is run.
        looked: at the ledger before.

    Returns:
        None where the copy does not hold any more what it did.
    """
    held, wanted = held_by(connection, looked.domain_id), looked.held
    if (
        held is None
        or held.created_at != wanted.created_at
        or held.last_seq < wanted.last_seq
        or not held.floor.covers(looked.floor)
    ):
        return None
    compiler = Compiler(tables.event, EVENT_FIELDS, ENGINE)
    copied = select(*(_event[name] for name in looked.names)).where(
        _event.domain_id == looked.domain_id,
        _event.seq <= wanted.last_seq,
        *_above(looked.floor, held.floor),
        *map(compiler.condition, looked.terms),
    )
    if not looked.tail.number:
        return copied.subquery()
    tail = select(
        *(
            func.unnest(func.from_json(values, list_shape(_event[name])), type_=_event[name].type).label(name)
            for name, values in zip(looked.names, looked.tail.columns, strict=True)
        )
    )
    return union_all(copied, tail).subquery()


def _above(floor: Floor, held: Floor) -> list[Condition]:
    """Give the conditions that leave out what retention has taken and the copy still holds."""
    if floor == held:
        return []
    return [_event.seq >= floor.seq, _event.day >= floor.day]
