"""How a table is searched on SQLite.

Its planner knows nothing of how many rows stand behind a value, so each statement says which index to take,
and hides all other conditions from the planner.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, literal, select, union_all
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.visitors import iterate

from tocsin.store.compile import Condition
from tocsin.store.paths import Path
from tocsin.store.question import Question, Statement, Stretch
from tocsin.store.reading import last_seq

NEWEST: Final = 4_000
"""How many of the newest numbers are looked at row by row before many rows are taken through an index."""
FEW_ROWS: Final = 4_000
"""Fewer rows behind an index than these are taken at once."""
_LOOKUP: Final = 8
"""So many rows can be walked through in the time that it takes to look one up behind an index."""
_FIRST_LOOK: Final = 500
_FARTHER: Final = 8
"""How many rows are counted behind each index at first, and how many times as many after that."""
_PLUS: Final = custom_op[Any]("+")


def stretches(connection: Connection, question: Question) -> Iterator[Stretch]:
    """Give the stretches in which to look for an answer, from the newest on.

    Args:
        connection: within a read.
        question: what is looked for.
    """
    newest = last_seq(connection, question.domain_id)
    end = min(question.before or newest + 1, newest + 1) - NEWEST
    paths = question.paths()
    if not paths or question.first() >= end > 1:
        yield partial(_walk, question, question.bounds())
        return
    ordered = next((path for path in paths if path.branches), None)
    leads_nowhere_else = len(paths) == 1 and ordered is not None and question.is_answered_by(ordered)
    short = ordered if leads_nowhere_else else _shortest(connection, question, paths, FEW_ROWS)
    if short is not None:
        yield partial(_take, question, short, question.bounds())
        return
    seq = question.table.c.seq
    yield partial(_walk, question, question.bounds() & (seq >= end))
    if end > 1:
        yield partial(_take, question, ordered or paths[0], question.bounds() & (seq < end))


def matching(
    connection: Connection, question: Question, columns: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Give the statement for columns, or aggregates, of all answers, in no order.

    Args:
        connection: within a read.
        question: what is looked for.
        columns: what to select.
    """
    paths = question.paths()
    path = next(filter(question.is_answered_by, paths), None)
    if path is None and paths:
        many = max(FEW_ROWS, last_seq(connection, question.domain_id) // _LOOKUP)
        path = _shortest(connection, question, paths, many)
    if path is not None:
        return _through(question, path, select(*columns), path.condition, question.bounds())
    if not question.terms and (index := _holding(question.table, columns)):
        found = select(*columns).select_from(question.table).where(question.bounds())
        return found.with_hint(question.table, f"INDEXED BY {index}", "sqlite")
    return within(question, question.bounds(), columns)


def within(question: Question, bounds: Condition, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Give the statement for columns of the answers within bounds, row by row, in no order.

    Args:
        question: what is looked for.
        bounds: conditions that the primary key answers.
        columns: what to select.
    """
    return select(*columns).select_from(question.table).where(bounds, _aside(question.condition()))


def _shortest(connection: Connection, question: Question, paths: Sequence[Path], many: int) -> Path | None:
    """Give the access path with the fewest rows behind it, None where all have many."""
    # A little behind each before far behind any: one may have ten and another a hundred thousand.
    far = many if len(paths) == 1 else min(_FIRST_LOOK, many)
    while True:
        shortest, fewest = None, far
        for path in paths:
            rows = _rows_behind(connection, question, path, fewest)
            if rows < fewest:
                shortest, fewest = path, rows
        if shortest is not None or far == many:
            return shortest
        far = min(_FARTHER * far, many)


def _holding(table: Table, columns: Sequence[ColumnElement[Any]]) -> str:
    """Give the name of an index that holds all that is selected; '' where there is none.

    It is a small part of the table, and gives equal values one after the other.
    """
    read = {part.name for column in columns for part in iterate(column) if isinstance(part, Column)}
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    holding = (str(index.name) for index in whole if read and read <= set(index.columns.keys()))
    return next(holding, "")


def _rows_behind(connection: Connection, question: Question, path: Path, most: int) -> int:
    """Count the rows behind an access path, up to a number."""
    rows = (
        select(literal(1))
        .select_from(question.table)
        .with_hint(question.table, f"INDEXED BY {path.index}", "sqlite")
        .where(question.bounds(), path.condition)
        .limit(most)
    )
    return connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def _walk(
    question: Question, bounds: Condition, columns: Sequence[Column[Any]], limit: int | None
) -> Statement:
    """Look at row after row, in the order of the primary key."""
    statement = _selecting(tuple(columns)).where(bounds, _aside(question.condition()))
    return statement.order_by(question.table.c.seq.desc()).limit(limit)


def _take(
    question: Question, path: Path, bounds: Condition, columns: Sequence[Column[Any]], limit: int | None
) -> Statement:
    """Take the rows behind an access path, merged or sorted into their order."""
    seq = question.table.c.seq
    if not path.branches:
        numbers = _through(question, path, select(seq), path.condition, bounds).order_by(_aside(seq).desc())
        rows = seq.in_(numbers.limit(limit).correlate(None))
        whose = question.table.c.domain_id == question.domain_id
        return _selecting(tuple(columns)).where(whose, rows).order_by(seq.desc())
    selected = _selecting(tuple(columns))
    one, *others = (_through(question, path, selected, branch, bounds) for branch in path.branches)
    if not others:
        return one.order_by(seq.desc()).limit(limit)
    merged = union_all(one, *others)
    return merged.order_by(merged.selected_columns.seq.desc()).limit(limit)


def _through(
    question: Question,
    path: Path,
    selected: Select[Any],
    condition: Condition,
    bounds: Condition,
) -> Select[Any]:
    return (
        selected.select_from(question.table)
        .with_hint(question.table, f"INDEXED BY {path.index}", "sqlite")
        .where(bounds, condition, _aside(question.condition(path.answered)))
    )


@lru_cache(maxsize=64)
def _selecting(columns: tuple[Column[Any], ...]) -> Select[Any]:
    """Give the beginning of a statement; SQLAlchemy takes 8 us for each column to make it."""
    return select(*columns)


def _aside(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Keep the planner from using an expression: SQLite's unary plus changes nothing else."""
    return UnaryExpression(expression.self_group(), operator=_PLUS, type_=expression.type)
