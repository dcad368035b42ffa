from pathlib import Path

import pytest
from sqlalchemy import update

from tests.unit.cli.command_line import Run
from tests.unit.cli.stores import change
from tocsin.server.first_start import NewDomain
from tocsin.store.database import sqlite_url
from tocsin.store.tables import source


def set_revision(url: str, revision: str) -> None:
    change(
        url,
        lambda connection: connection.exec_driver_sql(
            f"update alembic_version set version_num = '{revision}'"
        ),
    )


def test_the_schema_of_a_new_store_is_the_present_one(run: Run, made: NewDomain, store_url: str) -> None:
    ran = run("db", "status", "--database", store_url)
    assert ran.code == 0
    assert ran.document["present"] == ran.document["wanted"]
    assert (ran.document["pending"], ran.document["state"]) == ([], "ok")
    assert ran.document["columnar"].startswith("none yet")


def test_an_empty_store_is_migrated(run: Run, tmp_path: Path) -> None:
    words = ["--data", str(tmp_path / "new" / "data")]
    ran = run("db", "status", *words)
    assert ran.code == 4
    assert ran.err.startswith(f"tocsin: there is no store at {tmp_path}/new/data/tocsin.db: ")
    assert not (tmp_path / "new").exists()
    assert run("db", "migrate", *words).document["state"] == "ok"
    assert run("db", "status", *words).code == 0
    assert run("db", "migrate", *words).document["state"] == "ok"


def test_a_store_without_tables_is_empty(run: Run, store_url: str) -> None:
    change(store_url, lambda connection: None)
    ran = run("db", "status", "--database", store_url)
    assert (ran.code, ran.document["state"], ran.document["present"]) == (1, "empty", "")
    assert ran.document["pending"] != []
    ran = run("domain", "list", "--database", store_url)
    assert ran.code == 1
    assert "run `tocsin db migrate`" in ran.err


def test_a_newer_schema_is_left_alone(run: Run, made: NewDomain, store_url: str) -> None:
    set_revision(store_url, "9999")
    ran = run("db", "status", "--database", store_url)
    assert (ran.code, ran.document["state"]) == (1, "newer than this Tocsin")
    for words in (["db", "migrate"], ["db", "check"], ["token", "create", "--user", "admin"]):
        ran = run(*words, "--database", store_url)
        assert (ran.code, ran.out) == (1, "")
        assert "a newer version wrote it" in ran.err


def test_a_sound_store_is_sound(run: Run, made: NewDomain, store_url: str) -> None:
    ran = run("db", "check", "--database", store_url)
    assert ran.code == 0
    assert {line["status"] for line in ran.lines} == {"ok"}
    assert [line["check"] for line in ran.lines][-4:] == ["sequence", "alerts", "payloads", "directory"]


def test_a_store_that_is_not_sound_is_exit_code_1(run: Run, made: NewDomain, store_url: str) -> None:
    change(store_url, lambda connection: connection.execute(update(source).values(project_id="gone")))
    ran = run("db", "check", "--database", store_url)
    assert ran.code == 1
    assert [line["detail"] for line in ran.lines if line["status"] == "fail"] == [
        "1 sources belong to nobody"
    ]


def test_a_file_that_is_no_database_is_told_in_a_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tocsin.db").write_bytes(b"this is no database, but it is long enough to look like one" * 100)
    ran = run("db", "status", "--database", sqlite_url(tmp_path))
    assert ran.code in {1, 4}
    assert "file is not a database" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nothing", "oracle+x:y"])
def test_a_database_that_is_none_is_a_usage_error(run: Run, url: str) -> None:
    ran = run("db", "status", "--database", url)
    assert ran.code == 2
    assert ran.err.startswith("tocsin: --database: ")


def test_a_database_that_does_not_answer_is_unreachable(run: Run) -> None:
    ran = run("db", "status", "--database", "postgresql://nobody:s3cret@127.0.0.1:1/tocsin")
    assert ran.code == 4
    assert ran.err.startswith("tocsin: PostgreSQL cannot be reached: ")
    assert "s3cret" not in ran.err
