"""Rows by the hundred in few statements: the one place that knows how each engine likes its bulk.

PostgreSQL takes a column as an array through `unnest`. SQLite takes several rows as one VALUES list: a step
of a statement gives up and takes back the interpreter's lock, so a step a row would fight with the event
loop, while `json_each` costs two to three times the processor time on the SQLite versions in use.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table

from tocsin.store import statements

Row = tuple[Any, ...]

_LISTS: Final = (256, 64)
"""Lengths of the long VALUES lists: few, so that each stays prepared. What is left over is one more list."""


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows.

    Args:
        connection: within the transaction.
        table: where to.
        rows: every column's value, in the table's order.
    """
    _write(connection, table, rows, _names(table), overwrite=False)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], columns: Sequence[str] | None = None
) -> None:
    """Insert rows, or overwrite those whose primary key stands there already.

    Args:
        connection: within the transaction.
        table: where to.
        rows: the columns' values, in order.
        columns: which columns the rows hold; all where it is None. It must include the primary key.
    """
    _write(connection, table, rows, tuple(columns or _names(table)), overwrite=True)


def _write(
    connection: Connection, table: Table, rows: Sequence[Row], names: tuple[str, ...], *, overwrite: bool
) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        arrays = tuple(map(list, zip(*rows, strict=True)))
        statements.run(connection, _unnest(table, names, overwrite), arrays)
        return
    for length, part in _parts(rows):
        statements.run(connection, _values(table, names, length, overwrite), tuple(chain.from_iterable(part)))


def _parts(rows: Sequence[Row]) -> Iterable[tuple[int, Sequence[Row]]]:
    start = 0
    for length in _LISTS:
        while len(rows) - start >= length:
            yield length, rows[start : start + length]
            start += length
    if start < len(rows):
        yield len(rows) - start, rows[start:]


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _into(table: Table, names: tuple[str, ...]) -> str:
    return f'insert into "{table.name}" ({", ".join(map(_quoted, names))})'


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _values(table: Table, names: tuple[str, ...], length: int, overwrite: bool) -> str:
    row = f"({', '.join('?' * len(names))})"
    return f"{_into(table, names)} values {', '.join([row] * length)}" + _tail(table, names, overwrite)


@cache
def _unnest(table: Table, names: tuple[str, ...], overwrite: bool) -> str:
    arrays = ", ".join(
        f"${place}::{_postgresql_type(table, name)}[]" for place, name in enumerate(names, start=1)
    )
    return f"{_into(table, names)} select * from unnest({arrays})" + _tail(table, names, overwrite)


def _tail(table: Table, names: tuple[str, ...], overwrite: bool) -> str:
    if not overwrite:
        return ""
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name not in keys)
    return f" on conflict ({', '.join(keys)}) do update set {changes}"


def _postgresql_type(table: Table, name: str) -> str:
    kind = table.columns[name].type
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, BigInteger | Integer):
        return "bigint"
    return "text"
