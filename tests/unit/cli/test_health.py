import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.servers.postgresql import PostgreSQL
from tocsin.cli import health
from tocsin.cli.finding import Finding
from tocsin.cli.moments import now
from tocsin.server.settings import Settings
from tocsin.store import schema
from tocsin.store.database import Database, open_database
from tocsin.store.directory import create_domain
from tocsin.store.schema import SchemaStatus
from tocsin.store.tables import domain

Usage = namedtuple("Usage", ["total", "used", "free"])
GIBIBYTE = 1024**3

MOUNTS = """\
overlay / overlay rw 0 0
tmpfs /tmp tmpfs rw 0 0
server:/export /mnt/my\\040disk nfs4 rw 0 0
/dev/sda1 /mnt/my\\040disk/local ext4 rw 0 0
"""


def by_check(found: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in found}


def test_settings_that_there_are_not_are_warned_of() -> None:
    environment = {
        "TOCSIN_PROT": "1",
        "TOCSIN_PORT": "1",
        "TOCSIN_URL": "x",
        "TOCSIN_TOKEN": "y",
        "PATH": "z",
    }
    found = health.configuration(Settings(port=1), environment)
    assert (found.status, found.detail) == ("warn", "no such setting: TOCSIN_PROT")


def test_the_configuration_says_where_it_comes_from() -> None:
    assert health.configuration(Settings(), {}).detail == "no tocsin.toml here; listens on 127.0.0.1:8080"
    Path("tocsin.toml").touch()
    assert health.configuration(Settings(), {}).detail.startswith("tocsin.toml; ")


@pytest.mark.parametrize(
    ("state", "status", "advice"),
    [
        (SchemaStatus("2", "2", True, []), "ok", ""),
        (SchemaStatus("1", "2", True, ["2"]), "warn", "tocsin db migrate"),
        (SchemaStatus("", "2", True, ["1", "2"]), "warn", "tocsin db migrate"),
        (SchemaStatus("3", "2", False, []), "fail", "restore a backup"),
    ],
)
def test_the_schema_is_judged(state: SchemaStatus, status: str, advice: str) -> None:
    found = health.schema_state(state)
    assert found.status == status
    assert advice in found.advice


@pytest.mark.anyio
async def test_a_good_store_is_well(database: Database) -> None:
    found = by_check(await health.store(database, Settings()))
    assert list(found) == ["database", "schema", "durability", "clock", "fetched sources"]
    assert {finding.status for finding in found.values()} == {"ok"}
    engine = "SQLite 3." if database.is_sqlite else "PostgreSQL "
    assert found["database"].detail.startswith(engine)


@pytest.mark.anyio
async def test_a_store_that_does_not_answer_fails() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/tocsin")
    (found,) = await health.store(database, Settings())
    await database.close()
    assert (found.check, found.status) == ("database", "fail")
    assert "cannot be reached" in found.detail


@pytest.mark.anyio
async def test_a_clock_that_ran_back_is_warned_of(database: Database) -> None:
    await database.write(lambda connection: create_domain(connection, "main", now()))
    later = now() + 3600 * 1_000_000
    await database.write(lambda connection: connection.execute(update(domain).values(recorded_at=later)))
    found = by_check(await health.store(database, Settings()))["clock"]
    assert found.status == "warn"
    assert found.detail.endswith("s behind the newest event")


@pytest.mark.anyio
async def test_a_clock_that_is_not_the_databases_is_warned_of(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = now()
    monkeypatch.setattr("tocsin.cli.health.now", lambda: real - 90 * 1_000_000)
    database = open_database(postgresql_url)
    try:
        await schema.migrate(database)
        found = by_check(await health.store(database, Settings()))["clock"]
    finally:
        await database.close()
    assert found.status == "warn"
    assert found.detail.endswith("s from PostgreSQL's")


@pytest.mark.anyio
async def test_sqlite_without_syncs_is_warned_of(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), synchronous="OFF", allow_undurable=True)
    database = open_database(settings.database_url, synchronous="OFF")
    found = await health.durability(database, settings)
    await database.close()
    assert (found.status, found.detail) == ("warn", "synchronous=OFF")


@pytest.mark.anyio
@pytest.mark.parametrize(("allowed", "status"), [(False, "fail"), (True, "warn")])
async def test_postgresql_without_syncs_fails_unless_it_is_allowed(
    postgresql: PostgreSQL, postgresql_url: str, allowed: bool, status: str
) -> None:
    name = postgresql_url.rpartition("/")[2].partition("?")[0]
    await _execute(postgresql_url, f'alter database "{name}" set synchronous_commit = off')
    database = open_database(postgresql_url)
    found = await health.durability(database, Settings(allow_undurable=allowed))
    await database.close()
    assert found.status == status
    assert "synchronous_commit=off" in found.detail


async def _execute(url: str, statement: str) -> None:
    database = open_database(url)
    await database.write(lambda connection: connection.exec_driver_sql(statement))
    await database.close()


def test_the_columnar_copy_is_looked_at_from_outside(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    assert health.columnar(Settings(columnar=False)).detail == "off"
    assert health.columnar(settings).detail == f"none yet in {tmp_path}/columnar"
    (tmp_path / "columnar").mkdir()
    (tmp_path / "columnar" / "events.duckdb").write_bytes(bytes(3 * 1024 * 1024))
    assert health.columnar(settings).detail == f"3.0 MiB in {tmp_path}/columnar"


@pytest.mark.parametrize(
    ("free", "status"), [(5 * GIBIBYTE, "ok"), (GIBIBYTE // 2, "warn"), (GIBIBYTE // 20, "fail")]
)
def test_the_room_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100 * GIBIBYTE, 0, free))
    found = by_check(health.disk(tmp_path / "not" / "there" / "yet"))["disk"]
    assert found.status == status
    assert f"free for {tmp_path}" in found.detail


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib", "overlay"),
        ("/", "overlay"),
        ("/tmp/x", "tmpfs"),
        ("/tmpx", "overlay"),
        ("/mnt/my disk/data", "nfs4"),
        ("/mnt/my disk/local/data", "ext4"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(directory: str, kind: str) -> None:
    assert health.file_system(Path(directory), MOUNTS) == kind


@pytest.mark.parametrize(
    ("kind", "status", "advice"),
    [("ext4", "ok", ""), ("tmpfs", "warn", "on a disk"), ("nfs4", "warn", "use a local disk, or PostgreSQL")],
)
def test_file_systems_that_lose_data_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, status: str, advice: str
) -> None:
    monkeypatch.setattr(health, "file_system", lambda directory, mounts: kind)
    found = by_check(health.disk(tmp_path))["file system"]
    assert found.status == status
    assert advice in found.advice


@pytest.mark.parametrize(("may", "status"), [(True, "ok"), (False, "fail")])
def test_a_directory_that_cannot_be_written_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may: bool, status: str
) -> None:
    # Root may write everywhere, so the answer is not left to whoever runs the tests.
    monkeypatch.setattr(os, "access", lambda path, mode: may)
    assert by_check(health.disk(tmp_path))["rights"].status == status
