"""Roles that the groups at an identity provider give, at each log-in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.identity_provider import IdentityProvider, running_provider
from tests.unit.api.test_provider_session import first_domain, log_in, refused, settings, who
from tests.unit.server.in_process import ADDRESS, Tenant, serving_on_sqlite

pytestmark = pytest.mark.anyio

ROLES = "tocsin-admins=administrator, sre=operator"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


async def role(administrator: Tenant) -> str:
    """Log in, and give the role that one has then."""
    session: Any = await who(administrator, await log_in(administrator.served))
    name: str = session["role"]["name"]
    return name


async def test_the_role_follows_the_groups(running: IdentityProvider, tmp_path: Path) -> None:
    running.reset()
    async with serving_on_sqlite(tmp_path, settings(running, oidc_group_roles=ROLES)) as served:
        administrator = await first_domain(served)
        await refused(served, "no_role")
        running.user["groups"] = ["sre", "others"]
        assert await role(administrator) == "operator"
        running.user["groups"] = ["sre", "tocsin-admins"]
        assert await role(administrator) == "administrator"
        # What is told beside the token counts as well, and one group may be a text.
        del running.user["groups"]
        running.told = {"groups": "sre"}
        assert await role(administrator) == "operator"
        running.told = {}
        await refused(served, "no_role")
        made = await administrator.get("/api/v1/audit", q="action=user.change")
        assert {each["author"] for each in made["items"]} == {"ann"}
        assert len(made["items"]) == 2
        assert "user.create" in str(await administrator.get("/api/v1/audit", q="action=user.create"))


async def test_a_claim_within_another_and_a_role_for_all_others(
    running: IdentityProvider, tmp_path: Path
) -> None:
    running.reset()
    known = settings(
        running,
        oidc_group_roles=ROLES,
        oidc_groups_claim="realm_access.roles",
        oidc_new_users_role="viewer",
    )
    async with serving_on_sqlite(tmp_path, known) as served:
        administrator = await first_domain(served)
        running.user["realm_access"] = {"roles": ["sre"]}
        assert await role(administrator) == "operator"
        for odd in ({"roles": [5]}, {"roles": {"sre": 1}}, "sre", None):
            running.user["realm_access"] = odd
            assert await role(administrator) == "viewer"


async def test_a_role_that_is_not_there_lets_nobody_in(running: IdentityProvider, tmp_path: Path) -> None:
    running.reset()
    async with serving_on_sqlite(tmp_path, settings(running, oidc_group_roles="sre=no such role")) as served:
        administrator = await first_domain(served)
        await administrator.post("/api/v1/users", {"name": "ann", "role": "viewer"}, status=201)
        running.user["groups"] = ["sre"]
        await refused(served, "no_role")
        assert (await administrator.get("/api/v1/users/ann"))["role"] == "viewer"


async def test_who_logs_out_is_led_to_log_out_there_where_that_is_wanted(
    running: IdentityProvider, tmp_path: Path
) -> None:
    running.reset()
    end = "/api/v1/session/oidc/end"
    for number, (wanted, where) in enumerate(
        [
            (False, f"{ADDRESS}/"),
            (True, f"{running.issuer}/end?of=all&client_id=tocsin&post_logout_redirect_uri=http%3A%2F%2F"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with serving_on_sqlite(folder, settings(running, oidc_log_out=wanted)) as served:
            answer = await served.client.get(end)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(where)
            ways = (await served.client.get("/api/v1/session/ways")).json()
            assert ways["provider"]["log_out_url"] == (f"{ADDRESS}{end}" if wanted else "")
