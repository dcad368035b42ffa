import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.dialects.cloudforet.tokens import NOW, OTHER, SIGNER
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.identity import TOKEN_LIMIT, Identity, allows, is_jwt
from tocsin.dialects.cloudforet.public_keys import AGAIN_SECONDS, PublicKeys
from tocsin.model.access import Action, may
from tocsin.model.role import Permission, Role

pytestmark = pytest.mark.anyio

VIEWER = Role("role-1", "domain-1", "viewer", (Permission.VIEWALL,), "", 0)
INVALID = "Token is invalid or expired."


class Scene:
    """An identity service that signs with a key, and a Tocsin with the user bob in its domain."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "key.jwk"
        self.file.write_bytes(SIGNER.jwk)
        self.now = 0.0
        keys = PublicKeys({"domain-1": str(self.file)}, lambda: self.now)
        users = {("domain-1", "bob"): VIEWER}
        self.identity = Identity(keys, lambda *who: users.get(who), lambda: NOW)

    async def refused(self, token: str, method: str = "Event.list") -> str:
        with pytest.raises(CloudforetError) as caught:
            await self.identity.find(token, method)
        return str(caught.value)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize("claims", [{}, {"user_type": "USER", "rol": "DOMAIN_ADMIN", "typ": "SYSTEM_TOKEN"}])
async def test_an_owner_may_everything_in_their_domain(scene: Scene, claims: dict[str, Any]) -> None:
    for method in ("Event.list", "Webhook.create"):
        principal, projects = await scene.identity.find(SIGNER.token(**claims), method)
        assert (principal.domain_id, principal.name, projects) == ("domain-1", "ann", None)
        assert may(principal, Action.READ)
        assert may(principal, Action.CONFIGURE)


async def test_another_user_may_what_their_namesake_in_tocsin_may(scene: Scene) -> None:
    principal, _ = await scene.identity.find(SIGNER.token(user_type="USER", aud="bob"), "Event.list")
    assert principal.role == VIEWER
    assert not may(principal, Action.CONFIGURE)
    stranger = SIGNER.token(user_type="USER", aud="eve")
    assert await scene.refused(stranger) == "ERROR_PERMISSION_DENIED: Permission denied."


async def test_permissions_in_a_token_are_what_it_is_for(scene: Scene) -> None:
    token = SIGNER.token(user_type="USER", aud="app", permissions=["monitoring.Event.*", "inventory.*"])
    principal, _ = await scene.identity.find(token, "Event.stat")
    assert may(principal, Action.READ)
    assert not may(principal, Action.CONFIGURE)
    assert "ERROR_PERMISSION_DENIED" in await scene.refused(token, "Webhook.list")
    owner = SIGNER.token(permissions=["monitoring.Webhook.*"])
    principal, _ = await scene.identity.find(owner, "Webhook.create")
    assert may(principal, Action.CONFIGURE)
    assert "ERROR_PERMISSION_DENIED" in await scene.refused(owner, "Event.list")
    assert "ERROR_PERMISSION_DENIED" in await scene.refused(SIGNER.token(permissions=[]), "Event.list")


@pytest.mark.parametrize(
    ("patterns", "permission", "allowed"),
    [
        (["monitoring.Event.list"], "monitoring.Event.list", True),
        (["monitoring.Event.list"], "monitoring.Event.stat", False),
        (["*"], "monitoring.Event.list", True),
        (["monitoring.*.list"], "monitoring.Alert.list", True),
        (["MONITORING.*"], "monitoring.Event.list", False),
        (["monitoring:Event.read"], "monitoring.Event.get", True),
        (["monitoring:Event.read"], "monitoring.Event.create", False),
        (["monitoring:"], "monitoring.Webhook.create", True),
        (["monitoring:Event.write"], "monitoring.Event.list", False),
        ([""], "monitoring.Event.list", False),
        ([], "monitoring.Event.list", False),
    ],
)
def test_patterns_allow_methods(patterns: list[str], permission: str, allowed: bool) -> None:
    assert allows(patterns, permission) is allowed


async def test_projects_in_a_token_are_all_that_it_sees(scene: Scene) -> None:
    _, projects = await scene.identity.find(SIGNER.token(projects=["project-1"]), "Event.list")
    assert projects == ("project-1",)
    _, projects = await scene.identity.find(SIGNER.token(projects=[]), "Event.list")
    assert projects == ()


def _unsigned(claims: object, header: object) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims))
    return b".".join((*parts, b"AA")).decode()


FORGED = {"did": "domain-1", "exp": NOW + 60, "user_type": "DOMAIN_OWNER"}


@pytest.mark.parametrize(
    "token",
    [
        OTHER.token(),
        SIGNER.token(did="domain-2"),
        SIGNER.token(exp=NOW),
        SIGNER.token(exp=None),
        SIGNER.token(exp="tomorrow"),
        SIGNER.token(nbf=NOW + 1),
        SIGNER.token(cat="REFRESH_TOKEN"),
        SIGNER.token(cat=None, typ="REFRESH_TOKEN"),
        SIGNER.token(permissions="monitoring.*"),
        SIGNER.token(algorithm="RS384"),
        SIGNER.token()[:-4] + "AAAA",
        _unsigned(FORGED, {"alg": "none"}),
        _unsigned(FORGED, {"alg": "RS256"}),
        _unsigned(FORGED, {"alg": "HS256", "kid": "x"}),
    ],
)
async def test_what_is_not_proven_or_over_is_refused(scene: Scene, token: str) -> None:
    message = f"ERROR_AUTHENTICATE_FAILURE: Authenticate failure. (message = {INVALID})"
    assert await scene.refused(token) == message


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("a.b.c", "Cannot decode token."),
        (_unsigned([], {"alg": "RS256"}), "Cannot decode token."),
        (_unsigned({"did": "x" * TOKEN_LIMIT}, {"alg": "RS256"}), "Cannot decode token."),
        (SIGNER.token(did=None), "Empty domain_id provided."),
        (SIGNER.token(did=""), "Empty domain_id provided."),
        (SIGNER.token(did=5), "Empty domain_id provided."),
    ],
)
async def test_what_cannot_be_read_is_told(scene: Scene, token: str, reason: str) -> None:
    assert (
        await scene.refused(token)
        == f"ERROR_AUTHENTICATE_FAILURE: Authenticate failure. (message = {reason})"
    )


async def test_a_service_may_change_its_key(scene: Scene) -> None:
    await scene.identity.find(SIGNER.token(), "Event.list")
    scene.file.write_bytes(OTHER.jwk)
    # It was read just now: whoever comes with other tokens does not make it be read again at once.
    assert INVALID in await scene.refused(OTHER.token())
    scene.now += AGAIN_SECONDS
    principal, _ = await scene.identity.find(OTHER.token(), "Event.list")
    assert principal.name == "ann"
    assert INVALID in await scene.refused(SIGNER.token())


def test_tokens_are_told_apart_by_their_shape() -> None:
    assert is_jwt(SIGNER.token())
    assert not is_jwt("tocsin_abc")
    assert not is_jwt("0" * 32)
