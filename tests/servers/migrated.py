"""Stores that have the present schema: to copy one takes a fraction of a migration's time."""

import asyncio
import atexit
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from tocsin.store import schema
from tocsin.store.database import open_database, sqlite_url


def migrate(url: str) -> None:
    """Give a store the present schema."""

    async def work() -> None:
        opened = open_database(url)
        await schema.migrate(opened)
        await opened.close()

    # In a thread: where a test of the event loop asks for it, that runs already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()


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
