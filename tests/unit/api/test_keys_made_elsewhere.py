"""A key that another node made just now is let in by every inlet, and never called unknown unasked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import httpx2
import pytest

from tests.contract.scene import new_source
from tests.unit.server.in_process import Tenant, serving_on_sqlite
from tocsin.hub.authentication import FRESH_SECONDS
from tocsin.model.source import Source
from tocsin.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio

ALERT = "/integrations/generic/20131114/alert"
MESSAGE = {"message_type": "CRITICAL", "entity_id": "db1/disk"}

Request: TypeAlias = Callable[[Source], tuple[str, dict[str, Any]]]

each_inlet = pytest.mark.parametrize(
    "request_of",
    [
        lambda source: (f"/in/{source.id}/{source.access_key}", MESSAGE),
        lambda source: (f"{ALERT}/{source.access_key}", MESSAGE),
        lambda source: (ALERT, MESSAGE | {"api_key": source.access_key}),
    ],
    ids=["inlet", "path", "body"],
)


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[Tenant]:
    """Give a domain on a server of its own: what is done to it must not reach other tests."""
    async with serving_on_sqlite(tmp_path) as served:
        yield await served.new_tenant()


@pytest.fixture
async def unread(tenant: Tenant) -> Source:
    """Give a source that this node has not read: it follows the directory no longer."""
    hub = tenant.served.hub
    await hub.authentication.stop()
    made = await new_source(hub.database, "elsewhere")
    await asyncio.sleep(2 * FRESH_SECONDS)
    return made


async def post(tenant: Tenant, path: str, document: dict[str, Any]) -> httpx2.Response:
    return await tenant.served.client.post(path, json=document)


@each_inlet
async def test_a_key_made_elsewhere_is_let_in(tenant: Tenant, unread: Source, request_of: Request) -> None:
    assert (await post(tenant, *request_of(unread))).status_code == 200


@each_inlet
async def test_while_the_store_cannot_be_asked_the_sender_is_to_try_again(
    tenant: Tenant, unread: Source, request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> NoReturn:
        raise StoreUnavailable("the server at db.internal is away")

    for read in ("read", "peek"):
        monkeypatch.setattr(tenant.served.hub.database, read, away, raising=False)
    answer = await post(tenant, *request_of(unread))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "db.internal" not in answer.text
