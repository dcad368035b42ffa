"""What the contract suite shares."""

from pathlib import Path

import pytest

from tests.contract.scene import Scene, open_scene
from tests.contract.trouble import ClosedDatabase, FullDisk, Trouble
from tocsin.store.database import Database


@pytest.fixture
async def scene(database: Database) -> Scene:
    """Give a store with a source and a ledger, once on each engine."""
    return await open_scene(database)


@pytest.fixture
def trouble(request: pytest.FixtureRequest, database: Database) -> Trouble:
    """Give a way to take the store's disk or server away and bring it back, once on each engine."""
    if database.is_sqlite:
        return FullDisk(Path(database.url.database or ""))
    return ClosedDatabase(request.getfixturevalue("postgresql"), database.url.database or "")
