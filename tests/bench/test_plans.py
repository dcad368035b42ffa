"""The plans that the bench prints for a question that missed its bar."""

from pathlib import Path

import pytest

from tests.bench.columnar import fill_copy
from tests.bench.monitored import preload_monitored
from tests.bench.plans import plans_of
from tests.bench.stores import SQLITE, Store
from tocsin.store.database import open_database, sqlite_url


@pytest.mark.anyio
async def test_a_plan_names_the_indexes_of_each_statement(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))
    try:
        scene = await preload_monitored(database, 500)
        await fill_copy(database, tmp_path / "columnar")
    finally:
        await database.close()
    store = Store(SQLITE, sqlite_url(tmp_path), scene, tmp_path)
    found = await plans_of(store, ["host", "who sees a tenth by groups"])
    for plan in found.values():
        assert any("USING INDEX" in line or "USING PRIMARY KEY" in line for line in plan)
