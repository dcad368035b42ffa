import pytest

from tests.unit.server.in_process import Tenant
from tocsin.dialects.opsview.user import user_document
from tocsin.model.access import Principal
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio


async def test_a_user_is_told_who_they_are(tenant: Tenant) -> None:
    secret = await tenant.new_user(Permission.VIEWSOME, Permission.ACTIONSOME, scope="host:a*")
    shown = (await tenant.ask("GET", "/rest/user", credential=secret)).json()
    assert shown["access_list"] == {"VIEWSOME": 1, "ACTIONSOME": 1}
    assert shown["fullname"] == shown["name"]
    assert shown["role"] == f"role of {shown['name']}"
    assert set(shown) == {"access_list", "fullname", "language", "name", "realm", "role"}


def test_who_has_no_role_may_nothing() -> None:
    shown = user_document(Principal("acme", "ann"))
    assert (shown["access_list"], shown["role"]) == ({}, "")
