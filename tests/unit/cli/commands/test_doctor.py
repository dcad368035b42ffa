from pathlib import Path

import pytest

from tests.unit.cli.command_line import Ran, Run
from tests.unit.cli.stores import change, new_store
from tocsin.store.database import sqlite_url


def statuses(ran: Ran) -> dict[str, str]:
    return {line["check"]: line["status"] for line in ran.lines}


def test_a_good_set_up_is_well(run: Run, tmp_path: Path) -> None:
    new_store(sqlite_url(tmp_path))
    ran = run("doctor", "--data", str(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert list(statuses(ran)) == [
        "configuration",
        "database",
        "schema",
        "durability",
        "clock",
        "columnar copy",
        "disk",
        "file system",
        "rights",
    ]
    assert "fail" not in statuses(ran).values()
    table = run("doctor", "--data", str(tmp_path), "--output", "table").out.splitlines()
    assert table[0].split() == ["status", "check", "detail", "advice"]
    assert [line.split()[0] for line in table[1:]] == list(statuses(ran).values())


def test_the_disk_is_not_looked_at_where_the_store_is_on_postgresql(run: Run, postgresql_url: str) -> None:
    new_store(postgresql_url)
    ran = run("doctor", "--database", postgresql_url)
    assert ran.code == 0
    assert list(statuses(ran)) == [
        "configuration",
        "database",
        "schema",
        "durability",
        "clock",
        "columnar copy",
    ]


def test_before_the_first_start_there_is_nothing_to_fail(run: Run, tmp_path: Path) -> None:
    ran = run("doctor", "--data", str(tmp_path / "new"))
    assert ran.code == 0
    assert statuses(ran)["database"] == "warn"
    assert not (tmp_path / "new").exists()


def test_a_newer_schema_fails_and_the_rest_is_still_looked_at(run: Run, tmp_path: Path) -> None:
    new_store(sqlite_url(tmp_path))
    statement = "update alembic_version set version_num = '9999'"
    change(sqlite_url(tmp_path), lambda connection: connection.exec_driver_sql(statement))
    ran = run("doctor", "--data", str(tmp_path))
    assert ran.code == 1
    assert statuses(ran)["schema"] == "fail"
    assert statuses(ran)["disk"] in {"ok", "warn"}


def test_a_setting_that_cannot_be_used_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PORT", "http")
    ran = run("doctor")
    assert ran.code == 1
    assert list(statuses(ran)) == ["configuration"]
    assert "port" in ran.lines[0]["detail"]


def test_a_database_that_is_none_fails(run: Run) -> None:
    ran = run("doctor", "--database", "mysql://localhost/tocsin")
    assert ran.code == 1
    assert statuses(ran) == {"configuration": "ok", "database": "fail"}
