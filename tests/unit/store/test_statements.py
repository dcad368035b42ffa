"""Statements past SQLAlchemy: their rows, and the same errors as through it."""

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tocsin.model.monitored import MonitoredObject
from tocsin.store import bulk, statements, tables
from tocsin.store.database import Database
from tocsin.store.rows import object_row

pytestmark = pytest.mark.anyio

OBJECT = object_row(MonitoredObject("main", 1, "web-1", "", "up", "hard", 1, 0, True))


def insert(connection: Connection) -> None:
    bulk.insert(connection, tables.monitored_object, [OBJECT])


async def test_rows_are_given_and_what_was_written_is_committed(database: Database) -> None:
    await database.write(insert)
    found = await database.read(
        lambda connection: statements.run(connection, 'select host, state from "object"', ())
    )
    assert [tuple(row) for row in found] == [("web-1", "up")]


async def test_a_statement_that_gives_no_rows_gives_none(database: Database) -> None:
    assert list(await database.write(lambda c: statements.run(c, 'delete from "object"', ()))) == []


async def test_a_broken_constraint_is_told_as_sqlalchemy_tells_it_and_undone(database: Database) -> None:
    def twice(connection: Connection) -> None:
        insert(connection)
        insert(connection)

    with pytest.raises(IntegrityError) as caught:
        await database.write(twice)
    assert "web-1" not in str(caught.value)
    assert not await database.read(lambda c: statements.run(c, 'select * from "object"', ()))


async def test_a_bad_statement_is_told_as_sqlalchemy_tells_it(database: Database) -> None:
    with pytest.raises((ProgrammingError, OperationalError)):
        await database.write(lambda c: statements.run(c, "select * from nowhere", ()))
