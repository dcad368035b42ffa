import threading
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, problem, stream
from tocsin.client.async_client import AsyncClient
from tocsin.client.back_off import BackOff
from tocsin.client.client import Client
from tocsin.client.errors import NotAllowed, Refused, Unreachable

pytestmark = pytest.mark.anyio

QUICK = BackOff(first=0.001, longest=0.002)
RECEIPTS = {"receipts": [{"index": 0, "outcome": "opened"}]}


async def test_a_request_shows_the_token_and_gives_the_answer(
    async_client: AsyncClient, tocsin: FakeTocsin
) -> None:
    tocsin.answer("GET", "/routes", {"items": []})
    assert await async_client.request("GET", "/api/v1/routes", parameters={"x": "ä"}) == {"items": []}
    assert tocsin.last.headers["Authorization"] == f"Bearer {TOKEN}"
    assert tocsin.last.parameters == {"x": "ä"}


async def test_events_are_sent_again_with_the_same_key(
    async_client: AsyncClient, tocsin: FakeTocsin, quick: None
) -> None:
    tocsin.answer("POST", "/events", problem(503, "full"), RECEIPTS)
    (receipt,) = await async_client.send({"key": "a", "title": "A"})
    assert receipt.outcome == "opened"
    assert len(tocsin.seen) == 2
    assert len({seen.headers["Idempotency-Key"] for seen in tocsin.seen}) == 1


async def test_waiting_holds_up_nobody_else(async_client: AsyncClient, tocsin: FakeTocsin) -> None:
    answered = threading.Event()
    tocsin.answer("POST", "/events", Reply(RECEIPTS, after=answered))
    async with anyio.create_task_group() as group:
        group.start_soon(async_client.send, {"key": "a", "title": "A"})
        tocsin.answer("GET", "/alerts/alert-1", {"id": "alert-1"})
        assert (await async_client.alert("alert-1")).id == "alert-1"
        answered.set()


async def test_lists_are_given_over_all_pages(async_client: AsyncClient, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [{"seq": 3}], "next": "c1"}, {"items": [{"seq": 1}]})
    tocsin.answer("GET", "/alerts", {"items": [{"id": "a1"}], "next": "c"}, {"items": [{"id": "a2"}]})
    assert [each.seq async for each in async_client.events("x", since="-1h")] == [3, 1]
    assert [each.id async for each in async_client.alerts(limit=2)] == ["a1", "a2"]
    assert tocsin.seen[0].parameters == {"q": "x", "from": "-1h", "limit": "1000"}


@pytest.mark.parametrize("name", ["acknowledge", "unacknowledge", "resolve", "note"])
async def test_an_alert_is_acted_on(async_client: AsyncClient, tocsin: FakeTocsin, name: str) -> None:
    tocsin.answer("POST", f"/alerts/alert-1/{name}", {"id": "alert-1", "state": "open"})
    assert (await getattr(async_client, name)("alert-1", "why")).state == "open"
    assert tocsin.last.document == {"comment": "why"}


async def test_one_event_is_shown_and_an_acknowledgement_can_end(
    async_client: AsyncClient, tocsin: FakeTocsin
) -> None:
    tocsin.answer("GET", "/events/event-1", {"id": "event-1"})
    tocsin.answer("POST", "/alerts/alert-1/acknowledge", {"id": "alert-1"})
    assert (await async_client.event("event-1")).id == "event-1"
    await async_client.acknowledge("alert-1", until=datetime(2030, 1, 1, tzinfo=UTC))
    assert tocsin.last.document["until"] == "2030-01-01T00:00:00+00:00"


async def test_a_broken_stream_goes_on_after_the_last_event(
    async_client: AsyncClient, tocsin: FakeTocsin
) -> None:
    tocsin.answer("GET", "/events", {"items": [{"seq": 7}]})
    tocsin.answer(
        "GET",
        "/events/stream",
        stream({"seq": 8}, stays_open=False),
        problem(503, "no room"),
        stream({"seq": 9}),
    )
    told: list[str] = []
    tail = async_client.tail("x", back_off=QUICK, on_break=lambda failure, _: told.append(str(failure)))
    async with aclosing(tail) as events:
        assert [(await anext(events)).seq for _ in range(2)] == [8, 9]
    assert told == ["the server ended the stream", "no room"]
    assert tocsin.last.parameters == {"q": "x", "after": "8"}


async def test_a_reader_goes_on_where_it_was_until_it_is_refused(
    async_client: AsyncClient, tocsin: FakeTocsin
) -> None:
    tocsin.answer("GET", "/events/stream", stream({"seq": 4}, stays_open=False), problem(401, "revoked"))
    events = async_client.tail(after=3, back_off=QUICK)
    assert (await anext(events)).seq == 4
    with pytest.raises(NotAllowed, match="revoked"):
        await anext(events)


async def test_an_answer_that_is_no_stream_is_unreachable(
    async_client: AsyncClient, tocsin: FakeTocsin
) -> None:
    tocsin.answer("GET", "/events/stream", {"items": []})
    with pytest.raises(Unreachable, match="no stream"):
        await anext(async_client.tail(after=0))


async def test_nobody_there_is_unreachable_and_a_refusal_is_told(tocsin: FakeTocsin) -> None:
    async with AsyncClient(f"http://{LOOPBACK}:{free_port()}", patience=0) as client:
        with pytest.raises(Unreachable, match="no answer from"):
            await client.send({"key": "a", "title": "A"})
    tocsin.answer("GET", "/alerts/alert-1", problem(404, "no such alert"))
    async with AsyncClient(tocsin.url) as client:
        with pytest.raises(Refused, match="no such alert"):
            await client.alert("alert-1")


async def test_both_clients_can_do_the_same() -> None:
    def methods(client: type[Any]) -> set[str]:
        return {name for name in vars(client) if not name.startswith("_")}

    assert methods(AsyncClient) - {"aclose"} == methods(Client) - {"close"}
