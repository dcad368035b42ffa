"""The daily partitions of PostgreSQL's ledger and outbox. On SQLite there is nothing to part."""

from typing import Final

from sqlalchemy import Connection, text

PARTITIONED: Final = ("payload", "event", "delivery", "attempt")
"""In the order in which a batch writes them, so that no two transactions wait for each other."""

_PATIENCE: Final = "500ms"
"""How long a drop waits for readers and writers, and those that come after it wait for the drop."""


def ensure(connection: Connection, first_day: int, last_day: int) -> None:
    """Make the partitions of some days where they are missing. Nobody who reads or writes waits for it.

    Args:
        connection: within a transaction.
        first_day: the first, counted from 1970-01-01.
        last_day: the last, included.
    """
    if connection.dialect.name != "postgresql":
        return
    wanted = set(range(first_day, last_day + 1))
    if wanted <= set(days(connection)):
        return
    # Nodes come here one after the other. A table that is made alone and then attached needs no stronger lock
    # than this, which lets readers and writers through; `create table ... partition of` would.
    connection.execute(text("lock table only event in share update exclusive mode"))
    for day in sorted(wanted - set(days(connection))):
        for table in PARTITIONED:
            connection.execute(text(f"create table {table}_{day} (like {table} including defaults)"))
            connection.execute(
                text(
                    f"alter table {table} attach partition {table}_{day}"
                    f" for values from ({day}) to ({day + 1})"
                )
            )


def days(connection: Connection) -> list[int]:
    """Give the days that have a partition, the oldest first."""
    names = connection.execute(
        text(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = 'event'::regclass"
        )
    ).scalars()
    return sorted(int(name.removeprefix("event_")) for name in names)


def drop(connection: Connection, day: int) -> None:
    """Drop a day with all its events and payloads.

    Args:
        connection: within a transaction; it fails where others use the tables for too long.
        day: counted from 1970-01-01.
    """
    connection.execute(text(f"set local lock_timeout = '{_PATIENCE}'"))
    for table in PARTITIONED:
        connection.execute(text(f"drop table if exists {table}_{day}"))
