"""A columnar copy for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tocsin.store.columnar.copy import Copy


@asynccontextmanager
async def open_copy(directory: Path) -> AsyncIterator[Copy]:
    """Give an empty one, its file in a directory."""
    copy = Copy(directory / "columnar")
    await copy.open()
    try:
        yield copy
    finally:
        await copy.close()
        copy.end()
