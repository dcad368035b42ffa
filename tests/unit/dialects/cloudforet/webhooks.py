"""Asking for webhooks by the methods of Cloudforet, over HTTP."""

from typing import Any

from tests.unit.server.in_process import Tenant


async def call(
    tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None
) -> tuple[int, Any]:
    path = f"/monitoring/v1/webhook/{verb}"
    answer = await tenant.ask("POST", path, json=request, credential=credential)
    return answer.status_code, answer.json()


async def done(tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None) -> Any:
    status, answer = await call(tenant, verb, request, credential)
    assert status == 200, answer
    return answer


async def refused(
    tenant: Tenant, verb: str, request: dict[str, Any], credential: str | None = None
) -> tuple[int, str, str]:
    status, answer = await call(tenant, verb, request, credential)
    return status, answer["detail"]["code"], answer["detail"]["message"]


def wanted(tenant: Tenant, **more: Any) -> dict[str, Any]:
    return {
        "name": "icinga",
        "plugin_info": {"plugin_id": "native", "version": "1.0", "options": {"a": 2**60}},
        "project_id": tenant.source.project_id,
    } | more


def one(webhook: Any) -> dict[str, str]:
    return {"webhook_id": webhook["webhook_id"], "domain_id": webhook["domain_id"]}
