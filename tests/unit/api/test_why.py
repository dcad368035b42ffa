"""What became of events, explained: each fate by what tells it from the others."""

import asyncio
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, update

from tests.unit.api.test_routes import created, new_silence, new_target
from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission
from tocsin.store import explanation, policies, tables

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full", "host": "db1", "service": "disk"}


async def fate(tenant: Tenant, **fields: Any) -> str:
    (receipt,) = await tenant.send(DISK | fields)
    return await why(tenant, receipt["id"])


async def why(tenant: Tenant, event_id: str) -> str:
    found = await tenant.get(f"/api/v1/events/{event_id}/why")
    assert found["id"] == event_id
    return "\n".join(f"{line['about']}: {line['says']}" for line in found["lines"])


async def pager(tenant: Tenant, **route: Any) -> None:
    await new_target(tenant)
    await created(tenant, targets=["pager"], **route)


async def delivery(tenant: Tenant, **values: Any) -> None:
    """Bring all deliveries to a state that a target would bring them to."""
    statement = update(tables.delivery).where(tables.delivery.c.domain_id == tenant.id).values(**values)
    await tenant.served.hub.database.write(lambda connection: connection.execute(statement))


async def test_opened_without_a_route(tenant: Tenant) -> None:
    said = await fate(tenant)
    assert f"input: It came in at the source {tenant.source.name}, read as native." in said
    assert "identity: Its key is db1/disk." in said
    assert "identity: It belongs to disk on db1, which it left critical." in said
    assert "alert: It opened the alert alert-000000000001." in said
    assert "delivery: It was passed on to no target." in said
    assert "route: By today's rules no route takes such an event." in said


async def test_delivered(tenant: Tenant) -> None:
    await pager(tenant)
    await fate(tenant)
    await delivery(tenant, state="delivered", attempts=2)
    said = await why(tenant, "event-000000000001")
    assert "delivery: To pager it was delivered after 2 attempts." in said
    assert "route: By today's rules the route night takes such an event." in said


async def test_dead(tenant: Tenant) -> None:
    await pager(tenant)
    await fate(tenant)
    await delivery(tenant, state="dead", attempts=1, reason="it answered 404")
    assert "delivery: To pager it was given up after 1 attempt: it answered 404." in await why(
        tenant, "event-000000000001"
    )


async def test_joined_and_not_passed_on(tenant: Tenant) -> None:
    await pager(tenant)
    await fate(tenant)
    said = await fate(tenant)
    assert "alert: It joined the alert alert-000000000001, which was open for its key." in said
    assert "alert: It said nothing new of it: only routes for every event take it." in said
    assert "delivery: It was passed on to no target." in said
    assert "the route night just misses it: it takes only what changes its alert." in said
    changed = await fate(tenant, severity="warning")
    assert "nothing new" not in changed
    assert "route: By today's rules the route night takes such an event." in changed


async def test_resolved(tenant: Tenant) -> None:
    await fate(tenant)
    said = await fate(tenant, kind="recovery")
    assert "alert: It resolved the alert alert-000000000001." in said
    assert "which it left ok" in said


async def test_a_recovery_without_an_alert(tenant: Tenant) -> None:
    said = await fate(tenant, kind="recovery")
    assert "alert: It was recorded and changed no alert." in said
    assert "alert: Said of it then: no alert is open for this key." in said


async def test_silenced(tenant: Tenant) -> None:
    await pager(tenant)
    await new_silence(tenant, f"silence-{tenant.id}", "host=db1")
    said = await fate(tenant)
    assert f"silence: It fell under the silence silence-{tenant.id} when it was recorded." in said
    assert "delivery: It was passed on to no target." in said


async def test_released_after_its_silence(tenant: Tenant) -> None:
    await pager(tenant)
    silence = f"silence-{tenant.id}"
    await new_silence(tenant, silence, "host=db1")
    await fate(tenant)
    await tenant.post(f"/api/v1/silences/{silence}/expire")
    async with asyncio.timeout(10):
        while "To pager it" not in (said := await why(tenant, "event-000000000001")):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    assert f"silence: It fell under the silence {silence} when it was recorded." in said


async def test_a_key_that_was_made(tenant: Tenant) -> None:
    path = f"/integrations/generic/20131114/alert/{tenant.source.access_key}"
    answer = await tenant.ask("POST", path, json={"message_type": "CRITICAL"})
    assert answer.status_code == 200
    said = await why(tenant, "event-000000000001")
    assert "read as victorops" in said
    assert "Said of it then: the sender named no key, so one was made." in said


async def test_a_route_just_missed(tenant: Tenant) -> None:
    await pager(tenant, expression="host=db1 service=cpu")
    said = await fate(tenant)
    assert "route: By today's rules the route night just misses it: service=cpu does not match." in said


async def test_a_route_with_one_term_is_told_of_where_nobody_takes_it(tenant: Tenant) -> None:
    await pager(tenant, expression="host=db2")
    missed = "route: By today's rules the route night just misses it: host=db2 does not match."
    assert missed in await fate(tenant)
    await created(tenant, name="day", targets=["pager"])
    assert missed not in await fate(tenant, key="another")


async def test_a_silence_just_missed(tenant: Tenant) -> None:
    await new_silence(tenant, "upgrade", "host=db1 service=cpu")
    said = await fate(tenant)
    assert "the silence why upgrade just misses it: service=cpu does not match." in said


async def test_a_silence_misses_nothing_beyond_its_scope(tenant: Tenant) -> None:
    await new_silence(tenant, "upgrade", "host=db1 service=cpu")
    for scope, named in (("host=db2", False), ("host=db2 service=disk", False), ("host=db1", True)):
        statement = update(tables.silence).where(tables.silence.c.id == "upgrade").values(scope=scope)
        await tenant.served.hub.database.write(partial(Connection.execute, statement=statement))
        assert ("just misses it" in await fate(tenant)) is named


async def test_what_is_not_urgent_is_told_so(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    await pager(tenant)
    read = policies.read_policy
    urgent_only = frozenset({tenant.source.project_id})
    monkeypatch.setattr(
        explanation, "read_policy", lambda *at: msgspec.structs.replace(read(*at), high_only=urgent_only)
    )
    said = await fate(tenant, severity="info")
    assert "route: By today's rules only what is urgent is passed on of this project." in said
    assert "the route night just misses it: only what is urgent is passed on of this project." in said


async def test_a_routing_key_that_no_route_names(tenant: Tenant) -> None:
    await pager(tenant, fallback=True)
    said = await fate(tenant, labels={"routing_key": "nobody"})
    assert "no route names its routing key: it goes the default route" in said
    assert "delivery: To pager it" in said


async def test_an_error(tenant: Tenant) -> None:
    said = await fate(tenant, kind="error")
    assert "alert: It opened the alert alert-000000000001." in said


async def test_there_is_no_such_event(tenant: Tenant) -> None:
    for event_id in ("event-000000000001", "alert-000000000001", "x"):
        assert (await tenant.refuse("GET", f"/api/v1/events/{event_id}/why"))["status"] == 404


async def test_whoever_sees_a_part_learns_nothing_of_routes_and_targets(tenant: Tenant) -> None:
    await pager(tenant)
    await fate(tenant)
    await delivery(tenant, state="dead", attempts=1, reason="it answered 404")
    token = await tenant.new_user(Permission.VIEWSOME, scope="host=db1")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await tenant.served.client.get("/api/v1/events/event-000000000001/why", headers=headers)
    assert "To a target it was given up after 1 attempt." in answer.text
    assert not {"pager", "night", "404", "today"} & set(answer.text.replace(".", " ").split())
