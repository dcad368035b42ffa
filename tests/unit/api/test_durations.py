"""How long alerts took, as it comes over HTTP."""

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

PATH = "/api/v1/alerts/durations"


async def fill(tenant: Tenant) -> None:
    """Open three alerts, acknowledge one and resolve another."""
    receipts = await tenant.send(*({"key": f"k{n}", "title": "t", "host": f"h{n}"} for n in range(3)))
    await tenant.post(f"/api/v1/alerts/{receipts[0]['alert_id']}/acknowledge")
    await tenant.post(f"/api/v1/alerts/{receipts[1]['alert_id']}/resolve")


async def test_what_was_acknowledged_and_resolved(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(PATH, by="host")
    assert found["by"] == "host"
    for name, host in (("acknowledged", "h0"), ("resolved", "h1")):
        assert found[name]["total"]["count"] == 1
        (group,) = found[name]["groups"]
        assert (group["value"], group["count"]) == (host, 1)
        assert 0 <= group["median"] <= group["p95"] < 60


async def test_an_acknowledgement_that_was_taken_back_does_not_count(tenant: Tenant) -> None:
    await fill(tenant)
    (alert,) = (await tenant.get("/api/v1/alerts", q="acknowledged>-1h"))["items"]
    await tenant.post(f"/api/v1/alerts/{alert['id']}/unacknowledge")
    assert (await tenant.get(PATH))["acknowledged"]["total"]["count"] == 0


async def test_nobody_is_told_of_what_is_outside_their_scope(tenant: Tenant) -> None:
    await fill(tenant)
    token = await tenant.new_user(Permission.VIEWSOME, scope="host=h1")
    answer = await tenant.ask("GET", PATH, params={"by": "host"}, credential=token)
    assert answer.json()["acknowledged"] == {
        "total": {"value": None, "count": 0, "mean": 0, "median": 0, "p95": 0},
        "groups": [],
    }
    assert answer.json()["resolved"]["total"]["count"] == 1


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"by": "opened"}, "by: 'opened' is a time: count by time with bucket"),
        ({"from": "-1h", "to": "-2h"}, "to: is not later than from"),
        ({"from": "soon"}, "from: "),
        ({"q": "severity>="}, ""),
        ({"limit": "0"}, "limit: "),
    ],
)
async def test_what_makes_no_sense_is_refused(tenant: Tenant, params: dict[str, str], says: str) -> None:
    problem = await tenant.refuse("GET", PATH, params=params)
    assert problem["status"] == 400
    assert problem["detail"].startswith(says)
