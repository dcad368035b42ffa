from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.cli.command_line import Ran, Run
from tests.unit.cli.stores import change, new_store
from tocsin.cli.moments import now
from tocsin.model.source import Source
from tocsin.query.times import format_time
from tocsin.store import directory, pulls
from tocsin.store.database import sqlite_url


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the configured port, on which nothing listens."""
    number = free_port()
    monkeypatch.setenv("TOCSIN_PORT", str(number))
    return number


@contextmanager
def answering(port: int, status: int, body: bytes) -> Iterator[None]:
    """Let something answer on a port of loopback, whatever it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer((LOOPBACK, port), Handler) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            listening.shutdown()
            thread.join()


def finding(ran: Ran, check: str) -> tuple[str, str, str]:
    (line,) = [line for line in ran.lines if line["check"] == check]
    return line["status"], line["detail"], line["advice"]


def statuses(ran: Ran) -> dict[str, str]:
    return {line["check"]: line["status"] for line in ran.lines}


def test_a_good_set_up_is_well(run: Run, tmp_path: Path) -> None:
    new_store(sqlite_url(tmp_path))
    ran = run("doctor", "--data", str(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert list(statuses(ran)) == [
        "configuration",
        "server",
        "database",
        "schema",
        "durability",
        "clock",
        "fetched sources",
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
        "server",
        "database",
        "schema",
        "durability",
        "clock",
        "fetched sources",
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
    assert statuses(ran) == {"configuration": "ok", "server": "ok", "database": "fail"}


def test_that_no_server_runs_is_no_fault(run: Run, tmp_path: Path, port: int) -> None:
    ran = run("doctor", "--data", str(tmp_path))
    assert finding(ran, "server") == ("ok", f"none runs at http://127.0.0.1:{port}", "")


@pytest.mark.parametrize(
    ("status", "body", "verdict", "detail"),
    [
        (
            200,
            b'{"ready": true, "checks": [{"name": "store", "ok": true, "reason": ""}]}',
            "ok",
            "takes events",
        ),
        (
            503,
            b'{"ready": false, "checks": [{"name": "store", "ok": false, "reason": "disk is full"}]}',
            "fail",
            "takes no events: store: disk is full",
        ),
        (200, b"<html>", "fail", "is no Tocsin"),
        (404, b"[]", "fail", "is no Tocsin"),
        (200, b"[" * 10_000, "fail", "is no Tocsin"),
    ],
)
def test_the_server_is_asked_whether_it_takes_events(
    run: Run, tmp_path: Path, port: int, status: int, body: bytes, verdict: str, detail: str
) -> None:
    with answering(port, status, body):
        ran = run("doctor", "--data", str(tmp_path))
    found = finding(ran, "server")
    assert found[0] == verdict
    assert detail in found[1]
    assert ran.code == (verdict == "fail")


@pytest.mark.parametrize("host", ["[::1]", "127.0.0.1:80", "ü..x", "a" * 64])
def test_a_host_that_is_none_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("TOCSIN_HOST", host)
    ran = run("doctor", "--data", str(tmp_path))
    assert ran.code == 1
    status, detail, advice = finding(ran, "server")
    assert (status, detail) == ("fail", f"host is {host!r}, which is no address")
    assert "127.0.0.1" in advice


def test_sources_that_are_fetched_from_are_told_of(run: Run, tmp_path: Path) -> None:
    new_store(sqlite_url(tmp_path))
    assert finding(run("doctor", "--data", str(tmp_path)), "fetched sources") == ("ok", "none", "")

    def make(connection: Connection) -> Source:
        project = directory.find_project(connection, "default", directory.DEFAULT)
        return directory.create_source(
            connection,
            domain_id="default",
            project_id=project.id,
            name="icinga",
            source_format="icinga2",
            now=now(),
        )

    source = change(sqlite_url(tmp_path), make)

    def told(since: int, trouble: str, lease: int) -> tuple[str, str, str]:
        def tell(connection: Connection) -> None:
            pulls.claim(connection, [source], "node", now(), now() + lease * 1_000_000)
            if trouble:
                pulls.tell_failed(connection, source, "node", trouble, now(), now())
            else:
                pulls.tell_connected(connection, source, "node", since, since)

        change(sqlite_url(tmp_path), tell)
        ran = run("doctor", "--data", str(tmp_path))
        assert ran.code == 0
        return finding(ran, "fetched sources")

    alone = ("warn", "icinga (default): no server fetches from it", "start `tocsin serve`")
    assert finding(run("doctor", "--data", str(tmp_path)), "fetched sources") == alone
    since = now()
    assert told(since, "", 60) == ("ok", f"icinga (default) is connected since {format_time(since)}", "")
    status, detail, advice = told(0, "it did not answer", 60)
    assert (status, detail) == ("warn", "icinga (default) is not connected: it did not answer")
    assert "options of the source" in advice
    # A node that died says nothing more, but its lease has run out.
    assert told(since, "", 0) == alone
