"""Rows by the hundred: all of them arrive, in whatever number they come."""

import pytest
from sqlalchemy import Connection, func, select

from tocsin.model.monitored import MonitoredObject
from tocsin.store import bulk, tables
from tocsin.store.database import Database
from tocsin.store.rows import object_row

pytestmark = pytest.mark.anyio


def objects(count: int, state: str) -> list[tuple[object, ...]]:
    return [
        object_row(MonitoredObject("main", n, f"web-{n}", "", state, "hard", n, 0, True))
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 63, 64, 65, 255, 256, 257, 600, 1025])
async def test_every_row_arrives_once_in_its_columns(database: Database, count: int) -> None:
    rows = objects(count, "up")
    statement = select(tables.monitored_object).order_by(tables.monitored_object.c.id)

    def work(connection: Connection) -> list[tuple[object, ...]]:
        bulk.insert(connection, tables.monitored_object, rows)
        return [tuple(row) for row in connection.execute(statement)]

    assert await database.write(work) == rows


@pytest.mark.parametrize("count", [1, 70, 300])
async def test_rows_that_stand_there_are_overwritten(database: Database, count: int) -> None:
    columns = tables.monitored_object.c
    statement = select(columns.state, func.count()).group_by(columns.state).order_by(columns.state)

    def work(connection: Connection) -> list[tuple[object, ...]]:
        bulk.upsert(connection, tables.monitored_object, objects(count, "up"))
        bulk.upsert(connection, tables.monitored_object, objects(count // 2, "down"))
        return [tuple(row) for row in connection.execute(statement)]

    wanted = [("down", count // 2), ("up", count - count // 2)]
    assert await database.write(work) == [each for each in wanted if each[1]]


async def test_columns_that_are_not_named_stay(database: Database) -> None:
    keys = ("domain_id", "id")
    columns = tables.monitored_object.c

    def work(connection: Connection) -> list[tuple[object, ...]]:
        bulk.insert(connection, tables.monitored_object, objects(2, "up"))
        rows = [("main", 1, "down"), ("main", 2, "new")]
        bulk.upsert(connection, tables.monitored_object, rows, (*keys, "state"))
        statement = select(columns.id, columns.host, columns.state, columns.state_since)
        return [tuple(row) for row in connection.execute(statement.order_by(columns.id))]

    assert await database.write(work) == [
        (0, "web-0", "up", 0),
        (1, "web-1", "down", 1),
        (2, "", "new", 0),
    ]
