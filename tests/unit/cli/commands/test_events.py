from datetime import UTC, datetime, timedelta

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import event
from tests.unit.client.fake_tocsin import FakeTocsin


def test_events_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(2), event(1)], "next": None})
    ran = run("events")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [event(2), event(1)]
    assert tocsin.last.parameters == {"q": "", "limit": "50"}


def test_the_words_of_an_expression_may_look_like_options(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event()], "next": None})
    assert run("events", "severity>=warning", "-source:test", "--limit", "7", '"disk full"').code == 0
    assert tocsin.last.parameters == {"q": 'severity>=warning -source:test "disk full"', "limit": "7"}


def test_times_are_sent_as_moments(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event()], "next": None})
    run("events", "--since", "2h", "--until", "2026-01-01T12:00:00+01:00")
    since = datetime.fromisoformat(tocsin.last.parameters["from"])
    assert abs(datetime.now(UTC) - since - timedelta(hours=2)) < timedelta(minutes=1)
    assert tocsin.last.parameters["to"] == "2026-01-01T11:00:00Z"


def test_all_of_them_are_listed_page_after_page(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(2)], "next": "c"}, {"items": [event(1)], "next": None})
    ran = run("events", "--all", "--output", "json")
    assert [item["seq"] for item in ran.document] == [2, 1]
    assert [seen.parameters["limit"] for seen in tocsin.seen] == ["1000", "1000"]


def test_none_is_exit_code_1(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    ran = run("events", "host:nowhere")
    assert (ran.code, ran.out, ran.err) == (1, "", "")
