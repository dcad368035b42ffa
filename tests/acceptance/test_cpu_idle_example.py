"""The example of the documentation, run as a user runs it: real InfluxDB, real HTTP."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.influxdb import running_influxdb
from tests.unit.dialects.receiver import API_KEY, PATH, Receiver, Reply, receiving

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "cpu_idle_to_victorops.py"
ROUTING_KEY = PATH.rpartition("/")[2]


@pytest.fixture(scope="module")
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_influxdb(tmp_path_factory.mktemp("influxdb")) as url:
        yield url


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def database(influxdb: str) -> str:
    """Make an empty database for one test."""
    name = f"cpu-{uuid.uuid4().hex}"
    created = httpx2.post(f"{influxdb}/query", params={"q": f'CREATE DATABASE "{name}"'})
    assert created.json() == {"results": [{"statement_id": 0}]}
    return name


def report(influxdb: str, database: str, usage_idle: str, seconds_ago: int) -> None:
    line = f"cpu,cpu=cpu-total,host=web-1 usage_idle={usage_idle} {int(time.time()) - seconds_ago}"
    written = httpx2.post(f"{influxdb}/write", params={"db": database, "precision": "s"}, content=line)
    assert written.status_code == 204, written.text


def run_example(
    influxdb: str, database: str, receiver: Receiver, **more: str
) -> subprocess.CompletedProcess[str]:
    settings = {
        "INFLUX_URL": influxdb,
        "INFLUX_DB": database,
        "VICTOROPS_API_KEY": API_KEY,
        "VICTOROPS_ROUTING_KEY": ROUTING_KEY,
        "VICTOROPS_URL": receiver.url.removesuffix(f"/{API_KEY}/{ROUTING_KEY}"),
        **more,
    }
    return subprocess.run(
        [sys.executable, str(EXAMPLE)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("usage_idle", "message_type"),
    [
        ("0", "CRITICAL"),
        ("0.99", "CRITICAL"),
        ("1", "WARNING"),
        ("4.99", "WARNING"),
        ("5", "INFO"),
        ("97.123456789", "INFO"),
    ],
)
def test_the_last_reported_value_is_sent_with_its_type(
    influxdb: str, database: str, receiver: Receiver, usage_idle: str, message_type: str
) -> None:
    report(influxdb, database, "3", seconds_ago=20)
    report(influxdb, database, usage_idle, seconds_ago=10)
    before = int(time.time())
    ran = run_example(influxdb, database, receiver)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"Sent as {message_type}: cpu_idle is {usage_idle}.\n"
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["Content-Type"] == "application/json"
    assert before <= request.body.pop("state_start_time") <= time.time()
    assert request.body == {
        "message_type": message_type,
        "entity_id": "example-alert-1",
        "entity_display_name": "Example Alert 1",
        "state_message": f"Last reported cpu_idle was {usage_idle}.",
        "monitoring_tool": "",
    }


def test_an_old_value_is_none(influxdb: str, database: str, receiver: Receiver) -> None:
    report(influxdb, database, "0.5", seconds_ago=90)
    ran = run_example(influxdb, database, receiver)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"No usage_idle of cpu was reported to {database} in the last minute. Nothing was sent.\n"
    )
    assert receiver.requests == []


def test_a_database_that_does_not_exist_is_named(influxdb: str, receiver: Receiver) -> None:
    ran = run_example(influxdb, "nowhere", receiver)
    assert ran.returncode == 1
    assert "database not found: nowhere" in ran.stderr
    assert receiver.requests == []


def test_an_influxdb_that_does_not_answer_is_a_clear_end(receiver: Receiver) -> None:
    ran = run_example("http://127.0.0.1:1", "metrics", receiver)
    assert ran.returncode == 1
    assert ran.stderr.startswith("InfluxDB cannot be asked: ")
    assert receiver.requests == []


@pytest.mark.parametrize("name", ["INFLUX_URL", "INFLUX_DB", "VICTOROPS_API_KEY", "VICTOROPS_ROUTING_KEY"])
def test_a_setting_that_is_missing_is_named(receiver: Receiver, name: str) -> None:
    ran = run_example("http://127.0.0.1:1", "metrics", receiver, **{name: ""})
    assert (ran.returncode, ran.stderr) == (1, f"Set {name}.\n")


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [(Reply(404), "Refused with HTTP status 404.\n"), (Reply(cut=True), "Not sent: 127.0.0.1:")],
)
def test_what_is_not_taken_is_a_failure_without_the_key(
    influxdb: str, database: str, receiver: Receiver, reply: Reply, complaint: str
) -> None:
    receiver.replies = [reply]
    report(influxdb, database, "0.5", seconds_ago=10)
    ran = run_example(influxdb, database, receiver)
    assert ran.returncode == 1
    assert ran.stderr.startswith(complaint)
    assert API_KEY not in ran.stderr + ran.stdout


def test_the_token_goes_along(receiver: Receiver) -> None:
    content = b'{"results":[{"series":[{"columns":["time","last"],"values":[[0,3]]}]}]}'
    with receiving() as influxdb:
        influxdb.replies = [Reply(body=content)]
        ran = run_example(influxdb.url, "metrics", receiver, INFLUX_TOKEN="t0ken")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert influxdb.requests[0].headers["Authorization"] == "Token t0ken"
    assert receiver.bodies[0]["message_type"] == "WARNING"
