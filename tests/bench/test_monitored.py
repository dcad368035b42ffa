"""The past of a monitored world that a store is given before Opsview's questions are asked."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from tests.bench.configured import HOSTS, SERVICES
from tests.bench.monitored import preload_monitored
from tests.bench.questions import QUESTIONS
from tocsin.store import directory, reading, tables
from tocsin.store.database import open_database, sqlite_url

EVENTS = 500


@pytest.mark.anyio
async def test_the_past_has_what_its_scene_says(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))

    def look(connection: Connection) -> tuple[int, int, int]:
        objects = select(func.count()).select_from(tables.monitored_object)
        events = select(func.count()).select_from(tables.event)
        last_seq = reading.last_seq(connection, directory.DEFAULT)
        return connection.execute(objects).scalar_one(), connection.execute(events).scalar_one(), last_seq

    try:
        scene = await preload_monitored(database, EVENTS)
        found = await database.read(look)
    finally:
        await database.close()
    assert found == (HOSTS * (SERVICES + 1), EVENTS, EVENTS)
    assert scene.events == EVENTS
    assert scene.limited.keys() == {each.limited for each in QUESTIONS.values()} - {""}


def test_questions_are_asked_relative_to_now() -> None:
    now = time.time()
    sent = QUESTIONS["time range"].at(now)
    assert sent == f"startTime={int(now) - 864_000}&endTime={int(now) - 432_000}"
