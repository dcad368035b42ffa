"""Statements as text, run by the driver itself on SQLite.

SQLAlchemy's care for a statement costs more processor time there than most statements of a batch.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
    """Run a statement in the connection's transaction.

    Args:
        connection: within the transaction.
        statement: in the engine's own SQL, with its own marks for values.
        values: what is bound to the marks, plain texts, numbers and bytes.

    Returns:
        Its rows, none where it gives none.

    Raises:
        DBAPIError: as SQLAlchemy would raise it.
    """
    if connection.dialect.name == "postgresql":
        result = connection.exec_driver_sql(statement, values)
        return result.all() if result.returns_rows else ()
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, values).fetchall()  # type: ignore[no-any-return]
    except sqlite3.Error as failure:
        raise DBAPIError.instance(statement, None, failure, sqlite3.Error, hide_parameters=True) from failure
