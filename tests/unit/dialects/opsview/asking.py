"""Ways to ask Opsview's API as scripts do."""

from typing import Any

import httpx2
from argon2 import PasswordHasher

from tests.unit.server.in_process import Tenant
from tocsin.store import accounts

PASSWORD = "correct horse"
WEAK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


async def give_password(tenant: Tenant) -> None:
    """Let a tenant's user log in by `PASSWORD`."""
    await tenant.served.hub.database.write(
        lambda c: accounts.rehash_password(c, accounts.find_account(c, tenant.user), WEAK)
    )


async def log_in(tenant: Tenant) -> dict[str, str]:
    """Begin a session, and give the headers that show it."""
    await give_password(tenant)
    answer = await tenant.served.client.post(
        "/rest/login", json={"username": tenant.user, "password": PASSWORD}
    )
    assert answer.status_code == 200, answer.text
    return {"X-Opsview-Username": tenant.user, "X-Opsview-Token": answer.json()["token"]}


def failed(answer: httpx2.Response) -> tuple[int, str]:
    """Give status and message of a failure in its whole shape."""
    assert answer.headers["content-type"] == "application/json"
    document: dict[str, Any] = answer.json()
    assert list(document) == ["message", "detail"]
    assert isinstance(document["message"], str)
    assert document["message"]
    assert isinstance(document["detail"], str)
    return answer.status_code, document["message"]
