from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem, stream
from tocsin.client.back_off import BackOff
from tocsin.client.client import Client
from tocsin.client.errors import ClientError, NotAllowed, Refused, Unreachable
from tocsin.client.records import Event

QUICK = BackOff(first=0.001, longest=0.002)


def event(seq: int) -> dict[str, Any]:
    return {"seq": seq, "title": f"ü {seq}"}


def take(events: Iterator[Event], count: int) -> list[int]:
    return [next(events).seq for _ in range(count)]


def test_events_are_followed_from_the_newest_one(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(7)], "next": "c"})
    tocsin.answer("GET", "/events/stream", stream(event(8), event(9)))
    assert take(client.tail("severity:critical"), 2) == [8, 9]
    assert tocsin.seen[0].parameters == {"q": "", "limit": "1"}
    assert tocsin.seen[1].parameters == {"q": "severity:critical", "after": "7"}


def test_a_domain_without_events_is_followed_from_the_start(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", stream(event(1)))
    assert take(client.tail(), 1) == [1]
    assert tocsin.last.parameters["after"] == "0"


def test_a_broken_stream_goes_on_after_the_last_event(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(7)], "next": None})
    tocsin.answer(
        "GET",
        "/events/stream",
        stream(event(8), stays_open=False),
        problem(503, "no room"),
        Reply(status=502, body=b"<html>"),
        stream(event(9), event(10)),
    )
    told: list[tuple[str, float]] = []
    followed = client.tail(back_off=QUICK, on_break=lambda failure, wait: told.append((str(failure), wait)))
    assert take(followed, 3) == [8, 9, 10]
    assert [seen.parameters["after"] for seen in tocsin.seen[1:]] == ["7", "8", "8", "8"]
    assert [text for text, _ in told] == [
        "the server ended the stream",
        "no room",
        f"{tocsin.url.removeprefix('http://')} answered 502, and not as Tocsin does: is the address right?",
    ]
    assert all(0 < wait <= QUICK.longest for _, wait in told)


def test_what_is_no_event_is_passed_over(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    body = b': still here\n\nevent: other\ndata: {"seq": 5}\n\nid: 6\nevent: event\ndata: {"seq": 6}\n\n'
    tocsin.answer(
        "GET", "/events/stream", Reply(body=body, content_type="text/event-stream", stays_open=True)
    )
    assert take(client.tail(), 1) == [6]


def test_the_first_connection_must_succeed(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", problem(503, "no room"))
    with pytest.raises(Refused, match="no room"):
        next(client.tail(back_off=QUICK))


def test_a_reader_goes_on_where_it_was(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/stream", stream(event(4)))
    (found,) = [next(client.tail(after=3))]
    assert (found.seq, found.title, found.document) == (4, "ü 4", event(4))
    assert [seen.parameters for seen in tocsin.seen] == [{"q": "", "after": "3"}]


def test_nobody_there_is_unreachable() -> None:
    with Client(f"http://{LOOPBACK}:{free_port()}") as client, pytest.raises(Unreachable):
        client.tail(back_off=QUICK)


@pytest.mark.parametrize(
    ("refusal", "error"), [(problem(401, "revoked"), NotAllowed), (problem(400, "bad query"), Refused)]
)
def test_a_refusal_ends_it(
    client: Client, tocsin: FakeTocsin, refusal: Reply, error: type[ClientError]
) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", stream(event(1), stays_open=False), refusal)
    followed = client.tail(back_off=QUICK)
    assert take(followed, 1) == [1]
    with pytest.raises(error):
        next(followed)


def test_an_answer_that_is_no_stream_is_unreachable(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", {"items": []})
    with pytest.raises(Unreachable, match="no stream"):
        next(client.tail(back_off=QUICK))
