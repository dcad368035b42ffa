"""Who is let in: every route asks, and asks before it reads."""

import re
from typing import cast

import pytest
from litestar.routes import HTTPRoute

from tests.unit.server.in_process import Tenant
from tocsin.api.app import create_app
from tocsin.api.intake import Intake
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action
from tocsin.store import accounts, directory

pytestmark = pytest.mark.anyio

SECOND = 1_000_000
APP = create_app(cast("Hub", None), cast("Intake", None), {}, version="0", body_limit=1, batch_limit=1)
HANDLERS = {
    f"{method} {route.path_format}": handler
    for route in APP.routes
    if isinstance(route, HTTPRoute)
    for method, (handler, _) in route.route_handler_map.items()
    if method != "OPTIONS"
}
# In a fixed order, so that tests run in parallel are the same everywhere.
CLOSED = sorted(name for name, handler in HANDLERS.items() if not handler.opt.get("public"))


async def ask(tenant: Tenant, name: str, credential: str) -> tuple[int, str]:
    """Ask a route, with a body that is no JSON; give status and code."""
    method, path = name.split()
    answer = await tenant.ask(method, re.sub(r"\{\w+\}", "x", path), credential=credential, content=b"{")
    return answer.status_code, answer.json().get("code", "")


def test_what_is_open_is_known() -> None:
    assert set(HANDLERS) - set(CLOSED) == {
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /openapi.json",
        "POST /api/v1/session",
        "GET /api/v1/session/ways",
        "GET /api/v1/session/oidc",
        "GET /api/v1/session/oidc/callback",
        "GET /api/v1/session/oidc/end",
    }


@pytest.mark.parametrize("name", CLOSED)
def test_every_other_route_says_what_it_does(name: str) -> None:
    assert isinstance(HANDLERS[name].opt["action"], Action)


@pytest.fixture
async def credentials(tenant: Tenant) -> dict[str, str]:
    """Give credentials that nobody may be let in with."""
    _, expired = await tenant.new_token(expires_at=clock() - SECOND)
    token, revoked = await tenant.new_token()
    gone = await tenant.new_source()

    def revoke(connection: object) -> None:
        accounts.delete_token(connection, tenant.id, token.id)  # type: ignore[arg-type]
        directory.delete_source(connection, gone)  # type: ignore[arg-type]

    await tenant.served.hub.database.write(revoke)
    await tenant.served.hub.authentication.refresh()
    return {
        "none": "",
        "unknown token": f"{tenant.token}x",
        "unknown key": "0" * 32,
        "expired": expired,
        "revoked": revoked,
        "key of a deleted source": gone.access_key,
        "not ASCII": "t\xf6csin",
    }


@pytest.mark.parametrize("name", CLOSED)
async def test_nobody_is_let_in_without_a_credential_that_holds(
    tenant: Tenant, credentials: dict[str, str], name: str
) -> None:
    answers = {what: await ask(tenant, name, credential) for what, credential in credentials.items()}
    assert answers == dict.fromkeys(credentials, (401, "unauthenticated"))


@pytest.mark.parametrize("name", CLOSED)
async def test_the_key_of_a_source_can_only_send(tenant: Tenant, name: str) -> None:
    sends = HANDLERS[name].opt["action"] is Action.SEND
    expected = (400, "bad_payload") if sends else (403, "forbidden")
    assert await ask(tenant, name, tenant.source.access_key) == expected


@pytest.mark.parametrize("name", CLOSED)
async def test_the_key_of_a_disabled_source_can_do_nothing(tenant: Tenant, name: str) -> None:
    source = await tenant.new_source()
    await tenant.disable(source)
    assert await ask(tenant, name, source.access_key) == (403, "source_disabled")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer {}", 200),
        ("bearer {}", 200),
        ("BEARER   {} ", 200),
        ("{}", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Basic {}", 401),
        ("Token {}", 401),
        ("Bearer {},{}", 401),
    ],
)
async def test_the_credential_is_a_bearer_token(tenant: Tenant, header: str, status: int) -> None:
    headers = {"Authorization": header.format(tenant.token, tenant.token)}
    answer = await tenant.served.client.get("/api/v1/alerts", headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_credential_elsewhere_is_none(tenant: Tenant) -> None:
    for path in (f"/api/v1/alerts?token={tenant.token}", f"/api/v1/alerts?access_token={tenant.token}"):
        assert (await tenant.served.client.get(path)).status_code == 401
