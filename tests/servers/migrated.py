"""Stores that have the present schema: to copy one takes a fraction of a migration's time."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from tests.servers.apart import run_apart
from tocsin.store import schema
from tocsin.store.database import open_database, sqlite_url


def migrate(url: str) -> None:
    """Give a store the present schema."""

    async def work() -> None:
        opened = open_database(url)
        await schema.migrate(opened)
        await opened.close()

    run_apart(work())


def migrated_sqlite(folder: Path) -> str:
    """Make a store on SQLite in a folder, and give its URL."""
    url = sqlite_url(folder)
    shutil.copyfile(_pattern(), make_url(url).database or "")
    return url


@cache
def _pattern() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tocsin-migrated-"))
    atexit.register(shutil.rmtree, folder)
    url = sqlite_url(folder)
    migrate(url)
    return Path(make_url(url).database or "")
