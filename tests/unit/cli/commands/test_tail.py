import re

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import event
from tests.unit.client.fake_tocsin import FakeTocsin, problem, stream


def test_events_are_shown_until_the_server_refuses(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(4)], "next": None})
    tocsin.answer("GET", "/events/stream", stream(event(5), stays_open=False), problem(401, "revoked"))
    ran = run("tail", "severity:critical", "-source:test")
    assert ran.code == 3
    assert ran.lines == [event(5)]
    broken, refused = ran.err.splitlines()
    assert re.fullmatch(r"tocsin: the server ended the stream; trying again in 0\.[2-5] s", broken)
    assert refused == "tocsin: revoked: is TOCSIN_TOKEN, or --token, right?"
    assert tocsin.seen[1].parameters == {"q": "severity:critical -source:test", "after": "4"}


def test_an_expression_that_is_none_is_a_usage_error(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", problem(400, "expected a value (character 6)", "invalid_query"))
    ran = run("tail", "host:")
    assert (ran.code, ran.err) == (2, "tocsin: expected a value (character 6)\n")
