"""Listening to the statements that work on a store sends to its engine."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, event

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

        event.listen(connection, "before_cursor_execute", hear)
        try:
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
