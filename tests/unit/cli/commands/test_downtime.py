from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, Reply

DOWNTIME = {
    "id": "downtime-1234567",
    "started": True,
    "starts_at": "2026-01-01T12:00:00.000000Z",
    "ends_at": "2026-01-01T13:00:00.000000Z",
    "author": "ann",
    "comment": "repairs",
    "objects": [{"host": "web", "service": ""}, {"host": "web", "service": "load"}],
}


def monitored(**fields: Any) -> dict[str, Any]:
    return {
        "id": 2,
        "host": "web",
        "service": "load",
        "group": "Tocsin,Discovered,",
        "state": "critical",
        "state_type": "hard",
        "output": "load 42",
        "attempt": 3,
        "max_attempts": 3,
        "since": "2026-01-01T12:00:00.000000Z",
        "checked_at": "2026-01-01T12:05:00.000000Z",
        "unhandled": False,
        "in_downtime": True,
        "flapping": False,
        "acknowledged_by": "ann",
        "acknowledged_comment": "on it",
    } | fields


def test_objects_are_listed_as_they_stand(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/objects", {"items": [monitored()], "next": None})
    assert run("objects", "host:web", "state=critical").lines == [monitored()]
    assert tocsin.last.parameters["q"] == "host:web state=critical"
    table = run("objects", "-o", "table").out
    for text in ("web/load", "critical", "3/3", "ack by ann, downtime"):
        assert text in table


def test_downtimes_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/downtimes", {"items": [DOWNTIME]})
    assert run("downtime", "list", "host:web").lines == [DOWNTIME]
    assert tocsin.last.parameters == {"q": "host:web"}
    table = run("downtime", "list", "-o", "table").out
    for text in ("active", "web, web/load", "repairs"):
        assert text in table


def test_a_downtime_is_made(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/downtimes", Reply(DOWNTIME, 201))
    given = ("--from", "2999-01-01T00:00:00Z", "--until", "2999-01-01T01:00:00Z", "--comment", "repairs")
    assert run("downtime", "create", "host:web", *given).document == DOWNTIME
    assert tocsin.last.document == {
        "expression": "host:web",
        "starts_at": "2999-01-01T00:00:00Z",
        "ends_at": "2999-01-01T01:00:00Z",
        "comment": "repairs",
    }


def test_a_downtime_is_cancelled(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/downtimes/downtime-1", Reply(None, 204))
    assert run("downtime", "cancel", "downtime-1").code == 0
    assert tocsin.last.method == "DELETE"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--until", "2h", "--comment", "x"), "say which hosts and services"),
        (("host:web", "--comment", "x"), "until"),
        (("host:web", "--until", "2h"), "comment"),
        (("host:web", "--until", "soon", "--comment", "x"), "--until soon"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], complaint: str
) -> None:
    ran = run("downtime", "create", *words)
    assert ran.code == 2
    assert complaint in ran.err
    assert tocsin.seen == []
