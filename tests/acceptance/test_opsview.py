"""Clients of Opsview against a real server: pyopsview and opsviewclient, unmodified, and curl."""

import ast
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.opsview_clients import (
    OPSVIEWCLIENT,
    PYOPSVIEW,
    PYOPSVIEW_ACTS,
    PYOPSVIEW_CONFIG,
    run,
)
from tests.servers.tocsin import PASSWORD, Tocsin, running_tocsin

DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1", "service": "disk", "severity": "critical"}
LOAD = {"key": "db1/load", "title": "Load is high", "host": "db1", "service": "load", "severity": "warning"}
PING = {"key": "web1", "title": "PING lost", "host": "web1", "severity": "critical"}
WELL = {**PING, "title": "PING is fine", "kind": "recovery", "severity": "none"}
EVERY_TYPE = [0, 1, 2, 3]
SECONDS = 30
QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["4", "3", "2", "1"]),
    ({"rows": 2, "page": 2}, ["2", "1"]),
    ({"rows": "all", "sortby": '[{"col":"eventid","order":"asc"}]'}, ["1", "2", "3", "4"]),
    ({"eventtype": EVERY_TYPE}, ["5", "4", "3", "2", "1"]),
    ({"eventtype": 1}, ["5"]),
    ({"host": ["web1", "nobody"]}, ["4", "3"]),
    ({"service": ["DISK", "load"], "state_type": "HARD"}, ["2", "1"]),
    ({"host_state": ["down"], "service_state": ["warning"]}, ["3", "2"]),
    ({"serviceonly": 1, "search": "high"}, ["2"]),
    ({"startTime": "2011-11-01 18:43:22", "endTime": "2099-01-01 00:00:00"}, ["4", "3", "2", "1"]),
    ({"endTime": "2011-11-01 18:43:22"}, []),
    ({"cols": ["hostname", "state", "markdown_filter"], "state_type": "soft"}, []),
    ({"saved_maxeventid": 3}, ["4", "3", "2", "1"]),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """Run a server that has taken four signals, and somebody has acknowledged the first."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin")) as running:
        receipts = running.request("POST", "/api/v1/events", json=[DISK, LOAD, PING, WELL]).json()["receipts"]
        alert = receipts[0]["alert_id"]
        running.request(
            "POST", f"/api/v1/alerts/{alert}/acknowledge", json={"comment": "Due to power failure"}
        )
        yield running


@pytest.mark.parametrize("driver", [PYOPSVIEW, OPSVIEWCLIENT], ids=["pyopsview", "opsviewclient"])
def test_a_client_logs_in_and_reads_events(server: Tocsin, driver: str) -> None:
    queries = [query for query, _ in QUERIES]
    said = run(driver, url=server.url, user="admin", password=PASSWORD, queries=queries)
    for (query, numbers), answer in zip(QUERIES, said["answers"], strict=True):
        assert [item["eventid"] for item in answer["list"]] == numbers, query
        assert answer["summary"]["maxeventid"] == "5"
    assert said["answers"][-1]["summary"]["filtered_new_event_count"] == "1"
    (acknowledgement,) = said["answers"][4]["list"]
    assert acknowledgement["ack_comment"] == "Due to power failure"
    if driver is PYOPSVIEW:
        assert said["version"].startswith("6.")
        assert said["user"]["name"] == "admin"
        assert said["servers"]["list"]
        assert (
            said["reload"]["configuration_status"] == said["reloaded"]["configuration_status"] == "uptodate"
        )


MADE: list[tuple[str, dict[str, Any]]] = [
    ("timeperiods", {"name": "office", "monday": "09:00-17:00"}),
    ("variables", {"name": "DISK", "default_value": "/"}),
    ("hosttemplates", {"name": "Linux"}),
    (
        "hosts",
        {
            "name": "front1",
            "address": "10.0.0.1",
            "host_group": {"name": "Tocsin"},
            "monitored_by": {"name": "Master Monitoring Server"},
        },
    ),
    (
        "bsmcomponents",
        {
            "name": "fronts",
            "host_template": {"name": "Linux"},
            "hosts": [{"name": "front1"}],
            "operational_zone": "50.00",
        },
    ),
    ("bsmservices", {"name": "shop", "components": [{"name": "fronts"}]}),
]


def test_pyopsview_configures_business_services_and_what_they_need(server: Tocsin) -> None:
    said = run(PYOPSVIEW_CONFIG, url=server.url, user="admin", password=PASSWORD, made=MADE)
    names = [members["name"] for _, members in MADE]
    assert said["made"] == names
    assert said["server"] == "Master Monitoring Server"
    for (kind, _), name in zip(MADE, names, strict=True):
        assert name in said["names"][kind]
    assert [each["name"] for each in said["service"]["components"]] == ["fronts"]


def test_nagstamon_reads_the_answer_to_its_login_as_python(server: Tocsin) -> None:
    given = {"username": "admin", "password": PASSWORD}
    answer = server.request("POST", "/rest/login", json=given, headers={"Accept": "application/json"})
    assert set(ast.literal_eval(answer.text)) == {"token"}


def test_a_client_acknowledges_and_schedules_a_downtime(server: Tocsin) -> None:
    acted = {**LOAD, "key": "acted/load", "host": "acted"}
    server.request("POST", "/api/v1/events", json=acted)
    said = run(PYOPSVIEW_ACTS, url=server.url, user="admin", password=PASSWORD, service="acted::load")["said"]
    assert [each["summary"]["num_services"] for each in said] == ["1"] * 4
    query = {"host": "acted", "eventtype": EVERY_TYPE, "sortby": '[{"col":"eventid","order":"asc"}]'}
    types: list[str] = []
    deadline = time.monotonic() + SECONDS
    # Begin and end of a downtime are written when they are due, not by the request.
    while types != ["0", "1", "2", "3"] and time.monotonic() < deadline:
        listed = server.request("GET", "/rest/event", params=query).json()["list"]
        types = [each["eventtype"] for each in listed]
    assert types == ["0", "1", "2", "3"]


def test_the_requests_of_nagstamon_are_answered(server: Tocsin) -> None:
    """All parameters in the URL, truth values as words, numbers as texts."""
    given = {"username": "admin", "password": PASSWORD}
    token = server.request("POST", "/rest/login", json=given).json()["token"]
    session = {"X-Opsview-Username": "admin", "X-Opsview-Token": token, "Authorization": ""}

    def ask(method: str, path: str) -> Any:
        return server.request(method, f"/rest/{path}", headers=session)

    server.request("POST", "/api/v1/events", json={**DISK, "key": "nag/disk", "host": "nag"})
    listed = ask("GET", "status/service?state=1&state=2&state=3&can_change=true").json()["list"]
    (host,) = [each for each in listed if each["name"] == "nag"]
    (service,) = host["services"]
    assert (service["name"], service["state"], "acknowledged" in service) == ("disk", "critical", False)
    assert int(service["last_check"]) > 0
    assert service["current_check_attempt"] + "/" + service["max_check_attempts"] == "1/1"
    of = "host=nag&servicecheck=disk"
    for path in (
        f"acknowledge?{of}&comment=mine&notify=True&sticky=False",
        f"downtime?{of}&starttime=tomorrow%2010:00&endtime=%2B2h&comment=repairs",
        f"status?{of}&new_state=0&comment=well",
    ):
        answer = ask("POST", path)
        assert answer.status_code == 200, answer.text
        assert answer.json()["summary"]["num_services"] == "1"
    assert ask("POST", f"recheck?{of}").json()["message"] == "Errors setting recheck"
    (well,) = ask("GET", f"status/service?{of}").json()["list"]
    assert well["services"][0]["state"] == "ok"


def test_curl_without_accept_logs_in_reads_and_logs_out(server: Tocsin, tmp_path: Path) -> None:
    def curl(path: str, *words: str) -> Any:
        command = ["curl", "--silent", "--show-error", "-H", "Accept:", *words, f"{server.url}/rest{path}"]
        return json.loads(subprocess.check_output(command, timeout=30))

    login = tmp_path / "login"
    login.write_text(f"username=admin&password={PASSWORD}", encoding="utf-8")
    token = curl("/login", "--data", f"@{login}")["token"]
    session = ["-H", "X-Opsview-Username: admin", "-H", f"X-Opsview-Token: {token}"]
    assert len(curl("/event?rows=3&state_type=hard", *session)["list"]) == 3
    assert curl("/logout", *session, "-X", "POST") == {"logout_via": "REST API"}
    assert curl("/event", *session)["message"].startswith("the token is not valid")
