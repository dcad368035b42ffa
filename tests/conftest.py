"""What every test shares: the loop of async tests, the stores, and the patience of property tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import make_url

from tests.contract.scene import Scene, open_scene
from tests.contract.trouble import ClosedDatabase, FullDisk, Trouble
from tests.servers.postgresql import PostgreSQL, running_postgresql
from tocsin.store import schema
from tocsin.store.database import Database, open_database, sqlite_url

# A busy machine is no wrong answer; speed is measured by the bench. What Hypothesis chooses by itself stays,
# such as the same examples in every run where CI is set.
settings.register_profile("tocsin", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tocsin")

# Left alone, it draws a frame around every traceback that is logged, which takes seconds.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(),
    ]
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the tests marked with anyio on asyncio, the loop that the server uses."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Run a real PostgreSQL for the whole session."""
    with running_postgresql() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a store with the present schema: to copy it takes a fraction of a migration's time."""
    url = sqlite_url(tmp_path_factory.mktemp("migrated"))

    async def migrate() -> None:
        opened = open_database(url)
        await schema.migrate(opened)
        await opened.close()

    # In a thread: where a test of the event loop asks for it, that runs already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(migrate())).result()
    return _file(url)


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """Give the URL of an empty database on PostgreSQL, the test's own."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty store, once on each engine."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def database(store_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Open a store with the present schema, once on each engine."""
    if store_url.startswith("sqlite"):
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), _file(store_url))
    opened = open_database(store_url)
    await schema.migrate(opened)
    yield opened
    await opened.close()


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
