"""Listening to the statements that work on a store sends to its engine."""

from collections.abc import Callable
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec
from sqlalchemy import Connection, event

from tocsin.store import statements as driver

T = TypeVar("T")


class Statement(msgspec.Struct, frozen=True):
    """A statement as the engine got it, with its bound values."""

    text: str
    values: Any


def heard(work: Callable[[Connection], T], statements: list[Statement]) -> Callable[[Connection], T]:
    """Make work that adds every statement it sends to a list."""

    def listening(connection: Connection) -> T:
        def hear(_: Any, __: Any, text: str, values: Any, *___: Any) -> None:
            statements.append(Statement(text, values))

        def run(connection: Connection, text: str, values: tuple[Any, ...]) -> Any:
            if connection.dialect.name == "sqlite":
                # These go past SQLAlchemy, which would tell of them otherwise.
                statements.append(Statement(text, values))
            return driver_run(connection, text, values)

        driver_run = driver.run
        event.listen(connection, "before_cursor_execute", hear)
        try:
            with patch.object(driver, "run", run):
                return work(connection)
        finally:
            event.remove(connection, "before_cursor_execute", hear)

    return listening


def plan(connection: Connection, statement: Statement) -> list[str]:
    """Give the lines of the engine's plan for a statement."""
    if connection.dialect.name == "postgresql":
        explained = connection.exec_driver_sql(f"explain {statement.text}", statement.values)
        return [row[0] for row in explained]
    explained = connection.exec_driver_sql(f"explain query plan {statement.text}", statement.values)
    return [row.detail for row in explained]
