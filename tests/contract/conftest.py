"""What the contract suite shares."""

import pytest

from tests.contract.scene import Scene, open_scene
from tocsin.store.database import Database


@pytest.fixture
async def scene(database: Database) -> Scene:
    """Give a store with a source and a ledger, once on each engine."""
    return await open_scene(database)
