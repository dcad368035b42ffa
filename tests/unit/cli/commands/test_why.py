from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin


def test_each_thing_has_a_line(run: Run, tocsin: FakeTocsin) -> None:
    lines = [{"about": "alert", "says": "It opened an alert."}]
    tocsin.answer("GET", "/events/event-1/why", {"id": "event-1", "lines": lines})
    ran = run("why", "event-1")
    assert (ran.code, ran.lines) == (0, lines)
    assert "It opened an alert." in run("why", "event-1", "-o", "table").out


def test_an_alert_stands_for_the_event_that_opened_it(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/event-00a/why", {"id": "event-00a", "lines": [{"about": "x", "says": "y"}]})
    assert run("why", "alert-00a").code == 0
