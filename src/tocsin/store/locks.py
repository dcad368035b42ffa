"""The lock under which nodes that start at the same time set up a store one after the other."""

from typing import Final

from sqlalchemy import Connection, func, select

_SETTING_UP: Final = 706_827_101
"""PostgreSQL knows such a lock by a number alone: any that nothing else on the server uses."""


def setting_up(connection: Connection) -> None:
    """Wait until no other node sets up the store; hold it until the transaction ends.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_SETTING_UP)))
