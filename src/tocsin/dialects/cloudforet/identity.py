"""Tokens of an identity service of Cloudforet: JWTs, signed with RS256, that say who asks and what for.

Cloudforet's own services ask the identity service what a user's role allows. Tocsin goes by the token, and by
the user of the same name that Tocsin itself may have in that domain.
"""

import re
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tocsin.dialects.cloudforet.errors import CloudforetError, authenticate_failure, permission_denied
from tocsin.dialects.cloudforet.public_keys import PublicKeys
from tocsin.model.access import Principal
from tocsin.model.role import ADMINISTRATOR, FIRST_ROLES, VIEWER, Role

TOKEN_LIMIT: Final = 16 * 1024
_ALGORITHM: Final = "RS256"
_SHAPE: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_REFRESH: Final = "REFRESH_TOKEN"
_OWNERS: Final = frozenset({"DOMAIN_OWNER", "DOMAIN_ADMIN"})
_CONFIGURES: Final = "monitoring.Webhook.update"
_VERBS_OF_READING: Final = frozenset({"get", "list", "stat"})

Text = Annotated[str, msgspec.Meta(max_length=255)]


class Claims(msgspec.Struct, frozen=True):
    """What a token says.

    Attributes:
        did: the domain.
        exp: when it ends, seconds UTC.
        aud: the user.
        nbf: from when on it holds, seconds UTC.
        cat: what kind of token it is (1.x).
        typ: the same (2.x).
        user_type: DOMAIN_OWNER, USER ... (1.x).
        rol: DOMAIN_ADMIN, WORKSPACE_OWNER ... (2.x).
        permissions: patterns of methods that it is for; None for all that its user may.
        projects: ids of the projects that it is for; None for all.
        jti: its id.
    """

    did: Text
    exp: float
    aud: Text | list[Text] = ""
    nbf: float = 0
    cat: str = ""
    typ: str = ""
    user_type: str = ""
    rol: str = ""
    permissions: list[Text] | None = None
    projects: list[Text] | None = None
    jti: Text = ""

    @property
    def user(self) -> str:
        """The user's name."""
        return self.aud if isinstance(self.aud, str) else "".join(self.aud[:1])


def is_jwt(token: str) -> bool:
    """Say whether a token looks like a JWT."""
    return _SHAPE.fullmatch(token) is not None


class Identity:
    """Finds out who shows a token of an identity service.

    Args:
        keys: of the services.
        role_of: gives the role of a domain's user, by the domain's id and the user's name; None where there
            is no such user.
        clock: gives seconds UTC.
    """

    def __init__(
        self,
        keys: PublicKeys,
        role_of: Callable[[str, str], Role | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._role_of = role_of
        self._clock = clock

    async def find(self, token: str, method: str) -> tuple[Principal, tuple[str, ...] | None]:
        """Find who shows a token, and make sure that it is for a method.

        Args:
            token: as it was shown.
            method: resource and verb: `Event.list`.

        Returns:
            Who it is, and the ids of the only projects whose things they see; None for all.

        Raises:
            CloudforetError: it is no token of a service that is known here, it has expired, or it is not for
                that method.
        """
        claims = await self._verified(token)
        permission = f"monitoring.{method}"
        if claims.permissions is not None and not allows(claims.permissions, permission):
            raise permission_denied()
        role = self._role(claims, permission)
        if role is None:
            raise permission_denied()
        projects = None if claims.projects is None else tuple(claims.projects)
        return Principal(claims.did, claims.user, role=role, token_id=claims.jti), projects

    async def _verified(self, token: str) -> Claims:
        claimed = _decoded(token)
        domain_id = claimed.get("did")
        if not isinstance(domain_id, str) or not domain_id:
            raise authenticate_failure("Empty domain_id provided.")
        keys = await self._keys.of(domain_id)
        proven = _proven(token, keys)
        if proven is None and await self._keys.read_again(domain_id):
            proven = _proven(token, await self._keys.of(domain_id))
        try:
            claims = msgspec.convert(proven, Claims)
        except msgspec.ValidationError:
            raise _invalid() from None
        now = self._clock()
        if not claims.nbf <= now < claims.exp or _REFRESH in (claims.cat, claims.typ):
            raise _invalid()
        return claims

    def _role(self, claims: Claims, permission: str) -> Role | None:
        """Give what a token that is for a method lets its user do; None for nothing."""
        permissions = claims.permissions
        if permissions is not None:
            reads = permission.rpartition(".")[2] in _VERBS_OF_READING
            changes = not reads or allows(permissions, _CONFIGURES)
            return _role(claims, ADMINISTRATOR if changes else VIEWER)
        if {claims.user_type, claims.rol} & _OWNERS:
            return _role(claims, ADMINISTRATOR)
        return self._role_of(claims.did, claims.user)


def allows(patterns: list[str], permission: str) -> bool:
    """Say whether patterns of a token allow a method.

    Args:
        patterns: `monitoring.Event.*` (1.x), or the beginning of `monitoring:Event.read` (2.x).
        permission: `monitoring.Event.list`.
    """
    service, resource, verb = permission.split(".")
    kind = "read" if verb in _VERBS_OF_READING else "write"
    newer = f"{service}:{resource}.{kind}"
    return any(
        newer.startswith(each) if ":" in each else fnmatchcase(permission, each) for each in patterns if each
    )


def _role(claims: Claims, name: str) -> Role:
    return Role("", claims.did, name, FIRST_ROLES[name], "", 0)


def _decoded(token: str) -> Mapping[str, Any]:
    """Read what a token claims, proven or not."""
    if len(token) > TOKEN_LIMIT:
        raise authenticate_failure("Cannot decode token.")
    try:
        payload = jws.extract_compact(token.encode()).payload
        document = msgspec.json.decode(payload)
    except (JoseError, msgspec.DecodeError, UnicodeError, ValueError, RecursionError):
        raise authenticate_failure("Cannot decode token.") from None
    if not isinstance(document, dict):
        raise authenticate_failure("Cannot decode token.")
    return document


def _proven(token: str, keys: KeySet | None) -> Mapping[str, Any] | None:
    """Give what a token says if one of some keys signed it; None where none did."""
    if keys is None:
        return None
    for key in keys.keys:
        try:
            return jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            continue
    return None


def _invalid() -> CloudforetError:
    return authenticate_failure("Token is invalid or expired.")
