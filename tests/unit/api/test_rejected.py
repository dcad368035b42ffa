"""`/api/v1/rejected`: listed, one with its request, replayed, deleted."""

from typing import Any

import msgspec
import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.submission import WHOLE, Payload, Refusal, Submission

pytestmark = pytest.mark.anyio

REJECTED = "/api/v1/rejected"


async def listed(tenant: Tenant, **narrowed: Any) -> list[Any]:
    items: list[Any] = (await tenant.get(REJECTED, **narrowed))["items"]
    return items


async def switch(tenant: Tenant, source: str, *, on: bool) -> None:
    answer = await tenant.ask("PATCH", f"/api/v1/sources/{source}", json={"enabled": on})
    assert answer.status_code == 200, answer.text


async def for_disabled(tenant: Tenant) -> tuple[str, str]:
    """Post three items, of which the last two are for a disabled source; give it and one of their ids."""
    source = await tenant.new_source("second")
    await switch(tenant, source.id, on=False)
    item = {"title": "t", "source_id": source.id}
    await tenant.send({"key": "a", "title": "t"}, item | {"key": "b"}, item | {"key": "c"})
    return source.id, (await listed(tenant))[0]["id"]


async def actions(tenant: Tenant) -> list[tuple[str, str]]:
    found = await tenant.get("/api/v1/audit", q="subject:rejected")
    return [(each["action"], each["subject_id"]) for each in found["items"]]


async def test_they_are_listed_the_newest_first_on_pages(tenant: Tenant) -> None:
    for key in ("first", "second", "third"):
        await tenant.send({"key": key})
    first = await tenant.get(REJECTED, limit=2)
    rest = await tenant.get(REJECTED, limit=2, cursor=first["next"])
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    shown = [*first["items"], *rest["items"]]
    assert [each["rejected_at"] for each in shown] == sorted(
        (each["rejected_at"] for each in shown), reverse=True
    )
    assert len({each["id"] for each in shown}) == 3
    assert len(await listed(tenant, source=tenant.source.name)) == 3
    other = await tenant.new_source("other")
    assert await listed(tenant, source=other.id) == []
    assert (await tenant.refuse("GET", f"{REJECTED}?cursor=x"))["code"] == "invalid_cursor"


async def test_each_is_shown_with_the_request_of_all(tenant: Tenant) -> None:
    await tenant.send({"key": "a"}, {"key": "b"})
    for item in await listed(tenant):
        shown = await tenant.get(f"{REJECTED}/{item['id']}")
        assert shown["payload"]["body"] == '[{"key":"a"},{"key":"b"}]'
        assert shown | {"payload": None} == item | {"payload": None}


async def test_what_is_no_text_is_shown_in_base64(tenant: Tenant) -> None:
    await tenant.refuse("POST", "/api/v1/events", content=b"\xff\x00")
    (item,) = await listed(tenant)
    assert (await tenant.get(f"{REJECTED}/{item['id']}"))["payload"]["body_base64"] == "/wA="


async def test_a_replay_records_what_was_rejected_and_no_more(tenant: Tenant) -> None:
    source, rejected = await for_disabled(tenant)
    await switch(tenant, source, on=True)
    receipts = (await tenant.post(f"{REJECTED}/{rejected}/replay"))["receipts"]
    assert [(each["index"], each["outcome"]) for each in receipts] == [(1, "opened"), (2, "opened")]
    assert sorted(event.key for event in await tenant.events()) == ["a", "b", "c"]
    assert await listed(tenant) == []
    assert await actions(tenant) == [("rejected.replay", rejected)]


async def test_of_what_was_refused_as_a_whole_a_replay_takes_all(tenant: Tenant) -> None:
    body = msgspec.json.encode([{"key": key, "title": "t"} for key in "abc"])
    payload = Payload("native", "application/json", {}, body)
    refused = Submission(tenant.source, payload, [], [Refusal(WHOLE, "nobody understood it then")])
    await tenant.served.hub.recorder.record(refused)
    (item,) = await listed(tenant)
    assert item["index"] is None
    receipts = (await tenant.post(f"{REJECTED}/{item['id']}/replay"))["receipts"]
    assert [(each["index"], each["outcome"]) for each in receipts] == [(n, "opened") for n in range(3)]
    assert await listed(tenant) == []


async def test_what_fails_again_stays_and_says_why(tenant: Tenant) -> None:
    _, rejected = await for_disabled(tenant)
    before = await listed(tenant)
    problem = await tenant.refuse("POST", f"{REJECTED}/{rejected}/replay")
    assert (problem["status"], problem["code"]) == (422, "not_replayed")
    assert "second is disabled" in problem["detail"]
    assert await listed(tenant) == before
    assert [event.key for event in await tenant.events()] == ["a"]
    assert await actions(tenant) == []


@pytest.mark.parametrize("source_format", ["auto", "victorops", "grafana", "nagios-command"])
async def test_a_message_goes_through_the_parser_of_the_way_in_that_it_came_by(
    tenant: Tenant, source_format: str
) -> None:
    source = await tenant.new_source("messages", source_format)
    path = f"/integrations/generic/20131114/alert/{source.access_key}/team"
    assert (await tenant.served.client.post(path, json={"message_type": 7})).status_code == 400
    (item,) = await listed(tenant)
    problem = await tenant.refuse("POST", f"{REJECTED}/{item['id']}/replay")
    assert (problem["code"], problem["detail"]) == ("not_replayed", item["reason"])


async def test_the_items_of_a_request_are_deleted_together(tenant: Tenant) -> None:
    await tenant.send({"key": "other"})
    (other,) = await listed(tenant)
    await tenant.send({"key": "a"}, {"key": "b"})
    rejected = (await listed(tenant))[0]["id"]
    assert (await tenant.ask("DELETE", f"{REJECTED}/{rejected}")).status_code == 204
    assert await listed(tenant) == [other]
    assert await actions(tenant) == [("rejected.delete", rejected)]
