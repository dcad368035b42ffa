import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, problem
from tocsin.client.client import Client
from tocsin.client.errors import ClientError, NotAllowed, Refused, Unreachable


def test_a_request_shows_the_token_and_gives_the_answer(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/alerts/alert-1", {"id": "alert-1"})
    assert client.request("GET", "/api/v1/alerts/alert-1", parameters={"x": "ä b"}) == {"id": "alert-1"}
    assert tocsin.last.headers["Authorization"] == f"Bearer {TOKEN}"
    assert tocsin.last.parameters == {"x": "ä b"}


def test_without_a_token_none_is_shown(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    with Client(tocsin.url) as client:
        client.request("GET", "/api/v1/events")
    assert "Authorization" not in tocsin.last.headers


def test_a_document_is_sent_as_json(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/projects", Reply({"id": "p"}, 201))
    assert client.request("POST", "/api/v1/projects", document={"name": "ö"}) == {"id": "p"}
    assert tocsin.last.headers["Content-Type"] == "application/json"
    assert tocsin.last.document == {"name": "ö"}


def test_a_body_is_sent_as_it_is(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", {"receipts": []})
    client.request("POST", "/api/v1/events", body=b'{"key": 1}\n', content_type="application/x-ndjson")
    assert tocsin.last.headers["Content-Type"] == "application/x-ndjson"
    assert tocsin.last.body == b'{"key": 1}\n'


def test_an_empty_answer_is_none(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/tokens/token-1", Reply(status=204))
    assert client.request("DELETE", "/api/v1/tokens/token-1") is None


def test_a_server_behind_a_path_is_reached(tocsin: FakeTocsin) -> None:
    tocsin.replies["GET", "/tocsin/api/v1/events"] = [Reply({"items": []})]
    with Client(f"{tocsin.url}/tocsin/", TOKEN) as client:
        assert client.request("GET", "/api/v1/events") == {"items": []}


def test_a_problem_is_refused_with_all_that_it_says(client: Client, tocsin: FakeTocsin) -> None:
    errors = [{"pointer": "/q", "detail": "no such field"}]
    tocsin.answer(
        "GET", "/events", problem(400, "wrong", "invalid_query", errors=errors, position=4, length=2)
    )
    with pytest.raises(Refused) as caught:
        client.request("GET", "/api/v1/events")
    found = caught.value.problem
    assert (found.status, found.code, found.position, found.length) == (400, "invalid_query", 4, 2)
    assert str(caught.value) == "wrong; /q: no such field"
    assert not isinstance(caught.value, NotAllowed)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_does_not_open_is_not_allowed(client: Client, tocsin: FakeTocsin, status: int) -> None:
    tocsin.answer("GET", "/events", problem(status, "unknown token"))
    with pytest.raises(NotAllowed, match=r"^unknown token$"):
        client.request("GET", "/api/v1/events")


def test_a_proxy_that_does_not_allow_it_is_not_allowed(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", Reply(status=403, body=b"<html>No</html>", content_type="text/html"))
    with pytest.raises(NotAllowed, match=r"^HTTP status 403$"):
        client.request("GET", "/api/v1/events")


@pytest.mark.parametrize("status", [200, 302, 404, 502])
def test_an_answer_that_is_not_tocsins_is_unreachable(
    client: Client, tocsin: FakeTocsin, status: int
) -> None:
    tocsin.answer("GET", "/events", Reply(status=status, body=b"<html>Hi</html>", content_type="text/html"))
    with pytest.raises(Unreachable, match=f"answered {status}, and not as Tocsin does") as caught:
        client.request("GET", "/api/v1/events")
    assert TOKEN not in str(caught.value)


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    host = f"{LOOPBACK}:{free_port()}"
    with (
        Client(f"http://{host}", TOKEN) as client,
        pytest.raises(Unreachable, match=f"no answer from {host}"),
    ):
        client.request("GET", "/api/v1/events")


def test_an_answer_that_breaks_off_is_unreachable(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", Reply({"items": []}, missing=5))
    with pytest.raises(Unreachable, match=f"no answer from {LOOPBACK}"):
        client.request("GET", "/api/v1/events")


def test_an_answer_that_does_not_come_is_unreachable(tocsin: FakeTocsin) -> None:
    never = threading.Event()
    tocsin.answer("GET", "/events", Reply({"items": []}, after=never))
    with (
        Client(tocsin.url, timeout=0.1) as client,
        pytest.raises(Unreachable, match="did not answer in time"),
    ):
        client.request("GET", "/api/v1/events")
    never.set()


def test_pages_are_asked_for_as_they_are_needed(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer(
        "GET", "/events", {"items": [{"seq": 3}], "next": "c1"}, {"items": [{"seq": 1}], "next": None}
    )
    items = client.pages("/api/v1/events", {"q": "x"})
    assert next(items) == {"seq": 3}
    assert len(tocsin.seen) == 1
    assert list(items) == [{"seq": 1}]
    assert [seen.parameters for seen in tocsin.seen] == [
        {"q": "x", "limit": "1000"},
        {"q": "x", "limit": "1000", "cursor": "c1"},
    ]


def test_no_more_is_asked_for_than_the_limit(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [{"seq": n} for n in range(1000)], "next": "c"})
    assert len(list(client.pages("/api/v1/events", limit=2000))) == 2000
    assert [seen.parameters["limit"] for seen in tocsin.seen] == ["1000", "1000"]
    tocsin.answer("GET", "/events", {"items": [{"seq": 1}, {"seq": 2}], "next": "c"})
    assert list(client.pages("/api/v1/events", limit=2)) == [{"seq": 1}, {"seq": 2}]
    assert tocsin.last.parameters == {"limit": "2"}


def test_a_list_without_pages_is_one_page(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/sources", {"items": [{"id": "s"}]})
    assert list(client.pages("/api/v1/sources")) == [{"id": "s"}]
    assert len(tocsin.seen) == 1


@pytest.mark.parametrize("document", [[], {"status": "up"}, {"items": None}])
def test_a_list_that_is_none_is_unreachable(client: Client, tocsin: FakeTocsin, document: object) -> None:
    tocsin.answer("GET", "/events", Reply(document))
    with pytest.raises(Unreachable, match="no list"):
        list(client.pages("/api/v1/events"))


def receipts(*outcomes: str) -> dict[str, Any]:
    return {
        "receipts": [{"index": n, "outcome": each, "id": f"event-{n}"} for n, each in enumerate(outcomes)]
    }


def test_events_are_sent_and_their_receipts_given(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", receipts("opened", "rejected"))
    found = client.send([{"key": "a", "title": "ä"}, {"key": "b"}])
    assert [(each.index, each.outcome, each.is_rejected) for each in found] == [
        (0, "opened", False),
        (1, "rejected", True),
    ]
    assert tocsin.last.document == [{"key": "a", "title": "ä"}, {"key": "b"}]
    assert tocsin.last.headers["Content-Type"] == "application/json"


def test_each_call_has_a_key_of_its_own(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", receipts("opened"))
    for _ in range(2):
        client.send({"key": "a", "title": "A"})
    client.send({"key": "a", "title": "A"}, idempotency_key="mine")
    keys = [seen.headers["Idempotency-Key"] for seen in tocsin.seen]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


PASSING = [
    problem(503, "full"),
    problem(429, "too fast"),
    problem(409, "under way", "conflict"),
    Reply(status=502, body=b"<html>"),
]


@pytest.mark.parametrize("failure", [*PASSING, Reply({"receipts": []}, missing=5)])
def test_what_passes_is_tried_again_with_the_same_key(
    client: Client, tocsin: FakeTocsin, quick: None, failure: Reply
) -> None:
    tocsin.answer("POST", "/events", failure, failure, receipts("opened"))
    (receipt,) = client.send({"key": "a", "title": "A"})
    assert receipt.outcome == "opened"
    assert len(tocsin.seen) == 3
    assert len({(seen.headers["Idempotency-Key"], seen.body) for seen in tocsin.seen}) == 1


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (problem(400, "bad"), Refused),
        (problem(401, "unknown token"), NotAllowed),
        (problem(422, "other body"), Refused),
        (Reply(status=302, body=b"<html>"), Unreachable),
        (Reply({"items": []}), Unreachable),
    ],
)
def test_what_does_not_pass_is_not_tried_again(
    client: Client, tocsin: FakeTocsin, failure: Reply, error: type[ClientError]
) -> None:
    tocsin.answer("POST", "/events", failure)
    with pytest.raises(error):
        client.send({"key": "a", "title": "A"})
    assert len(tocsin.seen) == 1


def test_patience_ends(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", Reply({"detail": "full"}, 503, headers={"Retry-After": "2"}))
    with Client(tocsin.url, patience=1) as client, pytest.raises(Refused, match="full") as caught:
        client.send({"key": "a", "title": "A"})
    assert caught.value.retry_after == 2
    assert len(tocsin.seen) == 1


def test_what_is_no_event_is_not_sent(client: Client, tocsin: FakeTocsin) -> None:
    with pytest.raises(TypeError, match="an event is a mapping, not a str"):
        client.send(["key"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="JSON does not know a set"):
        client.send({"key": "a", "title": {1}})
    assert tocsin.seen == []


def test_events_are_given_over_all_pages(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [{"seq": 3}], "next": "c1"}, {"items": [{"seq": 1}]})
    since = datetime(2026, 11, 22, 8, 30)  # noqa: DTZ001 - such a time is taken as UTC
    assert [each.seq for each in client.events("host:db1", since=since, until="-1h")] == [3, 1]
    assert tocsin.seen[0].parameters == {
        "q": "host:db1",
        "from": "2026-11-22T08:30:00+00:00",
        "to": "-1h",
        "limit": "1000",
    }
    assert tocsin.last.parameters["cursor"] == "c1"


def test_alerts_are_given_over_all_pages(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/alerts", {"items": [{"id": "a1"}], "next": "c"}, {"items": [{"id": "a2"}]})
    assert [each.id for each in client.alerts("state:open")] == ["a1", "a2"]
    assert tocsin.last.parameters["q"] == "state:open"


def test_one_event_and_one_alert_are_shown(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events/event-1", {"id": "event-1", "payload": None})
    tocsin.answer("GET", "/alerts/alert-1", {"id": "alert-1", "timeline": [{"seq": 1}]})
    assert client.event("event-1").document == {"id": "event-1", "payload": None}
    assert [each.seq for each in client.alert("alert-1").timeline] == [1]
    with pytest.raises(Refused, match="no such path"):
        client.event("../tokens")
    assert tocsin.last.path == "/api/v1/events/..%2Ftokens"


@pytest.mark.parametrize("name", ["acknowledge", "unacknowledge", "resolve", "note"])
def test_an_alert_is_acted_on_once(client: Client, tocsin: FakeTocsin, name: str) -> None:
    tocsin.answer("POST", f"/alerts/alert-1/{name}", {"id": "alert-1", "state": "open"})
    assert getattr(client, name)("alert-1", "why").state == "open"
    assert tocsin.last.document == {"comment": "why"}
    tocsin.answer("POST", f"/alerts/alert-1/{name}", problem(503, "full"))
    with pytest.raises(Refused, match="full"):
        getattr(client, name)("alert-1", "why")
    assert len(tocsin.seen) == 2


def test_an_acknowledgement_can_end(client: Client, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/alerts/alert-1/acknowledge", {"id": "alert-1"})
    client.acknowledge("alert-1", until=datetime(2030, 1, 1, 12, tzinfo=UTC))
    assert tocsin.last.document == {"comment": "", "until": "2030-01-01T12:00:00+00:00"}
