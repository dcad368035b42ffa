"""Whatever is configured is changed and deleted in one way."""

from typing import Any

import pytest

from tests.unit.api.test_revisions import THINGS, Configured
from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio


@pytest.fixture(params=THINGS, ids=lambda thing: thing.path.rpartition("/")[2])
def thing(request: pytest.FixtureRequest) -> Configured:
    found: Configured = request.param
    return found


async def done(tenant: Tenant) -> list[tuple[str, str]]:
    """Give what the audit log says was done to the thing, in order."""
    entries: list[dict[str, Any]] = (await tenant.get("/api/v1/audit", q="subject_name=thing"))["items"]
    return [(each["author"], each["action"].partition(".")[2]) for each in reversed(entries)]


async def test_each_change_has_its_line_in_the_audit_log(tenant: Tenant, thing: Configured) -> None:
    await tenant.post(thing.path, thing.document, status=201)
    assert (await tenant.ask("PATCH", f"{thing.path}/thing", json=thing.change)).status_code == 200
    assert (await tenant.ask("DELETE", f"{thing.path}/thing")).status_code == 204
    assert await done(tenant) == [(tenant.user, action) for action in ("create", "change", "delete")]


@pytest.mark.parametrize("says", ["nothing", "what is so"])
async def test_what_changes_nothing_has_none(tenant: Tenant, thing: Configured, says: str) -> None:
    made = await tenant.ask("POST", thing.path, json=thing.document)
    change = {} if says == "nothing" else thing.back
    changed = await tenant.ask("PATCH", f"{thing.path}/thing", json=change)
    assert (changed.status_code, changed.headers["etag"]) == (200, made.headers["etag"])
    assert await done(tenant) == [(tenant.user, "create")]


async def test_null_is_no_value(tenant: Tenant, thing: Configured) -> None:
    await tenant.post(thing.path, thing.document, status=201)
    problem = await tenant.refuse("PATCH", f"{thing.path}/thing", json={"name": None})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "/name")
