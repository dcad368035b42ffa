"""A role: what its users may do, and on what."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec


class Permission(StrEnum):
    """What a role can allow, in the words of Opsview. Those that end in SOME hold within the role's scope."""

    VIEWALL = "VIEWALL"
    VIEWSOME = "VIEWSOME"
    ACTIONALL = "ACTIONALL"
    ACTIONSOME = "ACTIONSOME"
    DOWNTIMEALL = "DOWNTIMEALL"
    DOWNTIMESOME = "DOWNTIMESOME"
    ADMINACCESS = "ADMINACCESS"


class Role(msgspec.Struct, frozen=True):
    """What users may do.

    Attributes:
        id: 'role-' and 12 hex digits, unique over all domains.
        permissions: in the order of their kind.
        scope: an expression that events and alerts share, which says on what the permissions that end in SOME
            hold; '' where the role has none of them.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    name: str
    permissions: tuple[Permission, ...]
    scope: str
    created_at: int


ADMINISTRATOR: Final = "administrator"
VIEWER: Final = "viewer"
FIRST_ROLES: Final = {
    ADMINISTRATOR: (
        Permission.VIEWALL,
        Permission.ACTIONALL,
        Permission.DOWNTIMEALL,
        Permission.ADMINACCESS,
    ),
    "operator": (Permission.VIEWALL, Permission.ACTIONALL, Permission.DOWNTIMEALL),
    VIEWER: (Permission.VIEWALL,),
}
"""The roles that every domain has from its making."""
LIMITED: Final = frozenset({Permission.VIEWSOME, Permission.ACTIONSOME, Permission.DOWNTIMESOME})
"""What holds within the scope only."""


def in_order(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """Give permissions in the order of their kind, each once."""
    given = set(permissions)
    return tuple(each for each in Permission if each in given)
