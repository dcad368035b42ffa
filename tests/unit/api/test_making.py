"""What is made by POST is made once, however often a request with an Idempotency-Key comes."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection, select

from tests.unit.api.test_revisions import SILENCE, THINGS, Configured
from tests.unit.server.in_process import Served, Tenant
from tocsin.store import tables

pytestmark = pytest.mark.anyio

MADE = [
    *THINGS,
    Configured("/api/v1/projects", {"name": "thing"}),
    Configured("/api/v1/silences", SILENCE),
]
KEY = {"Idempotency-Key": "once"}


@pytest.fixture(params=MADE, ids=lambda thing: thing.path.rpartition("/")[2])
def thing(request: pytest.FixtureRequest) -> Configured:
    found: Configured = request.param
    return found


async def post(tenant: Tenant, path: str, document: Any, **options: Any) -> httpx2.Response:
    return await tenant.ask("POST", path, json=document, headers=KEY, **options)


async def count(tenant: Tenant, path: str) -> int:
    return len((await tenant.get(path))["items"])


async def kept(tenant: Tenant) -> list[str]:
    """Give what is kept of this domain's answers."""
    columns = tables.idempotency.c

    def look(connection: Connection) -> list[str]:
        answers = connection.scalars(select(columns.answer).where(columns.domain_id == tenant.id))
        return list(answers)

    return await tenant.served.hub.database.read(look)


async def test_a_repeated_request_makes_nothing_and_is_answered_alike(
    tenant: Tenant, thing: Configured
) -> None:
    before = await count(tenant, thing.path)
    first, again = [await post(tenant, thing.path, thing.document) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(tenant, thing.path) == before + 1
    assert len((await tenant.get("/api/v1/audit", q="action:*.create"))["items"]) == 1


async def test_only_the_id_is_kept(tenant: Tenant, thing: Configured) -> None:
    made = (await post(tenant, thing.path, thing.document)).json()
    assert await kept(tenant) == [made["id"]]


async def test_the_key_of_another_request_is_refused(tenant: Tenant, thing: Configured) -> None:
    await post(tenant, thing.path, thing.document)
    change = {"expression": "host:db*"} if thing.document is SILENCE else {"name": "other"}
    before = await count(tenant, thing.path)
    problem = await tenant.refuse("POST", thing.path, json=thing.document | change, headers=KEY)
    assert (problem["status"], problem["code"]) == (422, "key_reused")
    assert await count(tenant, thing.path) == before


async def test_a_key_is_of_its_path_and_its_user(served: Served, tenant: Tenant) -> None:
    for path in ("/api/v1/projects", "/api/v1/sources", "/api/v1/routes"):
        assert "idempotency-replayed" not in (await post(tenant, path, {"name": "thing"})).headers
    other = await served.new_tenant()
    assert "idempotency-replayed" not in (await post(other, "/api/v1/projects", {"name": "thing"})).headers


async def test_requests_that_come_together_make_one(tenant: Tenant) -> None:
    answers = await asyncio.gather(*(post(tenant, "/api/v1/routes", {"name": "thing"}) for _ in range(5)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4


async def test_it_is_shown_as_it_stands_now_and_missed_once_it_is_deleted(tenant: Tenant) -> None:
    await post(tenant, "/api/v1/routes", {"name": "thing"})
    await tenant.ask("PATCH", "/api/v1/routes/thing", json={"enabled": False})
    assert (await post(tenant, "/api/v1/routes", {"name": "thing"})).json()["enabled"] is False
    await tenant.ask("DELETE", "/api/v1/routes/thing")
    assert (await post(tenant, "/api/v1/routes", {"name": "thing"})).status_code == 404
    assert await count(tenant, "/api/v1/routes") == 0


async def test_what_was_refused_is_not_remembered(tenant: Tenant) -> None:
    wanted = {"name": "thing", "targets": ["chat"]}
    assert (await post(tenant, "/api/v1/routes", wanted)).status_code == 404
    await tenant.post(
        "/api/v1/targets", {"name": "chat", "kind": "webhook", "url": "http://chat.test/"}, status=201
    )
    made = await post(tenant, "/api/v1/routes", wanted)
    assert (made.status_code, "idempotency-replayed" in made.headers) == (201, False)


async def test_a_user_is_made_once_and_no_password_kept(tenant: Tenant) -> None:
    wanted = {"name": f"ann of {tenant.id}", "password": "umbrella"}
    first, again = [await post(tenant, "/api/v1/users", wanted) for _ in range(2)]
    assert (again.status_code, again.content) == (201, first.content)
    assert await kept(tenant) == [first.json()["id"]]


async def test_the_secret_of_a_token_is_not_shown_again(tenant: Tenant) -> None:
    made = (await post(tenant, "/api/v1/tokens", {"name": "thing"})).json()
    problem = await tenant.refuse("POST", "/api/v1/tokens", json={"name": "thing"}, headers=KEY)
    assert (problem["status"], problem["code"]) == (409, "conflict")
    assert made["id"] in problem["detail"]
    assert await count(tenant, "/api/v1/tokens") == 2
    assert await kept(tenant) == [made["id"]]


@pytest.mark.parametrize("action", ["acknowledge", "note", "resolve"])
async def test_an_action_is_done_once(tenant: Tenant, action: str) -> None:
    (receipt,) = await tenant.send({"key": "db1/disk", "title": "Disk full"})
    path = f"/api/v1/alerts/{receipt['alert_id']}/{action}"
    first, again = [await post(tenant, path, {"comment": "mine"}) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert again.content == first.content
    assert [each.headers.get("idempotency-replayed") for each in (first, again)] == [None, "true"]
    assert len(await tenant.events()) == 2
    problem = await tenant.refuse("POST", path, json={"comment": "other"}, headers=KEY)
    assert (problem["status"], problem["code"]) == (422, "key_reused")


async def test_an_action_that_is_refused_leaves_no_event(tenant: Tenant) -> None:
    (receipt,) = await tenant.send({"key": "db1/disk", "title": "Disk full"})
    path = f"/api/v1/alerts/{receipt['alert_id']}/unacknowledge"
    assert [(await post(tenant, path, {})).status_code for _ in range(2)] == [409, 409]
    assert len(await tenant.events()) == 1
