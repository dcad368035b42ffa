import threading

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, problem
from tocsin.client.client import Client
from tocsin.client.errors import NotAllowed, Refused, Unreachable


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


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://localhost", "http://", "http://[::1"])
def test_an_address_that_is_none_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: .*address"):
        Client(url)


def test_a_token_is_stripped(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": []})
    with Client(tocsin.url, f" {TOKEN}\n") as client:
        client.request("GET", "/api/v1/events")
    assert tocsin.last.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("token", ["s3cret\nX: y", "s3cret x", "s3crét", "s3cret\x7f"])
def test_what_cannot_be_a_token_is_not_sent_and_not_told(token: str) -> None:
    with pytest.raises(ValueError, match="token: it has only visible ASCII") as caught:
        Client("http://127.0.0.1", token)
    assert "s3c" not in str(caught.value)


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
