"""The clients of the library against a real Tocsin."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import tocsin
from tests.servers.tocsin import Tocsin, running_tocsin

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    with running_tocsin(tmp_path_factory.mktemp("library")) as running:
        yield running


@pytest.fixture
def client(server: Tocsin) -> Iterator[tocsin.Client]:
    with tocsin.Client(server.url, server.token) as opened:
        yield opened


def test_a_problem_is_sent_found_and_worked_on(client: tocsin.Client) -> None:
    first, second = client.send(
        [
            {"key": "db1/disk", "title": "Disk füll", "host": "db1", "region": "eu"},
            {"key": "db1/disk", "title": "Disk füll", "host": "db1", "severity": "warning"},
        ]
    )
    assert (first.outcome, second.outcome) == ("opened", "joined")
    found = list(client.events("host:db1", since="-1h"))
    assert [event.seq for event in found] == [second.seq, first.seq]
    assert found[1].labels == {"region": "eu"}
    assert found[0].time == found[0].recorded_at
    (alert,) = client.alerts("host:db1")
    assert (alert.id, alert.state, alert.count) == (first.alert_id, "open", 2)
    assert client.acknowledge(alert.id, "on it").acknowledged_comment == "on it"
    assert client.unacknowledge(alert.id).state == "open"
    client.note(alert.id, "it is the backup")
    assert client.resolve(alert.id).resolved_by == "admin"
    shown = client.alert(alert.id)
    assert [event.kind for event in shown.timeline][:2] == ["recovery", "note"]
    assert client.event(first.id).document["payload"]["format"] == "native"
    with pytest.raises(tocsin.Refused, match="resolved"):
        client.acknowledge(alert.id)


def test_pages_do_not_end_early(client: tocsin.Client) -> None:
    client.send([{"key": f"page/{n}", "title": "Page", "kind": "info"} for n in range(1500)])
    assert len(list(client.events("title=Page"))) == 1500
    assert len(list(client.events("title=Page", limit=1100))) == 1100


@pytest.mark.anyio
async def test_async_code_does_the_same(server: Tocsin) -> None:
    async with tocsin.AsyncClient(server.url, server.token) as client:
        (receipt,) = await client.send({"key": "web1/load", "title": "Load", "host": "web1"})
        async with aclosing(client.tail("host:web1", after=receipt.seq - 1)) as events:
            assert (await anext(events)).id == receipt.id
        assert [alert.key async for alert in client.alerts("host:web1")] == ["web1/load"]
        assert (await client.resolve(receipt.alert_id)).state == "resolved"


def test_a_tail_goes_on_over_a_restart(tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as server, tocsin.Client(server.url, server.token) as client:
        client.send({"key": "before", "title": "Not followed"})
        broken: list[str] = []
        back_off = tocsin.BackOff(first=0.05, longest=0.2)
        events = client.tail(back_off=back_off, on_break=lambda failure, _: broken.append(str(failure)))
        client.send({"key": "one", "title": "One"})
        assert next(events).key == "one"

        def restart() -> None:
            server.terminate()
            server.start()
            client.send({"key": "two", "title": "Two"})

        restarting = threading.Thread(target=restart)
        restarting.start()
        assert next(events).key == "two"
        restarting.join()
        assert broken


class _Busy(BaseHTTPRequestHandler):
    """A server that is not ready yet."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True
        threading.Thread(target=self.server.shutdown).start()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_sending_goes_on_through_a_503_and_a_port_where_nobody_listens(tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as server:
        assert server.terminate() == 0
        host, _, port = server.url.removeprefix("http://").partition(":")
        with HTTPServer((host, int(port)), _Busy) as busy:
            answering = threading.Thread(target=busy.serve_forever, kwargs={"poll_interval": 0.01})
            answering.start()

            def start_at_last() -> None:
                answering.join()
                busy.server_close()
                server.start()

            starting = threading.Thread(target=start_at_last)
            starting.start()
            with tocsin.Client(server.url, server.token) as client:
                (receipt,) = client.send({"key": "patient", "title": "Patient"})
                starting.join()
                assert receipt.outcome == "opened"
                assert [event.key for event in client.events()] == ["patient"]


def test_what_is_logged_arrives_with_the_key_of_a_source(server: Tocsin, client: tocsin.Client) -> None:
    source = server.create_source("logs", "native")
    handler = tocsin.TocsinHandler(server.url, source.access_key, host="app1")
    logger = logging.getLogger("shop")
    logger.addHandler(handler)
    try:
        for disk in ("sda", "sdb"):
            logger.error("disk %s is full", disk)
        handler.flush()
    finally:
        logger.removeHandler(handler)
        handler.close()
    assert handler.dropped == 0
    (alert,) = client.alerts("host:app1")
    assert (alert.key, alert.service, alert.severity, alert.count) == (
        "shop: disk %s is full",
        "shop",
        "error",
        2,
    )


def run_example(name: str, server: Tocsin, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *words],
        env=os.environ | {"TOCSIN_URL": server.url, "TOCSIN_TOKEN": server.token},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_example_of_a_job_reports_its_failure_and_its_recovery(
    server: Tocsin, client: tocsin.Client, tmp_path: Path
) -> None:
    failed = run_example("report_a_job.py", server, str(tmp_path / "missing"))
    assert failed.returncode == 1
    (alert,) = client.alerts('key="disk check"')
    assert (alert.state, alert.labels) == ("open", {"team": "storage"})
    assert alert.title.startswith("disk check failed: FileNotFoundError: ")
    assert client.alert(alert.id).timeline[0].description.startswith("Traceback")
    assert run_example("report_a_job.py", server, str(tmp_path)).returncode == 0
    assert client.alert(alert.id).state == "resolved"


def test_the_example_of_a_review_lists_what_is_open(server: Tocsin, client: tocsin.Client) -> None:
    client.send({"key": "db9/io", "title": "Disk is slow", "host": "db9", "severity": "warning"})
    ran = run_example("open_alerts.py", server, "host:db9")
    assert ran.returncode == 0, ran.stderr
    (line,) = ran.stdout.splitlines()
    assert line.startswith("warning")
    assert line.endswith("db9  Disk is slow")
