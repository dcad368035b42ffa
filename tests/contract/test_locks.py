"""Nodes that start at the same time on an empty PostgreSQL set it up once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tocsin.server.first_start import ensure_default
from tocsin.store import directory, schema
from tocsin.store.database import Database, open_database

pytestmark = pytest.mark.anyio

NODES = 3


@pytest.fixture
async def nodes(postgresql_url: str) -> AsyncIterator[list[Database]]:
    """Give the connections of some nodes to one empty store."""
    async with AsyncExitStack() as stack:
        opened = [open_database(postgresql_url) for _ in range(NODES)]
        for each in opened:
            stack.push_async_callback(each.close)
        yield opened


async def test_nodes_that_start_at_once_migrate_once(nodes: list[Database]) -> None:
    found = await asyncio.gather(*(schema.migrate(each) for each in nodes))
    assert [(each.present, each.pending) for each in found] == [(found[0].wanted, [])] * NODES


async def test_nodes_that_start_at_once_make_one_domain(nodes: list[Database]) -> None:
    await schema.migrate(nodes[0])
    made = await asyncio.gather(*(each.write(lambda c: ensure_default(c, "secret")) for each in nodes))
    assert sorted(each is None for each in made) == [False, *[True] * (NODES - 1)]
    assert [each.id for each in await nodes[0].read(directory.domains)] == ["default"]
