"""Rows by their keys, hundreds at a time: one statement, all keys in one parameter.

Both engines are told to go from the keys to the index: left alone, SQLite would walk a whole domain, since
`domain_id` leads every key, and PostgreSQL a whole table for a batch of a few hundred.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table

from tocsin.store import statements

_NAMES: Final = "abcd"


class Lookup(msgspec.Struct, frozen=True):
    """What to look for.

    Attributes:
        table: where.
        columns: which columns to give.
        index: by which index SQLite finds the rows; '' for the primary key.
        types: of a key's parts, as PostgreSQL names them.
        condition: in SQL, what a row, `found`, has to do with a key's parts, `k.a` to `k.d`.
        ends_with_day: the last part is the day: PostgreSQL plans for the partitions of the given ones alone.
    """

    table: Table
    columns: tuple[str, ...]
    index: str
    types: tuple[str, ...]
    condition: str
    ends_with_day: bool = False


def find(connection: Connection, lookup: Lookup, keys: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
    """Find the rows that keys stand for, in no order.

    Args:
        connection: within a transaction.
        lookup: what to look for.
        keys: their parts, in order.
    """
    if not keys:
        return ()
    return statements.run(connection, _statement(connection.dialect.name, lookup), bound(connection, keys))


def bound(connection: Connection, keys: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Give keys as the engine takes them: SQLite as one JSON text, PostgreSQL as an array for each part."""
    if connection.dialect.name == "postgresql":
        return tuple(map(list, zip(*keys, strict=True)))
    return (msgspec.json.encode(keys).decode(),)


# Written out once: building the statement anew costs a batch more time than running it.
@cache
def _statement(engine: str, lookup: Lookup) -> str:
    table = lookup.table.name
    wanted = ", ".join(f'found."{name}"' for name in lookup.columns)
    names = _NAMES[: len(lookup.types)]
    if engine == "postgresql":
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(lookup.types, start=1))
        days = f" and found.day = any(${len(names)})" if lookup.ends_with_day else ""
        condition = f"{lookup.condition}{days}"
        return (
            f"select {wanted} from unnest({arrays}) as k({', '.join(names)})"
            # Without its offset the inner query would be merged into the outer one, and its order be lost.
            f' cross join lateral (select * from "{table}" as found where {condition} offset 0) as found'
        )
    parts = ", ".join(f"value ->> {place} as {name}" for place, name in enumerate(names))
    indexed = f" indexed by {lookup.index}" if lookup.index else ""
    return (
        f"select {wanted} from (select {parts} from json_each(?)) as k"
        f' cross join "{table}" as found{indexed} where {lookup.condition}'
    )
