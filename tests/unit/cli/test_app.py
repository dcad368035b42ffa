from types import SimpleNamespace

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.cli.command_line import Run
from tests.unit.cli.items import event
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, problem
from tocsin.cli.failures import ExitCode


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evnts"], 'Unknown command "evnts". Did you mean "events"?'),
        (["event"], "EVENT_ID"),
        (["event", "a", "b"], "b is not understood: tocsin event --help says what is"),
        (["events", "--limit", "many"], 'Invalid value for --limit: unable to convert "many" into int.'),
        (["events", "--limit", "0"], "--limit"),
        (["events", "--output", "xml"], '"table", "json", "ndjson", "csv"'),
        (["events", "--nothing"], "there is no option --nothing"),
        (["events", "--since", "soon"], "--since soon: expected a time such as"),
        (["events", "--url", "example"], "--url: the address of a Tocsin begins with http://"),
        (["project", "create"], "NAME"),
    ],
)
def test_what_is_not_understood_is_told_in_a_line(run: Run, words: list[str], message: str) -> None:
    ran = run(*words)
    assert ran.code == ExitCode.USAGE
    assert ran.out == ""
    assert ran.err.startswith("tocsin: ")
    assert ran.err.count("\n") == 1
    assert message in ran.err


@pytest.mark.parametrize(
    ("reply", "code", "message"),
    [
        (
            problem(400, "expected a value (character 4)", "invalid_query"),
            2,
            "expected a value (character 4)",
        ),
        (problem(401, "unknown token"), 3, "unknown token: is TOCSIN_TOKEN, or --token, right?"),
        (problem(403, "a source's key can only send"), 3, "a source's key can only send"),
        (problem(404, "there is no such thing"), 1, "there is no such thing"),
        (problem(503, "the queue is full"), 1, "the queue is full"),
        (Reply(status=502, body=b"<html>"), 4, "answered 502, and not as Tocsin does: is the address right?"),
    ],
)
def test_what_a_server_refuses_is_told_in_a_line(
    run: Run, tocsin: FakeTocsin, reply: Reply, code: int, message: str
) -> None:
    tocsin.answer("GET", "/events", reply)
    ran = run("events")
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.endswith(f"{message}\n")
    assert ran.err.startswith("tocsin: ")
    assert ran.err.count("\n") == 1
    assert TOKEN not in ran.err


def test_a_server_that_is_not_there_is_unreachable(run: Run) -> None:
    ran = run("events", "--url", f"http://{LOOPBACK}:{free_port()}")
    assert ran.code == ExitCode.UNREACHABLE
    assert ran.err.startswith(f"tocsin: no answer from {LOOPBACK}:")


def test_options_count_more_than_the_environment(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_URL", f"http://{LOOPBACK}:{free_port()}")
    tocsin.answer("GET", "/events", {"items": [event()], "next": None})
    assert run("events", "--url", tocsin.url, "--token", "another").code == 0
    assert tocsin.last.headers["Authorization"] == "Bearer another"


def test_a_defect_is_told_in_a_line_and_shown_whole_to_developers(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr("tocsin.cli.commands.events.print_items", broken)
    ran = run("events")
    assert ran.code == ExitCode.FAILED
    assert (
        ran.err
        == "tocsin: this should not happen: ZeroDivisionError: oh no (python -X dev -m tocsin says more)\n"
    )
    monkeypatch.setattr("tocsin.cli.app.sys", SimpleNamespace(flags=SimpleNamespace(dev_mode=True)))
    with pytest.raises(ZeroDivisionError):
        run("events")
