import pytest

from tests.unit.dialects.cloudforet.samples import callers
from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.caller import NOBODY, Caller
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal
from tocsin.model.role import Permission, Role
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.tree import All, Or

pytestmark = pytest.mark.anyio


async def refused(tenant: Tenant, token: str, action: Action = Action.READ) -> str:
    with pytest.raises(CloudforetError) as caught:
        await callers(tenant).find(token, action, "Event.get")
    return str(caught.value)


async def test_a_token_says_who_calls_and_for_which_domain(tenant: Tenant) -> None:
    caller = await callers(tenant).find(tenant.token, Action.READ, "Event.get")
    assert (caller.domain_id, caller.principal.name, caller.projects) == (tenant.id, tenant.user, None)
    assert caller.sees == All()


async def test_without_a_token_nobody_calls(tenant: Tenant) -> None:
    code = "ERROR_AUTHENTICATE_FAILURE: Authenticate failure."
    assert await refused(tenant, "") == f"{code} (message = Empty token provided.)"
    _, expired = await tenant.new_token(expires_at=clock() - 1)
    for token in ("nonsense", expired, tenant.source.access_key):
        assert await refused(tenant, token) == f"{code} (message = Token is invalid or expired.)"


async def test_who_may_not_is_told_so(tenant: Tenant) -> None:
    viewer = await tenant.new_user(Permission.VIEWALL)
    assert await refused(tenant, viewer, Action.CONFIGURE) == "ERROR_PERMISSION_DENIED: Permission denied."
    sender = await tenant.new_user(Permission.VIEWALL, Permission.ACTIONALL, scopes=(Action.SEND,))
    assert await refused(tenant, sender) == "ERROR_PERMISSION_DENIED: Permission denied."


def test_what_is_seen_is_what_role_and_projects_allow() -> None:
    role = Role("role-1", "d", "some", (Permission.VIEWSOME,), "host:db*", 0)
    principal = Principal("d", "ann", role=role)
    expected = parse('host:db* (project_id="p1" OR project_id="p2")', EVENT_FIELDS, 0)
    assert Caller(principal, "d", ("p1", "p2")).sees == expected
    assert Caller(principal, "d").sees == parse("host:db*", EVENT_FIELDS, 0)


def test_nobody_sees_nothing() -> None:
    assert NOBODY.sees == Or(())
