from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import route
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem


def test_routes_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/routes", {"items": [route()]})
    assert run("route", "list").lines == [route()]
    table = run("route", "list", "-o", "table").out.splitlines()
    assert table[1].split()[:5] == ["1", "night", "severity>=error", "pager", "yes"]


def test_a_route_is_made_of_an_expression_and_targets(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/routes", Reply(route(), 201))
    ran = run("route", "create", "night", "severity>=error", "-source:test", "--to", "pager", "--to", "chat")
    assert ran.document == route()
    assert tocsin.last.document == {
        "name": "night",
        "expression": "severity>=error -source:test",
        "targets": ["pager", "chat"],
    }


def test_a_route_without_an_expression_takes_all(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/routes", Reply(route(), 201))
    run("route", "create", "rest", "--fallback", "--every-event", "--position", "0")
    assert tocsin.last.document == {
        "name": "rest",
        "expression": "",
        "targets": [],
        "fallback": True,
        "every_event": True,
        "position": 0,
    }


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (("--enable",), {"enabled": True}),
        (("--disable",), {"enabled": False}),
        (("--rename", "day", "--expression", ""), {"name": "day", "expression": ""}),
        (("--expression", "-source:test"), {"expression": "-source:test"}),
        (("--to", "chat", "--position", "2"), {"targets": ["chat"], "position": 2}),
        (("--changes-only", "--no-fallback"), {"every_event": False, "fallback": False}),
    ],
)
def test_only_what_is_given_changes(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], document: object
) -> None:
    tocsin.answer("PATCH", "/routes/night", route())
    assert run("route", "change", "night", *words).document == route()
    assert tocsin.last.document == document


def test_a_change_says_what(run: Run, tocsin: FakeTocsin) -> None:
    ran = run("route", "change", "night")
    assert (ran.code, tocsin.seen) == (2, [])
    assert "say what to change" in ran.err


def test_one_is_shown_and_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/routes/my%20night", route())
    assert run("route", "show", "my night").document == route()
    tocsin.replies["DELETE", "/api/v1/routes/my%20night"] = [Reply(status=204)]
    assert run("route", "delete", "my night").code == 0


def result(**fields: Any) -> dict[str, Any]:
    return {"silences": [], "routes": [route()], "near_misses": [], "remark": ""} | fields


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ((), {"event": {"key": "test", "title": "test", "labels": {}}}),
        (
            ("--host", "db1", "--severity", "error", "--source", "source-1", "-l", "team=web"),
            {
                "event": {
                    "key": "test",
                    "title": "test",
                    "labels": {"team": "web"},
                    "severity": "error",
                    "host": "db1",
                    "source_id": "source-1",
                }
            },
        ),
        (("--event", "event-000000000001"), {"event_id": "event-000000000001"}),
    ],
)
def test_routes_are_asked_about_an_event(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], document: object
) -> None:
    tocsin.answer("POST", "/routes/test", result())
    ran = run("route", "test", *words)
    assert (ran.code, ran.document) == (0, result())
    assert tocsin.last.document == document


@pytest.mark.parametrize("found", [result(routes=[]), result(silences=["silence-1"])])
def test_what_goes_nowhere_is_a_failure(run: Run, tocsin: FakeTocsin, found: dict[str, Any]) -> None:
    tocsin.answer("POST", "/routes/test", found)
    assert run("route", "test").code == 1


def test_a_person_reads_who_takes_it_and_who_just_missed(run: Run, tocsin: FakeTocsin) -> None:
    miss = {"kind": "route", "id": "route-2", "name": "day", "why": "host:db2 does not match"}
    found = result(silences=["silence-1"], near_misses=[miss], remark="no route names its routing key")
    tocsin.answer("POST", "/routes/test", found)
    said = run("route", "test", "-o", "table").out
    for part in ("silenced by silence-1", "night", "just missed", "host:db2 does not match", found["remark"]):
        assert part in said
    tocsin.answer("POST", "/routes/test", result(routes=[]))
    assert "no route takes it" in run("route", "test", "-o", "table").out


def test_an_event_has_its_own_fields(run: Run, tocsin: FakeTocsin) -> None:
    assert run("route", "test", "--event", "event-000000000001", "--host", "db1").code == 2
    assert tocsin.seen == []


def test_a_bad_expression_is_told_with_its_place(run: Run, tocsin: FakeTocsin) -> None:
    refusal = problem(400, "expected one of ... (character 11)", "invalid_query", position=10, length=6)
    tocsin.answer("POST", "/routes", refusal)
    ran = run("route", "create", "night", "severity>=warnin")
    assert ran.code != 0
    assert "character 11" in ran.err
