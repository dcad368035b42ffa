"""The commands for backups, run while Tocsin runs, and Tocsin started on what they brought back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.documents import Said, shell
from tests.servers.ports import LOOPBACK
from tests.servers.postgresql import SUPERUSER, PostgreSQL, programs
from tests.servers.process import PROGRAM
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.unit.docs.pages import Page

PAGE = Page("how-to/back-up-and-restore.md")
BY_SQLITE3, BY_PYTHON, LOOK, DUMP, RESTORE = (block.text for block in PAGE.blocks() if block.language == "sh")
STATEMENT = re.compile(r"VACUUM INTO '[\w.]+'")


def record(tocsin: Tocsin, key: str) -> None:
    posted = tocsin.request("POST", "/api/v1/events", json={"key": key, "title": key})
    assert posted.status_code == 200, posted.text


def keys(tocsin: Tocsin) -> list[str]:
    return [event["key"] for event in tocsin.request("GET", "/api/v1/events").json()["items"]]


def run(directory: Path, commands: str, **environment: str) -> Said:
    """Run commands in a directory, with the programs of PostgreSQL and of this environment at hand."""
    path = f"{PROGRAM.parent}:{programs()}:/usr/local/bin:/usr/bin:/bin"
    with shell(directory, {"PATH": path, **environment}) as running:
        said = running.run(commands)
    assert said.code == 0, said.errors
    return said


def test_both_commands_for_sqlite_run_the_same_statement() -> None:
    assert STATEMENT.findall(BY_SQLITE3) == STATEMENT.findall(BY_PYTHON)
    assert len(STATEMENT.findall(BY_PYTHON)) == 1


def test_a_copy_of_sqlite_holds_what_stood_when_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with running_tocsin(tmp_path / "data") as tocsin:
        record(tocsin, "before")
        run(tmp_path, BY_PYTHON)
        record(tocsin, "after")
        said = run(tmp_path, LOOK)
    assert '"state": "ok"' in said.output
    with running_tocsin(tmp_path / "restored") as restored:
        restored.token = tocsin.token
        assert keys(restored) == ["before"]
        record(restored, "again")
        assert keys(restored) == ["again", "before"]


@contextmanager
def new_database(postgresql: PostgreSQL, name: str) -> Iterator[str]:
    """Make a database as an operator would, with all that a new one holds, and yield its URL."""
    postgresql.execute(f"create database {name}")
    try:
        yield f"postgresql://{SUPERUSER}@{LOOPBACK}:{postgresql.port}/{name}"
    finally:
        postgresql.execute(f"drop database {name} with (force)")


def test_a_dump_of_postgresql_is_restored_into_another_database(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    with (
        new_database(postgresql, "backed_up") as original,
        running_tocsin(tmp_path, database=original) as tocsin,
    ):
        record(tocsin, "before")
        run(tmp_path, DUMP, TOCSIN_DATABASE=original)
    with new_database(postgresql, "restored") as empty:
        run(tmp_path, RESTORE, TOCSIN_DATABASE=empty)
        with running_tocsin(tmp_path, database=empty) as restored:
            restored.token = tocsin.token
            assert keys(restored) == ["before"]
            record(restored, "again")
            assert keys(restored) == ["again", "before"]
