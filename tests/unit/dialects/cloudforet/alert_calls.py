"""What the tests of Alert ask, and what they ask about."""

from typing import Any

from tests.unit.server.in_process import Tenant

DISK = {
    "key": "db1/disk",
    "title": "Disk full",
    "description": "97 %",
    "severity": "critical",
    "rule": "disk",
    "provider": "aws",
    "account": "42",
    "resource": {"id": "i-1", "name": "db1"},
    "labels": {"team": "storage"},
}
CPU = {"key": "db1/cpu", "title": "CPU load", "severity": "warning"}


async def call(
    tenant: Tenant, verb: str, credential: str | None = None, *, resource: str = "alert", **request: Any
) -> tuple[int, Any]:
    # The request of this method says no domain.
    document = request if verb == "update-state" else {"domain_id": tenant.id} | request
    answer = await tenant.ask(
        "POST", f"/monitoring/v1/{resource}/{verb}", json=document, credential=credential
    )
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, credential: str | None = None, **request: Any) -> Any:
    status, answer = await call(tenant, verb, credential, **request)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, credential: str | None = None, **request: Any
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, credential, **request)
    return status, answer["detail"]["code"], answer["detail"]["message"]


async def opened(tenant: Tenant, *items: dict[str, Any]) -> list[str]:
    return [receipt["alert_id"] for receipt in await tenant.send(*items)]
