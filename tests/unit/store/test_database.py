"""SQLite's file and its log: moved on beside the writing, and trouble that is told as such."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tocsin.store import database as module
from tocsin.store.database import Database, open_database, sqlite_url
from tocsin.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio

PAGE_BYTES = 4096


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(sqlite_url(tmp_path))
    await opened.write(lambda c: c.execute(text("create table scratch (body blob not null)")))
    yield opened
    await opened.close()


async def write_pages(database: Database, pages: int) -> None:
    body = {"body": b"x" * pages * PAGE_BYTES}
    await database.write(lambda c: c.execute(text("insert into scratch values (:body)"), body))


def sizes(directory: Path) -> tuple[int, int]:
    """Give the sizes of the file and of its log, in bytes."""
    return (directory / "tocsin.db").stat().st_size, (directory / "tocsin.db-wal").stat().st_size


async def test_nothing_is_moved_before_it_is_asked_for(notes: Database, tmp_path: Path) -> None:
    before, _ = sizes(tmp_path)
    await write_pages(notes, 2_000)
    assert sizes(tmp_path)[0] == before


async def test_a_checkpoint_moves_the_log_into_the_file(notes: Database, tmp_path: Path) -> None:
    await write_pages(notes, 200)
    await notes.checkpoint()
    assert sizes(tmp_path)[0] > 200 * PAGE_BYTES


async def test_a_log_that_was_moved_is_used_again(notes: Database, tmp_path: Path) -> None:
    for _ in range(5):
        await write_pages(notes, 100)
        await notes.checkpoint()
    assert sizes(tmp_path)[1] < 300 * PAGE_BYTES


async def test_a_long_log_is_started_anew_although_somebody_always_writes(
    notes: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOG_PAGES", 150)
    for _ in range(10):
        await write_pages(notes, 100)
        # What is written between the two steps of a checkpoint keeps the first from emptying the log.
        await notes.checkpoint()
    assert sizes(tmp_path)[1] < 400 * PAGE_BYTES


async def test_a_checkpoint_beside_a_reader_takes_what_it_can(notes: Database) -> None:
    await write_pages(notes, 10)

    def look(connection: Connection) -> int:
        count = connection.execute(text("select count(*) from scratch")).scalar_one()
        return int(count)

    assert await notes.read(look) == 1
    await notes.checkpoint()
    assert await notes.read(look) == 1


async def test_a_store_is_whole_after_it_was_closed(notes: Database, tmp_path: Path) -> None:
    await write_pages(notes, 10)
    await notes.close()
    assert not (tmp_path / "tocsin.db-wal").exists()
    again = open_database(sqlite_url(tmp_path))
    assert (
        await again.read(lambda c: c.execute(text("select length(body) from scratch")).scalar())
        == 10 * PAGE_BYTES
    )
    await again.close()


async def test_a_file_that_is_no_store_is_told_as_trouble(tmp_path: Path) -> None:
    (tmp_path / "tocsin.db").write_bytes(b"no database, but long enough to be looked at" * 100)
    opened = open_database(sqlite_url(tmp_path))
    for work in (opened.read, opened.write):
        with pytest.raises(StoreUnavailable, match="not a database"):
            await work(lambda c: c.execute(text("select 1")).scalar())
    await opened.close()


async def test_a_file_that_was_damaged_is_told_as_trouble(notes: Database, tmp_path: Path) -> None:
    await write_pages(notes, 50)
    await notes.close()
    file = tmp_path / "tocsin.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:PAGE_BYTES] + b"\xff" * (len(whole) - PAGE_BYTES))
    opened = open_database(sqlite_url(tmp_path))
    with pytest.raises(StoreUnavailable, match="malformed"):
        await opened.read(lambda c: c.execute(text("select length(body) from scratch")).all())
    await opened.close()


async def test_a_directory_that_is_not_there_is_told_as_trouble(tmp_path: Path) -> None:
    opened = open_database(sqlite_url(tmp_path / "nowhere"))
    with pytest.raises(StoreUnavailable, match="unable to open"):
        await opened.write(lambda c: c.execute(text("select 1")).scalar())
    await opened.close()
