"""`/api/v1/targets`: made, shown with and without what is secret, changed, deleted, refused, tried."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.unit.server.in_process import Tenant, serving_on_sqlite
from tocsin.hub.hub import clock
from tocsin.model.own import TEST_LABEL
from tocsin.model.target import Target, TargetOptions, signing_key
from tocsin.server.settings import Settings
from tocsin.store import tables, targets

pytestmark = pytest.mark.anyio

TARGETS = "/api/v1/targets"
URL = "https://pager.example.com:8443/hooks/s3cret-key"


async def created(tenant: Tenant, name: str = "pager", **given: Any) -> Any:
    return await tenant.post(TARGETS, {"name": name, "kind": "webhook", "url": URL, **given}, status=201)


async def names(tenant: Tenant) -> list[str]:
    return [target["name"] for target in (await tenant.get(TARGETS))["items"]]


async def test_a_webhook_gets_a_secret(tenant: Tenant) -> None:
    made = await created(tenant)
    assert made["secret"].startswith("whsec_")
    assert len(signing_key(made["secret"])) == 32
    assert (made["url"], made["host"], made["enabled"]) == (URL, "pager.example.com:8443", True)
    assert (await created(tenant, "other"))["secret"] != made["secret"]


async def test_a_list_tells_no_key_and_no_secret(tenant: Tenant) -> None:
    made = await created(tenant, options={"latest_only": True})
    answer = await tenant.ask("GET", TARGETS)
    assert "s3cret-key" not in answer.text
    assert "whsec_" not in answer.text
    (shown,) = answer.json()["items"]
    assert shown == {name: value for name, value in made.items() if name not in {"url", "secret"}}


async def test_one_is_shown_whole_by_name_and_id(tenant: Tenant) -> None:
    made = await created(tenant)
    for name_or_id in ("pager", made["id"]):
        assert await tenant.get(f"{TARGETS}/{name_or_id}") == made


async def test_what_is_changed_changes_and_all_else_stays(tenant: Tenant) -> None:
    made = await created(tenant, options={"timeout": 5.0, "at_once": 2})
    change = {"name": "oncall", "options": {"at_once": 3}, "enabled": False}
    answer = await tenant.ask("PATCH", f"{TARGETS}/pager", json=change)
    assert answer.status_code == 200, answer.text
    assert "whsec_" not in answer.text
    assert await tenant.get(f"{TARGETS}/oncall") == made | {
        "name": "oncall",
        "enabled": False,
        "options": {"timeout": 5.0, "at_once": 3},
    }


async def test_an_empty_secret_makes_a_new_one(tenant: Tenant) -> None:
    made = await created(tenant)
    await tenant.ask("PATCH", f"{TARGETS}/pager", json={"secret": ""})
    renewed = (await tenant.get(f"{TARGETS}/pager"))["secret"]
    assert renewed != made["secret"]
    assert len(signing_key(renewed)) == 32
    await tenant.ask("PATCH", f"{TARGETS}/pager", json={"secret": made["secret"]})
    assert (await tenant.get(f"{TARGETS}/pager"))["secret"] == made["secret"]


async def test_only_webhooks_are_signed(tenant: Tenant) -> None:
    made = await created(tenant, kind="victorops")
    assert made["secret"] == ""
    problem = await tenant.refuse("PATCH", f"{TARGETS}/pager", json={"secret": "whsec_" + "A" * 44})
    assert problem["errors"] == [{"pointer": "/secret", "detail": "only what goes to a webhook is signed"}]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"kind": "pigeon"}, "/kind"),
        ({"url": ""}, "/url"),
        ({"url": "ftp://pager.example.com/s3cret"}, "/url"),
        ({"url": "https:///s3cret"}, "/url"),
        ({"url": "https://pager.example.com:99999/s3cret"}, "/url"),
        ({"url": "https://[s3cret"}, "/url"),
        ({"url": "https://a..b/s3cret"}, "/url"),
        ({"url": "https://a%20b.example.com/s3cret"}, "/url"),
        ({"url": "https://me:s3cret@pager.example.com"}, "/url"),
        ({"url": "https://pager.example.com/#s3cret"}, "/url"),
        ({"url": "https://pager.example.com/s3cret key"}, "/url"),
        ({"url": "https://pager.example.com/\r\ns3cret"}, "/url"),
        ({"url": "https://pager.example.com/" + "s3cret" * 400}, "/url"),
        ({"secret": "s3cret"}, "/secret"),
        ({"secret": "whsec_s3cret!"}, "/secret"),
        ({"secret": "whsec_czNjcmV0"}, "/secret"),
        ({"options": {"timeout": 0}}, "/options/timeout"),
        ({"options": {"timeout": 3600}}, "/options/timeout"),
        ({"options": {"at_once": 0}}, "/options/at_once"),
        ({"options": {"at_once": 1.5}}, "/options/at_once"),
        ({"options": {"nonsense": 1}}, "/options"),
        ({"colour": "red"}, ""),
    ],
)
async def test_a_bad_target_is_pointed_at(tenant: Tenant, given: dict[str, Any], pointer: str) -> None:
    problem = await tenant.refuse(
        "POST", TARGETS, json={"name": "pager", "kind": "webhook", "url": URL, **given}
    )
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert "s3cret" not in str(problem)
    assert await names(tenant) == []


PRIVATE = ["http://127.0.0.1:8090/s3cret", "http://[::1]/", "https://10.1.2.3/", "http://127.1/"]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_private_address_is_refused_at_once(tenant: Tenant, url: str) -> None:
    given = {"name": "pager", "kind": "webhook", "url": url}
    problem = await tenant.refuse("POST", TARGETS, json=given)
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/url")
    assert "the operator can allow it with the setting private_targets" in problem["detail"]
    assert "s3cret" not in str(problem)
    await created(tenant)
    changed = await tenant.refuse("PATCH", f"{TARGETS}/pager", json={"url": url})
    assert changed["errors"][0]["pointer"] == "/url"


async def test_a_name_that_leads_to_a_private_address_shows_when_it_is_sent_to(tenant: Tenant) -> None:
    assert (await created(tenant, url="http://localhost:9/"))["host"] == "localhost:9"


async def test_a_private_address_is_taken_where_the_operator_allows_it(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path, Settings(private_targets=True)) as served:
        tenant = await served.new_tenant()
        for index, url in enumerate(PRIVATE):
            await created(tenant, f"pager-{index}", url=url)


async def test_a_target_that_has_a_private_address_can_still_be_changed(tenant: Tenant) -> None:
    def make(connection: Connection) -> Target:
        return targets.create_target(
            connection,
            domain_id=tenant.id,
            name="old",
            kind="webhook",
            url=PRIVATE[0],
            secret="",
            options=TargetOptions(),
            now=clock(),
        )

    await tenant.served.hub.database.write(make)
    answer = await tenant.ask("PATCH", f"{TARGETS}/old", json={"enabled": False, "url": PRIVATE[0]})
    assert (answer.status_code, answer.json()["enabled"]) == (200, False)


async def test_the_kinds_are_told_to_who_names_another(tenant: Tenant) -> None:
    problem = await tenant.refuse("POST", TARGETS, json={"name": "x", "kind": "slack", "url": URL})
    assert "'slack': expected one of victorops, webhook" in problem["detail"]


async def test_a_bad_change_changes_nothing(tenant: Tenant) -> None:
    made = await created(tenant)
    problem = await tenant.refuse("PATCH", f"{TARGETS}/pager", json={"url": "nowhere", "name": "x"})
    assert problem["errors"][0]["pointer"] == "/url"
    assert await tenant.get(f"{TARGETS}/pager") == made


async def test_a_name_is_taken_once(tenant: Tenant) -> None:
    await created(tenant)
    problem = await tenant.refuse("POST", TARGETS, json={"name": "pager", "kind": "webhook", "url": URL})
    assert (problem["status"], problem["detail"]) == (409, "a target named pager exists already")


async def test_a_deleted_target_is_gone(tenant: Tenant) -> None:
    await created(tenant)
    answer = await tenant.ask("DELETE", f"{TARGETS}/pager")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await names(tenant) == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "POST"])
async def test_an_unknown_target_is_not_found(tenant: Tenant, method: str) -> None:
    path = f"{TARGETS}/nobody/test" if method == "POST" else f"{TARGETS}/nobody"
    problem = await tenant.refuse(method, path, **({"json": {}} if method == "PATCH" else {}))
    assert (problem["status"], problem["detail"]) == (404, "there is no target nobody")


async def test_a_test_is_an_event_and_a_delivery_to_that_target_alone(tenant: Tenant) -> None:
    made = await created(tenant)
    await created(tenant, "other")
    answer = await tenant.ask("POST", f"{TARGETS}/pager/test")
    assert answer.status_code == 202, answer.text
    (event,) = await tenant.events()
    assert (event.kind, event.labels, event.author) == ("info", {TEST_LABEL: "pager"}, tenant.user)
    assert answer.json()["event_id"] == f"event-{event.seq:012x}"
    statement = select(tables.delivery).where(tables.delivery.c.domain_id == tenant.id)
    (delivery,) = await tenant.served.hub.database.read(lambda c: c.execute(statement).all())
    assert (delivery.seq, delivery.target_id, delivery.route_id) == (event.seq, made["id"], "")
    digits = made["id"].removeprefix("target-")
    assert answer.json()["delivery_id"] == f"delivery-{event.seq:012x}-{digits}"


async def test_a_target_that_is_off_is_not_tried(tenant: Tenant) -> None:
    await created(tenant, enabled=False)
    problem = await tenant.refuse("POST", f"{TARGETS}/pager/test")
    assert (problem["status"], problem["detail"]) == (409, "the target pager is disabled")
    assert await tenant.events() == []
