import re
from uuid import UUID

import pytest

from tests.unit.server.in_process import Tenant

pytestmark = pytest.mark.anyio


async def test_anybody_is_told_the_version_of_the_api(tenant: Tenant) -> None:
    answer = await tenant.served.client.get("/rest")
    shown = answer.json()
    assert float(shown["api_version"]) >= 4.0
    assert re.fullmatch(r"\d\.\d", shown["api_min_version"])
    assert re.fullmatch(r"\d\.\d+", shown["api_version"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", shown["easyxdm_version"])


async def test_a_client_is_told_what_it_speaks_to(tenant: Tenant, stranger: Tenant) -> None:
    shown = (await tenant.ask("GET", "/rest/info")).json()
    assert re.fullmatch(r"\d+\.\d+\.\d+", shown["opsview_version"])
    assert shown["server_timezone"]
    assert isinstance(shown["server_timezone_offset"], int)
    assert shown["opsview_edition"] in {"community", "enterprise", "commercial"}
    again = (await tenant.ask("GET", "/rest/info")).json()
    other = (await stranger.ask("GET", "/rest/info")).json()
    assert UUID(shown["uuid"]) == UUID(again["uuid"]) != UUID(other["uuid"])


async def test_nothing_waits_to_be_reloaded(tenant: Tenant) -> None:
    for method in ("GET", "POST"):
        shown = (await tenant.ask(method, "/rest/reload")).json()
        assert shown["configuration_status"] == "uptodate"
        assert (shown["messages"], shown["auditlog_entries"]) == ([], [])
        assert int(shown["lastupdated"]) > 0


async def test_there_is_one_server(tenant: Tenant) -> None:
    (server,) = (await tenant.ask("GET", "/rest/serverinfo")).json()["list"]
    assert server["name"] == "Tocsin"
