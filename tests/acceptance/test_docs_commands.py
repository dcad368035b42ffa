"""The commands of the documentation, run as a reader types them, against a real Tocsin."""

import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.documents import ADDRESS, Names, Shell, commands_of, differences, shell
from tests.acceptance.receiving import wait_for
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.process import PROGRAM
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.unit.docs.pages import Block

STREAM_SECONDS = 2
TIMED_OUT = {28, 124}
"""What curl and timeout exit with when they have to end a command that goes on for ever."""

WELCOME_PAGES = ("quickstart.md", "../README.md")


@pytest.fixture
def tocsin(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tocsin]:
    """Run a server on `data` in the directory where the commands are run; a test can name its settings."""
    (tmp_path / "data").mkdir()
    with running_tocsin(tmp_path / "data", environment=getattr(request, "param", None)) as running:
        yield running


@pytest.fixture
def running(tocsin: Tocsin, tmp_path: Path) -> Iterator[Shell]:
    """Open a terminal of somebody who has pasted what the first start printed."""
    environment = {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
        "TOCSIN_URL": tocsin.url,
        "TOCSIN_TOKEN": tocsin.token,
        "COLUMNS": "120",
    }
    with shell(tmp_path, environment) as opened:
        yield opened


@pytest.fixture
def names(tocsin: Tocsin) -> Names:
    known = Names()
    known.set(ADDRESS, tocsin.url)
    known.set("TOCSIN_TOKEN=tocsin_...", f"TOCSIN_TOKEN={tocsin.token}")
    return known


