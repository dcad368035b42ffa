"""Reads and writes of a store: snapshots, transactions, time limits, and trouble that comes and goes."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.contract.scene import Scene, problem
from tests.contract.trouble import Trouble
from tests.servers.postgresql import running_postgresql
from tocsin.store.database import READERS, Database, Work, open_database, refuse_undurable, sqlite_url
from tocsin.store.errors import StoreUnavailable, TookTooLong, Undurable

pytestmark = pytest.mark.anyio


@pytest.fixture
async def notes(database: Database) -> Database:
    """Give a store with an empty table named note."""
    await database.write(lambda c: c.execute(text("create table scratch (body text not null)")))
    return database


def note(body: str) -> Work[object]:
    return lambda c: c.execute(text("insert into scratch values (:body)"), {"body": body})


def bodies(connection: Connection) -> list[str]:
    return list(connection.execute(text("select body from scratch order by 1")).scalars())


def nap(connection: Connection, seconds: float) -> None:
    """Let time pass within work on a store."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_sleep(:seconds)"), {"seconds": seconds})
    else:
        time.sleep(seconds)


def count_for_long(connection: Connection) -> None:
    """Keep the engine busy for much longer than a test waits."""
    sequence = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 200000000)"
    connection.execute(text(f"{sequence} select count(*) from n")).scalar_one()


async def test_what_was_written_is_read(notes: Database) -> None:
    await notes.write(note("one"))
    assert await notes.read(bodies) == ["one"]


async def test_a_write_gives_what_its_work_gives(notes: Database) -> None:
    assert await notes.write(lambda connection: (note("one")(connection), bodies(connection))[1]) == ["one"]


async def test_work_that_fails_writes_nothing(notes: Database) -> None:
    def fail(connection: Connection) -> None:
        note("one")(connection)
        raise LookupError("changed its mind")

    with pytest.raises(LookupError, match="changed its mind"):
        await notes.write(fail)
    assert await notes.read(bodies) == []


async def test_a_fault_of_the_statement_is_told_as_it_is(notes: Database) -> None:
    for fault in ("insert into scratch values (null)", "select nothing from nowhere"):
        with pytest.raises(DBAPIError):
            await notes.write(lambda connection, fault=fault: connection.execute(text(fault)))  # type: ignore[misc]
    await notes.write(note("one"))
    assert await notes.read(bodies) == ["one"]


async def test_a_fault_does_not_tell_the_values(notes: Database) -> None:
    statement = text("insert into scratch values (:key), (null)")
    with pytest.raises(DBAPIError) as caught:
        await notes.write(lambda connection: connection.execute(statement, {"key": "a-secret-key"}))
    assert "insert into scratch" in str(caught.value)
    assert "a-secret-key" not in str(caught.value)


async def test_a_read_cannot_write(notes: Database) -> None:
    with pytest.raises(StoreUnavailable, match=r"read-?only"):
        await notes.read(note("one"))
    assert await notes.read(bodies) == []


async def test_a_read_sees_one_state_of_the_store(notes: Database) -> None:
    def look_twice(connection: Connection) -> tuple[list[str], list[str]]:
        before = bodies(connection)
        nap(connection, 0.5)
        return before, bodies(connection)

    reading = asyncio.create_task(notes.read(look_twice))
    await asyncio.sleep(0.2)
    await notes.write(note("one"))
    assert not reading.done()
    assert await reading == ([], [])
    assert await notes.read(bodies) == ["one"]


async def test_a_read_that_takes_too_long_is_ended(notes: Database) -> None:
    started = time.monotonic()
    with pytest.raises(TookTooLong, match="narrow it"):
        await notes.read(count_for_long, seconds=0.2)
    assert time.monotonic() - started < 5
    assert await notes.read(bodies, seconds=5) == []


async def test_a_read_that_nobody_waits_for_makes_room_for_others(notes: Database) -> None:
    searches = [asyncio.create_task(notes.read(count_for_long)) for _ in range(READERS * 2)]
    await asyncio.sleep(0.2)
    for search in searches:
        search.cancel()
    assert await asyncio.wait_for(notes.read(bodies), 5) == []
    await asyncio.gather(*searches, return_exceptions=True)


async def test_searches_do_not_hold_up_what_is_recorded(notes: Database) -> None:
    searches = [
        asyncio.create_task(notes.read(lambda connection: nap(connection, 0.5))) for _ in range(READERS * 5)
    ]
    await asyncio.sleep(0.1)
    await notes.write(note("one"))
    assert sum(search.done() for search in searches) < len(searches) / 2
    await asyncio.gather(*searches)


async def test_two_writers_wait_for_each_other(notes: Database, store_url: str) -> None:
    other = open_database(store_url)

    def add(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("lock table note"))
        count = len(bodies(connection))
        nap(connection, 0.05)
        note(f"{count:02}")(connection)

    await asyncio.gather(*(node.write(add) for node in [notes, other] * 5))
    await other.close()
    assert await notes.read(bodies) == [f"{n:02}" for n in range(10)]


async def test_trouble_is_told_and_leaves_nothing_behind(scene: Scene, trouble: Trouble) -> None:
    await scene.record(problem("before"))
    with trouble.lasting():
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await scene.record(problem("lost", description="x" * 100_000))
    assert [event.key for event in await scene.events()] == ["before"]
    (receipt,) = await scene.record(problem("after"))
    assert receipt.seq == 2
    assert [event.key for event in await scene.events()] == ["before", "after"]


async def test_what_was_written_before_a_crash_is_there_after_it() -> None:
    with running_postgresql() as cluster, cluster.database() as url:
        database = open_database(url)
        await database.write(lambda c: c.execute(text("create table scratch (body text not null)")))
        await database.write(note("before"))

        def write_slowly(connection: Connection) -> None:
            note("lost")(connection)
            nap(connection, 30)

        interrupted = asyncio.ensure_future(database.write(write_slowly))
        await asyncio.sleep(0.2)
        cluster.crash()
        for lost in (interrupted, asyncio.ensure_future(database.write(note("lost")))):
            with pytest.raises(StoreUnavailable):
                await lost
        cluster.start()
        await database.write(note("later"))
        assert await database.read(bodies) == ["before", "later"]
        await database.close()


async def test_sqlite_syncs_every_commit_to_its_log(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))

    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous")
        return [connection.execute(text(f"pragma {name}")).scalar_one() for name in names]

    assert await database.write(settings) == ["wal", 2]
    await refuse_undurable(database)
    await database.close()


async def test_a_postgresql_that_syncs_is_taken(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    await refuse_undurable(database)
    await database.close()


async def test_a_postgresql_that_answers_before_it_syncs_is_refused(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    name = database.url.database
    await database.write(lambda c: c.execute(text(f"alter database {name} set synchronous_commit = off")))
    await database.close()
    with pytest.raises(Undurable, match="synchronous_commit=off"):
        await refuse_undurable(database)
    await database.close()


async def test_a_postgresql_that_never_syncs_is_refused() -> None:
    with running_postgresql(fsync="off") as cluster, cluster.database() as url:
        database = open_database(url)
        with pytest.raises(Undurable, match=r"fsync=off: .* --allow-undurable"):
            await refuse_undurable(database)
        await database.close()


def test_only_sqlite_and_postgresql_are_stores() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL, not mysql"):
        open_database("mysql://root@127.0.0.1/tocsin")
