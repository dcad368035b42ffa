"""Makes the columnar copy of a filled store, without the rests that a server takes for its intake."""

from functools import partial
from pathlib import Path

from tocsin.store.columnar import pages
from tocsin.store.columnar.copy import Copy
from tocsin.store.columnar.held import Held
from tocsin.store.database import Database


async def fill_copy(database: Database, directory: Path) -> None:
    """Copy all that a store holds.

    Args:
        database: the store.
        directory: of the copy.
    """
    copy = Copy(directory)
    await copy.open()
    try:
        for domain_id, newest in (await database.read(pages.newest)).items():
            floor = await database.read(partial(pages.floor, domain_id=domain_id))
            held = Held(newest.created_at, floor)
            while page := await database.read(partial(pages.page_after, domain_id=domain_id, held=held)):
                await copy.append(domain_id, held, page)
                stored = copy.stored(domain_id)
                assert stored is not None, "the copy holds nothing"
                held = stored
    finally:
        await copy.close()
        copy.end()
