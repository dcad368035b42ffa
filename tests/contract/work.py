"""How much work something is for an engine, counted rather than timed."""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from tests.contract.statements import Statement, heard, plan
from tocsin.store.database import Database

T = TypeVar("T")

STEPS = 10
"""How finely SQLite's steps are counted."""


class Work(msgspec.Struct, Generic[T]):
    """What reading from a store did.

    Attributes:
        answer: what it gave.
        amount: rows that PostgreSQL's scans touched; on SQLite the steps of its virtual machine, some dozens
            for a row.
        plans: all lines of SQLite's plans, in one text.
    """

    answer: T
    amount: int
    plans: str


async def measure(database: Database, work: Callable[[Connection], T]) -> Work[T]:
    """Do work that reads, and tell how much it was."""
    return await database.read(partial(_on_sqlite if database.is_sqlite else _on_postgresql, work))


def _on_sqlite(work: Callable[[Connection], T], connection: Connection) -> Work[T]:
    statements: list[Statement] = []
    steps = [0]

    def step() -> None:
        steps[0] += STEPS

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(step, STEPS)
    answer = heard(work, statements)(connection)
    driver.set_progress_handler(None, 0)
    lines = [line for statement in statements for line in plan(connection, statement)]
    return Work(answer, steps[0], "\n".join(lines))


def _on_postgresql(work: Callable[[Connection], T], connection: Connection) -> Work[T]:
    statements: list[Statement] = []
    answer = heard(work, statements)(connection)
    return Work(answer, sum(rows_touched(connection, statement) for statement in statements), "")


def rows_touched(connection: Connection, statement: Statement) -> int:
    """Run a statement on PostgreSQL, and tell how many rows its scans touched.

    What it reads of its own catalogue to name the partitions does not count: it grows with them alone, and
    PostgreSQL reads it whole as soon as it has statistics of it.
    """
    explain = f"explain (analyze, format json) {statement.text}"
    (explained,) = connection.exec_driver_sql(explain, statement.values).scalar_one()
    return _touched(explained["Plan"])


def _touched(node: dict[str, Any]) -> int:
    inner = sum(map(_touched, node.get("Plans", ())))
    kind = node["Node Type"]
    is_catalogue = node.get("Relation Name", "").startswith("pg_")
    if not kind.endswith("Scan") or kind == "Bitmap Index Scan" or is_catalogue:
        return inner
    removed = sum(node.get(f"Rows Removed by {reason}", 0) for reason in ("Filter", "Index Recheck"))
    return inner + int((node["Actual Rows"] + removed) * node["Actual Loops"])
