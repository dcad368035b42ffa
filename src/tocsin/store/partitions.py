"""The daily partitions of PostgreSQL's tables of events and payloads. On SQLite there is nothing to part."""

from typing import Final

from sqlalchemy import Connection, text

PARTITIONED: Final = ("event", "payload")


def ensure(connection: Connection, first_day: int, last_day: int) -> None:
    """Make the partitions of some days where they are missing.

    Args:
        connection: within a transaction.
        first_day: the first, counted from 1970-01-01.
        last_day: the last, included.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in PARTITIONED:
        for day in range(first_day, last_day + 1):
            connection.execute(
                text(
                    f"create table if not exists {table}_{day} partition of {table}"
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
    """Drop a day with all its events and payloads."""
    for table in PARTITIONED:
        connection.execute(text(f"drop table if exists {table}_{day}"))