def run_page(
    page: str, running: Shell, names: Names, before: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Run every command of a page, in order; say where an answer is not as it is shown."""
    wrong = []
    for commands, answer in commands_of(page):
        before(commands)
        said = running.run(prepared(commands, answer, names))
        assert said.code in {0, *(TIMED_OUT if is_endless(commands) else ())}, f"{commands}{said.errors}"
        if answer is not None and not as_shown(answer, said.output, names):
            wrong.append(f"{commands}\nshown: {answer.text}\ncame: {said.output}")
        if answer is not None and answer.language == "json":
            wrong += [
                f"{commands}{each}"
                for each in differences(json.loads(answer.text), json.loads(said.output), names)
            ]
    return wrong


def is_endless(commands: str) -> bool:
    return "/stream" in commands or "tocsin tail" in commands


def prepared(commands: str, answer: Block | None, names: Names) -> str:
    """Give commands as they run here: on this server, not for ever, with a table where one is shown."""
    commands = names.put_in(commands).replace("curl ", "curl --silent --show-error ")
    commands = commands.replace(".venv/bin/tocsin", "tocsin")
    if "/stream" in commands:
        commands = commands.replace("curl ", f"curl --max-time {STREAM_SECONDS} ")
    commands = re.sub(r"^tocsin tail", f"timeout {STREAM_SECONDS} tocsin tail", commands, flags=re.MULTILINE)
    is_table = answer is not None and answer.language == "text" and "/stream" not in commands
    return f"{commands.rstrip()} --output table" if is_table else commands


def as_shown(answer: Block, came: str, names: Names) -> bool:
    """Say whether a text begins as it is shown, apart from times and the width of columns."""
    if answer.language != "text":
        return True
    return normal(came).startswith(normal(names.put_in(answer.text.split(" ...")[0])))


def normal(text: str) -> str:
    return " ".join(re.sub(r"\d\d:\d\d:\d\d", "TIME", text).split())


def is_listened_to(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((LOOPBACK, port)) == 0


def is_followed(tocsin: Tocsin) -> bool:
    return "tocsin_feed_listeners 1.0" in tocsin.request("GET", "/metrics").text


def test_the_api_answers_as_its_page_shows(tocsin: Tocsin, running: Shell, names: Names) -> None:
    def is_passed_on() -> bool:
        waiting = tocsin.request("GET", "/api/v1/deliveries", params={"state": "pending"})
        return not waiting.json()["items"]

    def wait(commands: str) -> None:
        if "/deliveries" in commands:
            wait_for(is_passed_on, "every delivery is over")

    wrong = run_page("reference/http-api.md", running, names, wait)
    assert not wrong, "\n".join(wrong)


def test_events_are_posted_as_the_page_shows(tocsin: Tocsin, running: Shell, names: Names) -> None:
    source = tocsin.create_source("webhook", "native")
    names.set("/in/SOURCE_ID/ACCESS_KEY", f"/in/{source.id}/{source.access_key}")
    assert run_page("how-to/post-events.md", running, names) == []


def test_tokens_and_sources_are_as_the_page_shows(running: Shell, names: Names) -> None:
    made = running.run("tocsin token create --user admin --name old --data data")
    assert made.code == 0, made.errors
    listed = running.run("tocsin token list").output.splitlines()
    names.set("token-1f3870be274f", json.loads(listed[-1])["id"])
    assert run_page("how-to/tokens-and-sources.md", running, names) == []


def test_users_and_roles_are_as_the_page_shows(running: Shell, names: Names) -> None:
    assert run_page("how-to/users-and-roles.md", running, names) == []


def test_events_are_passed_on_as_the_page_shows(running: Shell, names: Names) -> None:
    # Nothing is sent to this machine, and the test says so.
    names.set("tocsin target test chat", "! tocsin target test chat")
    for host in ("alert", "chat"):
        names.set(f"https://{host}.example.com", "http://localhost:9")
    assert running.run("tocsin send db1/disk 'Disk full' --host db1").code == 0
    assert run_page("how-to/pass-events-on.md", running, names) == []


def test_cloudforet_is_replaced_as_the_page_shows(tocsin: Tocsin, running: Shell, names: Names) -> None:
    names.set("--data DIR", "--data data")
    names.set("SOURCE_ID", tocsin.create_source("webhook", "native").id)
    names.set("DOMAIN_ID", "default")
    for commands, answer in commands_of("how-to/replace-cloudforet-monitoring.md"):
        said = running.run(prepared(commands, answer, names))
        assert said.code == 0, f"{commands}{said.errors}"
        assert '"detail"' not in said.output, f"{commands}{said.output}"


def test_scripts_of_opsview_do_as_the_page_shows(running: Shell, names: Names) -> None:
    names.set(
        "tocsin user create scripts",
        "echo 'a long password' | tocsin user create scripts --password-stdin --data data",
    )
    names.set('"$TOCSIN_URL', '--fail-with-body "$TOCSIN_URL')
    assert run_page("how-to/point-opsview-scripts-here.md", running, names) == []


def test_the_on_call_is_handed_over_as_the_page_shows(running: Shell, names: Names) -> None:
    names.set("https://pager.example.com/bob", "http://localhost:9/bob")
    names.set("tocsin target test bob", "! tocsin target test bob")
    for command in (
        "target create oncall http://localhost:9/ --kind webhook",
        "target create bob http://localhost:9/ --kind webhook",
        "route create databases host:db* --to oncall",
        "send db1/disk Full --host db1",
        "send db2/disk Full --host db2",
        "alerts ack alert-000000000002",
        "silence create host:web-* --until 2h",
    ):
        assert running.run(f"tocsin {command}").code == 0, command
    wait_for(
        lambda: "dead" in running.run("tocsin deliveries").output, "what a target on this machine refuses"
    )
    assert run_page("how-to/hand-over-on-call.md", running, names) == []
    (told,) = json.loads(running.run("tocsin route list").output)["targets"]
    assert told["name"] == "bob"


def test_what_is_monitored_is_described_as_the_page_shows(running: Shell, names: Names) -> None:
    assert run_page("how-to/describe-what-you-monitor.md", running, names) == []
    again = running.run("tocsin apply -f present.yaml --prune").output.splitlines()
    assert {json.loads(line)["action"] for line in again} == {"keep"}


def test_history_is_moved_as_the_page_shows(running: Shell, names: Names) -> None:
    assert run_page("how-to/move-history-from-nagios-log.md", running, names) == []


def test_a_file_configures_as_the_page_shows(running: Shell, names: Names) -> None:
    names.set("https://chat.example.com", "http://localhost:9")
    assert run_page("how-to/configure-from-a-file.md", running, names) == []
    again = running.run("tocsin apply -f tocsin.yaml").output.splitlines()
    assert [json.loads(line)["action"] for line in again] == ["keep"] * 7


def test_silences_are_as_the_page_shows(running: Shell, names: Names) -> None:
    assert run_page("how-to/silence.md", running, names) == []


def test_events_are_followed_as_the_page_shows(running: Shell, names: Names) -> None:
    assert run_page("how-to/follow-live.md", running, names) == []


@pytest.mark.parametrize("page", WELCOME_PAGES)
@pytest.mark.parametrize("tocsin", [{"TOCSIN_PRIVATE_TARGETS": "true"}], ids=["private"], indirect=True)
def test_a_tour_ends_with_a_visible_event(
    page: str, tocsin: Tocsin, running: Shell, names: Names, tmp_path: Path
) -> None:
    first = re.search(r"^  (curl .+)$", tocsin.output, re.MULTILINE)
    assert first is not None
    assert json.loads(running.run(first[1]).output) == {"result": "success", "entity_id": "disk-db1"}
    tailed, paged = tmp_path / "tailed", tmp_path / "paged"
    port = free_port()
    names.set("127.0.0.1:8090", f"127.0.0.1:{port}")
    names.set('"127.0.0.1", 8090', f'"127.0.0.1", {port}')
    for commands, answer in commands_of(page):
        if "make serve" in commands:
            continue
        if commands.endswith("tocsin tail\n"):
            started = running.run(f"tocsin tail >{tailed} & tail=$!")
            assert started.code == 0
            wait_for(lambda: is_followed(tocsin), "the tail")
            continue
        if commands.startswith("python3 -c"):
            assert running.run(f"{names.put_in(commands).rstrip()} >{paged} 2>&1 & pager=$!").code == 0
            wait_for(lambda: is_listened_to(port), "the pager")
            continue
        if commands.endswith("tocsin deliveries\n"):
            wait_for(lambda: "Load is high on db2" in paged.read_text(), "the message")
        said = running.run(prepared(commands, answer, names))
        assert said.code == 0, f"{commands}{said.errors}"
        assert answer is None or as_shown(answer, said.output, names), said.output
    if page == "../README.md":
        wait_for(lambda: '"outcome": "resolved"' in tailed.read_text(), "the recovery")
        wait_for(lambda: '"delivered"' in running.run("tocsin deliveries").output, "the target's answer")
        running.run("kill $tail $pager; wait $tail $pager")
        assert '"state": "resolved"' in running.run("tocsin alerts").output
    events = running.run("tocsin events").output.splitlines()
    assert len(events) >= 4
    assert json.loads(events[-1])["title"] == "Disk full on db1"
