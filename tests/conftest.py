"""What every test shares: the loop of async tests, the stores, and the patience of property tests."""

import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import structlog
from hypothesis import settings

from tests.contract.scene import Scene, open_scene
from tests.contract.trouble import ClosedDatabase, FullDisk, Trouble
from tests.servers import tocsin as servers
from tests.servers.migrated import migrate, migrated_sqlite
from tests.servers.postgresql import PostgreSQL, running_postgresql
from tests.servers.process import fork
from tocsin.store.database import Database, open_database, sqlite_url

_TESTS: Final = Path(__file__).parent

# A busy machine is no wrong answer; speed is measured by the bench. What Hypothesis chooses by itself stays,
# such as the same examples in every run where CI is set.
settings.register_profile("tocsin", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tocsin")

# A program that is started as another user is forked first, and gRPC's hooks for that made some of them fail.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would every program they run.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Some 250 servers are started, and most of what each takes is the same imports.
servers.start_process = fork

# Left alone, it draws a frame around every traceback that is logged, which takes seconds.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files of each folder over the whole run.

    Left in their order, those that keep a browser or several servers busy would all run at once, at its end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    sizes = Counter(_folder(item.path) for item in items)
    before: Counter[str] = Counter()
    places: dict[Path, float] = {}
    for path, found in files.items():
        folder = _folder(path)
        places[path] = (before[folder] + len(found) / 2) / sizes[folder]
        before[folder] += len(found)
    items[:] = [item for path in sorted(files, key=places.__getitem__) for item in files[path]]


def _folder(path: Path) -> str:
    return path.relative_to(_TESTS).parts[0]


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
def migrated_postgresql(postgresql: PostgreSQL) -> Iterator[str]:
    """Give the name of a database with the present schema, to which nobody can connect: one to copy."""
    with postgresql.database() as url:
        migrate(url)
        name = url.rpartition("/")[2]
        postgresql.execute(f"alter database {name} allow_connections false")
        yield name


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """Give the URL of an empty database on PostgreSQL, the test's own."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a store, once on each engine: that of a test's `database`, or an empty one."""
    is_migrated = "database" in request.fixturenames
    if request.param == "sqlite":
        yield migrated_sqlite(tmp_path) if is_migrated else sqlite_url(tmp_path)
        return
    cluster: PostgreSQL = request.getfixturevalue("postgresql")
    template: str = request.getfixturevalue("migrated_postgresql") if is_migrated else ""
    with cluster.database(template) as url:
        yield url


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    """Open a store with the present schema, once on each engine."""
    opened = open_database(store_url)
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
