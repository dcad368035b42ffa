"""The command line against a real server: what a person and a script do in the first hour."""

import csv
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.servers.process import PROGRAM, execute
from tests.servers.tocsin import Tocsin, running_tocsin
from tocsin import victorops

PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """Run one server for all of them: each test keeps to keys of its own."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin")) as running:
        yield running


def environment(server: Tocsin, token: str | None = None) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return own | {"TOCSIN_URL": server.url, "TOCSIN_TOKEN": server.token if token is None else token}


def tocsin(
    server: Tocsin, *words: str, code: int = 0, given: str = "", token: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as its user would, and check how it ended."""
    ran = subprocess.run(
        [PROGRAM, *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=server.log.parent,
        env=environment(server, token),
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    return ran


def document(server: Tocsin, *words: str, token: str | None = None) -> Any:
    return json.loads(tocsin(server, *words, "--output", "json", token=token).stdout)


def store(server: Tocsin) -> list[str]:
    return ["--data", str(server.log.parent)]


def soon(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_event_is_sent_found_and_shown(server: Tocsin) -> None:
    words = ["send", "tour/disk", "Disk füll", "--host", "tour-1", "--service", "disk", "-l", "region=eu"]
    (receipt,) = map(json.loads, tocsin(server, *words).stdout.splitlines())
    assert receipt["outcome"] == "opened"
    (listed,) = document(server, "events", "host:tour-1", "severity>=warning", "-service:load")
    assert (listed["id"], listed["title"], listed["labels"]) == (receipt["id"], "Disk füll", {"region": "eu"})
    whole = document(server, "event", receipt["id"])
    assert (whole["alert"]["id"], whole["receipt"]["outcome"]) == (receipt["alert_id"], "opened")
    raw = json.loads(tocsin(server, "event", receipt["id"], "--raw").stdout)
    assert (raw["key"], raw["title"]) == ("tour/disk", "Disk füll")
    table = tocsin(server, "events", "host:tour-1", "--since", "1h", "--output", "table").stdout
    assert table.splitlines()[1].split()[1:6] == ["critical", "problem", "tour-1/disk", "Disk", "füll"]
    assert tocsin(server, "events", "host:tour-1", "--until", "1h", code=1).stdout == ""


def test_an_alert_lives_through_its_commands(server: Tocsin) -> None:
    for severity in ("warning", "critical"):
        tocsin(server, "send", "life/load", "Load", "--host", "life-1", "--severity", severity)
    (alert,) = document(server, "alerts", "host:life-1")
    assert (alert["state"], alert["severity"], alert["count"]) == ("open", "critical", 2)
    acknowledged = document(server, "alerts", "ack", alert["id"], "--comment", "mine", "--until", "2h")
    assert (acknowledged["state"], acknowledged["acknowledged_by"]) == ("acknowledged", "admin")
    assert acknowledged["acknowledged_until"] is not None
    document(server, "alerts", "note", alert["id"], "looking")
    assert document(server, "alerts", "unack", alert["id"])["state"] == "open"
    assert "not acknowledged" in tocsin(server, "alerts", "unack", alert["id"], code=1).stderr
    assert document(server, "alerts", "resolve", alert["id"])["state"] == "resolved"
    kinds = [event["kind"] for event in document(server, "alerts", "show", alert["id"])["timeline"]]
    assert kinds == ["recovery", "acknowledgement_end", "note", "acknowledgement", "problem", "problem"]
    shown = tocsin(server, "alerts", "show", alert["id"], "--output", "table").stdout
    assert "acknowledgement_end" in shown
    assert tocsin(server, "alerts", "list", "state:open", "host:life-1", code=1).stdout == ""


def test_lines_in_a_pipe_are_sent_and_each_gets_its_receipt(server: Tocsin) -> None:
    lines = [json.dumps({"key": f"pipe/{number}", "title": "x", "host": "pipe-1"}) for number in range(1500)]
    lines[7] = '{"key": "pipe/7"}'
    lines[8] = "no json"
    ran = tocsin(server, "send", code=1, given="\n".join(lines))
    receipts = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [receipt["index"] for receipt in receipts] == list(range(1500))
    assert [receipt["index"] for receipt in receipts if receipt["outcome"] != "opened"] == [7, 8]
    rows = csv.DictReader(io.StringIO(tocsin(server, "events", "host:pipe-1", "--all", "-o", "csv").stdout))
    assert sorted(row["key"] for row in rows) == sorted(
        {f"pipe/{n}" for n in range(1500)} - {"pipe/7", "pipe/8"}
    )
    assert len(document(server, "events", "host:pipe-1", "--limit", "1200")) == 1200


def test_a_source_is_made_used_switched_off_and_deleted(server: Tocsin) -> None:
    made = document(
        server, "source", "create", "pagers", "--format", "victorops", "--option", "warning_opens=false"
    )
    assert set(made) == {"id", "access_key", "urls"}
    assert victorops.event(made["urls"]["victorops"], "CRITICAL", "pagers/1", "Down") == 200
    (event,) = document(server, "events", "source:pagers")
    assert event["key"] == "pagers/1"
    # The key can send through the command, and do nothing else.
    sent = document(server, "send", "pagers/2", "Down", token=made["access_key"])
    assert sent[0]["outcome"] == "opened"
    assert len(document(server, "events", "source:pagers")) == 2
    assert "can only send" in tocsin(server, "events", code=3, token=made["access_key"]).stderr
    shown = tocsin(server, "source", "show", "pagers").stdout
    assert made["access_key"] not in shown
    assert json.loads(shown)["options"] == {"warning_opens": False}
    assert document(server, "source", "show", "pagers", "--key")["urls"] == made["urls"]
    assert document(server, "source", "disable", "pagers")["enabled"] is False
    assert victorops.event(made["urls"]["victorops"], "CRITICAL", "pagers/1", "Down") == 403
    assert document(server, "source", "enable", made["id"])["enabled"] is True
    assert victorops.event(made["urls"]["victorops"], "CRITICAL", "pagers/1", "Down") == 200
    tocsin(server, "source", "delete", "pagers")
    assert "pagers" not in [source["name"] for source in document(server, "source", "list")]
    assert "there is no source" in tocsin(server, "source", "show", "pagers", code=1).stderr


def test_a_message_goes_straight_to_an_address_of_victorops(server: Tocsin) -> None:
    url = document(server, "source", "create", "straight", "--format", "victorops")["urls"]["victorops"]
    sent = document(
        server, "send", "straight/1", "Down", "--victorops-url", f"{url}/dba", "--severity", "warning"
    )
    assert (sent["status"], sent["accepted"], sent["entity_id"]) == (200, True, "straight/1")
    (event,) = document(server, "events", "source:straight")
    assert (event["severity"], event["labels"]["routing_key"]) == ("warning", "dba")


def test_a_source_belongs_to_a_project(server: Tocsin) -> None:
    assert document(server, "project", "create", "web", "--id", "project-web") == {"id": "project-web"}
    assert "exists already" in tocsin(server, "project", "create", "web", code=1).stderr
    assert "web" in [project["name"] for project in document(server, "project", "list")]
    source = document(server, "source", "create", "web-probe", "--project", "web")
    document(server, "send", "web/1", "Slow", "--source-id", source["id"])
    (event,) = document(server, "events", "project:web")
    assert event["project_id"] == "project-web"


def test_tokens_are_made_on_the_store_and_known_to_the_server_within_a_second(server: Tocsin) -> None:
    made = document(server, "token", "create", "--user", "admin", "--name", "script", *store(server))
    assert list(made) == ["token"]
    time.sleep(1)
    (listed,) = [each for each in document(server, "token", "list") if each["name"] == "script"]
    document(server, "project", "list", token=made["token"])
    tocsin(server, "token", "revoke", listed["id"])
    refused = tocsin(server, "project", "list", code=3, token=made["token"])
    assert refused.stderr.count("\n") == 1
    assert made["token"] not in refused.stderr


def test_a_domain_sees_only_its_own(server: Tocsin) -> None:
    made = document(server, "domain", "create", "acme", *store(server))
    assert (set(made), made["admin"]) == ({"id", "admin", "token"}, "admin@acme")
    document(server, "send", "default/1", "Of another domain")
    time.sleep(1)
    assert tocsin(server, "events", code=1, token=made["token"]).stdout == ""
    assert document(server, "send", "acme/1", "Own", token=made["token"])[0]["seq"] == 1
    assert [e["key"] for e in document(server, "events", token=made["token"])] == ["acme/1"]
    assert [source["name"] for source in document(server, "source", "list", token=made["token"])] == ["first"]
    assert "acme" in [domain["name"] for domain in document(server, "domain", "list", *store(server))]
    ran = tocsin(
        server,
        "user",
        "create",
        "eve",
        "--domain",
        "acme",
        "--password-stdin",
        *store(server),
        given="pass\n",
    )
    assert json.loads(ran.stdout)["domain_id"] == made["id"]
    users = document(server, "user", "list", token=made["token"])
    assert [user["name"] for user in users] == ["admin@acme", "eve"]
    document(server, "token", "create", "--user", "eve", *store(server))


def test_the_store_of_a_running_server_is_sound(server: Tocsin) -> None:
    assert document(server, "db", "status", *store(server))["state"] == "ok"
    checks = document(server, "db", "check", *store(server))
    assert {check["status"] for check in checks} == {"ok"}
    checks = document(server, "doctor", *store(server))
    assert "fail" not in {check["status"] for check in checks}


def test_what_goes_wrong_is_told_in_a_line_with_its_exit_code(server: Tocsin) -> None:
    for words, code in (
        (["events", "severity>>high"], 2),
        (["events", "(host:a"], 2),
        (["event", "event-ffffffffffff"], 1),
        (["alerts", "show", "nonsense"], 1),
        (["source", "create", "x", "--format", "morse"], 1),
        (["source", "create", "x", "--option", "colour=red"], 1),
        (["send", "k" * 600, "t"], 1),
    ):
        refused = tocsin(server, *words, code=code)
        assert refused.stdout == "", words
        assert refused.stderr.startswith("tocsin: "), words
        assert refused.stderr.count("\n") == 1, words
    for token in ("", "wrong", "tocsin_wrong"):
        assert "TOCSIN_TOKEN" in tocsin(server, "events", code=3, token=token).stderr


@contextmanager
def tailing(server: Tocsin, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `tocsin tail` for the length of a block, its output in a file."""
    with (
        (server.log.parent / "tail.out").open("wb") as out,
        (server.log.parent / "tail.err").open("wb") as err,
    ):
        tail = subprocess.Popen([PROGRAM, "tail", *words], stdout=out, stderr=err, env=environment(server))
        try:
            yield tail
        finally:
            tail.kill()
            tail.wait()


def shown(server: Tocsin) -> list[str]:
    lines = (server.log.parent / "tail.out").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["key"] for line in lines]


def send_until_shown(server: Tocsin, key: str) -> None:
    """Send an event again and again until the tail shows it: then it follows."""

    def sent_and_shown() -> bool:
        response = server.request("POST", "/api/v1/events", json={"key": key, "title": "x"})
        assert response.status_code == 200
        time.sleep(0.2)
        return key in shown(server)

    soon(sent_and_shown)


def test_a_tail_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as server, tailing(server, "-key:hidden*", "--output", "ndjson") as tail:
        send_until_shown(server, "start")
        server.kill()
        server.start()
        # The tail comes back some time after these were recorded.
        for number in range(20):
            for key in (f"after/{number}", f"hidden/{number}"):
                assert httpx2.post(
                    f"{server.url}/api/v1/events",
                    json={"key": key, "title": "x"},
                    headers={"Authorization": f"Bearer {server.token}"},
                ).is_success
        soon(lambda: "after/19" in shown(server))
        tail.send_signal(signal.SIGINT)
        assert tail.wait(timeout=PATIENCE_SECONDS) == 130
        assert [key for key in shown(server) if key != "start"] == [f"after/{number}" for number in range(20)]
        told = (tmp_path / "tail.err").read_text(encoding="utf-8").splitlines()
        assert told
        assert all(line.startswith("tocsin: ") and "; trying again in " in line for line in told)


def test_a_server_that_is_stopped_is_unreachable_and_its_store_is_not(tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as server:
        document(server, "send", "k", "t")
        assert server.terminate() == 0
        assert "no answer from" in tocsin(server, "events", code=4).stderr
        assert list(document(server, "token", "create", "--user", "admin", *store(server))) == ["token"]
        assert {check["status"] for check in document(server, "db", "check", *store(server))} == {"ok"}


def test_ctrl_c_stops_a_server_in_good_order(tmp_path: Path) -> None:
    with running_tocsin(tmp_path, start=execute) as server:
        os.kill(server.pid, signal.SIGINT)
        assert server.wait() == 0
        assert "Traceback" not in server.output
