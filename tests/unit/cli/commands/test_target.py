from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import target
from tests.unit.client.fake_tocsin import FakeTocsin, Reply

URL = "https://pager.example.com/hooks/s3cret"
SECRETS = {"url": URL, "secret": "whsec_s3cret"}


def test_targets_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/targets", {"items": [target()]})
    assert run("target", "list").lines == [target()]
    table = run("target", "list", "-o", "table").out.splitlines()
    assert table[1].split()[:4] == ["pager", "webhook", "pager.example.com", "yes"]


def test_a_new_target_is_told_with_its_secret(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/targets", Reply(target() | SECRETS, 201))
    words = ("--kind", "webhook", "--option", "latest_only=true", "--option", "timeout=2.5")
    ran = run("target", "create", "pager", URL, *words, "-o", "json")
    assert ran.document == target() | SECRETS
    assert tocsin.last.document == {
        "name": "pager",
        "kind": "webhook",
        "url": URL,
        "options": {"latest_only": True, "timeout": 2.5},
    }


@pytest.mark.parametrize("words", [("--kind", "pigeon"), ()])
def test_a_target_has_a_kind(run: Run, tocsin: FakeTocsin, words: tuple[str, ...]) -> None:
    assert run("target", "create", "pager", URL, *words).code == 2
    assert tocsin.seen == []


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_secret_is_shown_only_where_it_is_asked_for(run: Run, tocsin: FakeTocsin, output: str) -> None:
    tocsin.answer("GET", "/targets/pager", target() | SECRETS)
    assert "s3cret" not in run("target", "show", "pager", "--output", output).out
    assert "whsec_s3cret" in run("target", "show", "pager", "--secret", "--output", output).out


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (("--enable",), {"enabled": True}),
        (("--disable",), {"enabled": False}),
        (("--rename", "oncall", "--address", URL), {"name": "oncall", "url": URL}),
        (("--new-secret",), {"secret": ""}),
        (("--option", "at_once=3"), {"options": {"at_once": 3}}),
    ],
)
def test_only_what_is_given_changes(
    run: Run, tocsin: FakeTocsin, words: tuple[str, ...], document: object
) -> None:
    tocsin.answer("PATCH", "/targets/pager", target())
    assert run("target", "change", "pager", *words).document == target()
    assert tocsin.last.document == document


def test_a_change_says_what(run: Run, tocsin: FakeTocsin) -> None:
    ran = run("target", "change", "pager")
    assert (ran.code, tocsin.seen) == (2, [])
    assert "say what to change" in ran.err


def test_a_target_is_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.replies["DELETE", "/api/v1/targets/my%20pager"] = [Reply(status=204)]
    ran = run("target", "delete", "my pager")
    assert (ran.code, ran.out) == (0, "")


TRIAL = {"event_id": "event-000000000001", "delivery_id": "delivery-000000000001-1"}
WAITING = {"state": "pending", "attempts": 0, "status": 0, "reason": ""}


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ({"state": "delivered", "attempts": 1, "status": 204, "reason": ""}, 0),
        ({"state": "dead", "attempts": 1, "status": 404, "reason": "it answered 404"}, 1),
        ({"state": "pending", "attempts": 1, "status": 0, "reason": "no answer from pager.example.com"}, 1),
        ({"state": "overtaken", "attempts": 0, "status": 0, "reason": ""}, 1),
    ],
)
@pytest.mark.parametrize("output", ["json", "table"])
def test_a_test_is_sent_and_its_outcome_told(
    run: Run, tocsin: FakeTocsin, outcome: dict[str, Any], code: int, output: str
) -> None:
    tocsin.answer("POST", "/targets/pager/test", Reply(TRIAL, 202))
    more = {"id": TRIAL["delivery_id"], "log": []}
    tocsin.answer("GET", f"/deliveries/{TRIAL['delivery_id']}", WAITING | more, outcome | more)
    ran = run("target", "test", "pager", "-o", output)
    assert ran.code == code
    assert outcome["state"] in ran.out
    assert outcome["reason"] in ran.out
    if output == "json":
        assert ran.document == TRIAL | outcome


def test_a_test_is_not_waited_for_for_ever(
    run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.cli.commands.target._PATIENCE", 0.0)
    tocsin.answer("POST", "/targets/pager/test", Reply(TRIAL, 202))
    tocsin.answer("GET", f"/deliveries/{TRIAL['delivery_id']}", WAITING)
    ran = run("target", "test", "pager")
    assert (ran.code, ran.document) == (1, TRIAL | WAITING)
