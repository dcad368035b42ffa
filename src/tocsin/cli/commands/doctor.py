"""`tocsin doctor`."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.columns import CHECKS
from tocsin.cli.failures import ExitCode, UsageError
from tocsin.cli.finding import Finding, fail, warn
from tocsin.cli.options import Output
from tocsin.cli.output import print_items
from tocsin.cli.storage import DEFAULT_STORE, Store, missing_file, opened

if TYPE_CHECKING:
    from tocsin.server.settings import Settings


def doctor(*, output: Output = None, store: Store = DEFAULT_STORE) -> int:
    """Check everything that Tocsin needs, and say what to do.

    It looks at the configuration, the server, the database and its schema,
    whether commits are synced, the clock, the sources that are fetched from, and
    the disk. Exit code 1 means that something fails.
    """
    found = _examine(store)
    print_items([finding.item() for finding in found], CHECKS, output)
    return ExitCode.FAILED if any(finding.is_bad for finding in found) else ExitCode.OK


def _examine(store: Store) -> list[Finding]:
    from tocsin.cli import health, running

    try:
        settings = store.settings()
    except UsageError as failure:
        return [fail("configuration", str(failure), "correct the setting that is named")]
    found = [health.configuration(settings, os.environ), running.server(settings)]
    return [*found, *asyncio.run(_of_store(settings))]


async def _of_store(settings: "Settings") -> list[Finding]:
    from tocsin.cli import health

    try:
        database = opened(settings)
    except UsageError as failure:
        return [fail("database", str(failure), "correct the URL")]
    try:
        found = []
        if (missing := missing_file(database)) is not None:
            found.append(warn("database", f"there is none yet at {missing}", "`tocsin serve` makes it"))
        else:
            found += await health.store(database, settings)
        found.append(health.columnar(settings))
        if database.is_sqlite:
            found += health.disk(Path(database.url.database or "").parent)
        return found
    finally:
        await database.close()
