"""A copier that is killed between its steps goes on after the last one that was whole."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.contract.scene import open_scene, problems
from tocsin.hub.copier import Copier
from tocsin.hub.metrics import Metrics
from tocsin.store import schema
from tocsin.store.columnar.copy import Copy
from tocsin.store.database import open_database, sqlite_url

pytestmark = pytest.mark.anyio

EVENTS = 400
COPY = """
import asyncio, sys
from pathlib import Path
from tocsin.hub import copier
from tocsin.hub.metrics import Metrics
from tocsin.store.columnar import pages
from tocsin.store.columnar.copy import Copy
from tocsin.store.database import open_database, sqlite_url

async def main(folder):
    pages.ROWS, copier._REST = 10, 0
    database, copy = open_database(sqlite_url(folder)), Copy(folder / "columnar")
    append = copy.append

    async def and_say(*values):
        await append(*values)
        print("copied", flush=True)

    copy.append = and_say
    await copy.open()
    await copier.Copier(database, copy, Metrics()).round(copy)

asyncio.run(main(Path(sys.argv[1])))
"""


def copy_until_killed(folder: Path, steps: int) -> None:
    """Copy in a process of its own, and kill it some time after a number of steps."""
    with subprocess.Popen([sys.executable, "-c", COPY, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(steps):
            assert process.stdout.readline() == b"copied\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


async def test_a_copier_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))
    await schema.migrate(database)
    scene = await open_scene(database)
    await scene.record(*problems(map(str, range(EVENTS))))
    done = 0
    for steps in (1, 7, 3):
        copy_until_killed(tmp_path, steps)
        copy = Copy(tmp_path / "columnar")
        await copy.open()
        held = copy.stored("main")
        assert held is not None
        assert held.last_seq >= done + steps * 10
        numbers = await copy.ask(
            lambda connection: connection.execute(text("select seq from event order by seq")).scalars().all(),
            60,
        )
        assert list(numbers) == list(range(1, held.last_seq + 1))
        done = held.last_seq
        await copy.close()
        copy.end()
    copy = Copy(tmp_path / "columnar")
    await copy.open()
    await Copier(database, copy, Metrics()).round(copy)
    held = copy.held("main")
    assert held is not None
    assert held.last_seq == EVENTS
    assert (
        await copy.ask(lambda connection: connection.execute(text("select count(*) from event")).scalar(), 60)
        == EVENTS
    )
    await copy.close()
    copy.end()
    await database.close()
