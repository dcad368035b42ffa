"""Partitions of PostgreSQL by day: made while others read and write, and dropped whole."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, text

from tests.contract.scene import DAY, NOON, Scene, open_scene, problem
from tocsin.model.event import day_of
from tocsin.store import partitions, schema
from tocsin.store.database import Database, open_database
from tocsin.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio

TODAY = day_of(NOON)


@pytest.fixture
async def postgresql_store(postgresql_url: str) -> AsyncIterator[Database]:
    opened = open_database(postgresql_url)
    await schema.migrate(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def own_scene(postgresql_store: Database) -> Scene:
    return await open_scene(postgresql_store)


async def ensure(database: Database, first: int, last: int) -> None:
    await database.write(lambda connection: partitions.ensure(connection, first, last))


async def test_a_fresh_store_has_none(postgresql_store: Database) -> None:
    assert await postgresql_store.read(partitions.days) == []


async def test_missing_days_are_made_and_the_others_left(postgresql_store: Database) -> None:
    await ensure(postgresql_store, 100, 101)
    await ensure(postgresql_store, 99, 103)
    await ensure(postgresql_store, 99, 103)
    assert await postgresql_store.read(partitions.days) == [99, 100, 101, 102, 103]


async def test_a_partition_has_the_keys_and_indexes_of_its_table(postgresql_store: Database) -> None:
    await ensure(postgresql_store, TODAY, TODAY)

    def columns_of_indexes(connection: Connection, table: str) -> list[str]:
        statement = "select indexdef from pg_indexes where tablename = :table"
        found = connection.execute(text(statement), {"table": table}).scalars()
        return sorted(definition.partition("USING")[2] for definition in found)

    for table in partitions.PARTITIONED:
        parent, child = [
            await postgresql_store.read(lambda connection, name=name: columns_of_indexes(connection, name))  # type: ignore[misc]
            for name in (table, f"{table}_{TODAY}")
        ]
        assert parent
        assert parent == child


async def test_events_lie_in_the_partition_of_their_day(own_scene: Scene) -> None:
    await own_scene.record(problem("today"))
    own_scene.clock.now += DAY
    await own_scene.record(problem("tomorrow"))

    def keys(connection: Connection) -> list[list[str]]:
        days = (TODAY, TODAY + 1)
        return [list(connection.execute(text(f"select key from event_{day}")).scalars()) for day in days]

    assert await own_scene.database.read(keys) == [["today"], ["tomorrow"]]


async def test_a_dropped_day_goes_with_its_events_and_payloads(own_scene: Scene) -> None:
    await own_scene.record(problem("today"))
    own_scene.clock.now += DAY
    await own_scene.record(problem("tomorrow"))
    await own_scene.database.write(lambda connection: partitions.drop(connection, TODAY))
    assert [event.key for event in await own_scene.events()] == ["tomorrow"]
    assert await own_scene.count("payload") == 1
    assert await own_scene.database.read(partitions.days) == [TODAY + 1]


def search_for(seconds: float, connection: Connection) -> None:
    connection.execute(text("select count(*) from event join payload using (domain_id, seq, day)"))
    connection.execute(text("select pg_sleep(:seconds)"), {"seconds": seconds})


async def test_a_new_day_waits_for_no_search(own_scene: Scene) -> None:
    database = own_scene.database
    await own_scene.record(problem("today"))
    search = asyncio.create_task(database.read(lambda connection: search_for(3, connection)))
    await asyncio.sleep(0.3)
    await asyncio.wait_for(ensure(database, TODAY + 1, TODAY + 3), 2)
    own_scene.clock.now += 4 * DAY
    (receipt,) = await asyncio.wait_for(own_scene.record(problem("later")), 2)
    assert not search.done()
    assert receipt.seq == 2
    await search


async def test_a_drop_gives_up_soon_when_others_use_the_tables(own_scene: Scene) -> None:
    database = own_scene.database
    await own_scene.record(problem("today"))
    search = asyncio.create_task(database.read(lambda connection: search_for(3, connection)))
    await asyncio.sleep(0.3)
    with pytest.raises(StoreUnavailable, match="lock timeout"):
        await asyncio.wait_for(database.write(lambda connection: partitions.drop(connection, TODAY)), 2)
    assert not search.done()
    await search
    await database.write(lambda connection: partitions.drop(connection, TODAY))
    assert await own_scene.events() == []


async def test_nodes_that_make_the_same_days_at_once_make_each_once(
    postgresql_store: Database, postgresql_url: str
) -> None:
    other = open_database(postgresql_url)
    await asyncio.gather(*(ensure(node, 100, 104) for node in [postgresql_store, other] * 3))
    await other.close()
    assert await postgresql_store.read(partitions.days) == [100, 101, 102, 103, 104]
