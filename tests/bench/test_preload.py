"""The past that a store is given before it is measured."""

from collections import Counter

import pytest
from sqlalchemy import Connection, func, select

from tests.bench.preload import preload
from tocsin.store import directory, schema, tables
from tocsin.store.database import Database, open_database

EVENTS = 2_000


@pytest.mark.anyio
async def test_the_past_has_what_its_scene_says(store_url: str) -> None:
    database = open_database(store_url)
    try:
        scene = await preload(database, EVENTS)
        outcomes, sources = await database.read(_look)
        known = await database.read(lambda connection: directory.sources(connection, directory.DEFAULT))
        assert not (await schema.status(database)).pending
    finally:
        await database.close()
    assert (scene.events, scene.open_alerts) == (EVENTS, EVENTS // 20)
    assert outcomes.total() == EVENTS
    assert outcomes["opened"] - outcomes["resolved"] == scene.open_alerts
    assert outcomes["joined"] > 0
    assert {source.id for source in scene.sources} == {source.id for source in known} == sources
    assert len(scene.sources) == 20


@pytest.mark.anyio
async def test_a_store_that_is_not_empty_is_left_alone(database: Database) -> None:
    await preload(database, EVENTS // 10)
    with pytest.raises(AssertionError, match="not empty"):
        await preload(database, EVENTS // 10)


def _look(connection: Connection) -> tuple[Counter[str], set[str]]:
    event = tables.event.c
    counted = connection.execute(select(event.outcome, func.count()).group_by(event.outcome))
    sources = connection.execute(select(event.source_id).distinct()).scalars()
    return Counter({row[0]: row[1] for row in counted}), set(sources)
