"""Domains, projects, users and tokens. Times are microseconds UTC, 0 for never."""

from typing import Final

import msgspec

from tocsin.model.access import Action

TOKEN: Final = "token"  # noqa: S105 - a kind, no secret
SESSION: Final = "session"
PROVIDER_SESSION: Final = "provider_session"
"""A session that an identity provider vouched for."""
BRIEF_SESSION: Final = "brief_session"
_HALF_A_DAY: Final = 12 * 3_600_000_000
SESSION_TIMES: Final = {SESSION: _HALF_A_DAY, PROVIDER_SESSION: _HALF_A_DAY, BRIEF_SESSION: 67 * 60_000_000}
"""How long a session of each kind lasts without being used, microseconds.

A use can be noted by a twelfth of that and a minute too late: of a brief session an hour is sure.
"""


class Domain(msgspec.Struct, frozen=True):
    """A tenant: everything belongs to one."""

    id: str
    name: str
    created_at: int


class Project(msgspec.Struct, frozen=True):
    """A part of a domain."""

    id: str
    domain_id: str
    name: str
    created_at: int


class Account(msgspec.Struct, frozen=True):
    """A user. Names are unique over all domains.

    Attributes:
        role_id: what they may do; '' for nothing.
        disabled: they cannot log in, and their tokens are refused.
    """

    id: str
    domain_id: str
    name: str
    created_at: int
    role_id: str = ""
    disabled: bool = False


class Person(msgspec.Struct, frozen=True):
    """Somebody whom an identity provider vouches for.

    Attributes:
        issuer: the provider.
        subject: who they are there; it never changes and is nobody else's.
        name: what they are called there.
        groups: which they are in there, as far as that was asked for.
    """

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...] = ()


class Token(msgspec.Struct, frozen=True):
    """A bearer token of a user, or their session, as it is listed: its secret is known to the user alone.

    Attributes:
        account_id: whose it is.
        name: what it is for.
        expires_at: when it ends; 0 for never.
        kind: token, or a kind of session.
        scopes: what it is limited to; empty for all that its user may do.
        used_at: when it was shown last, to within a minute.
    """

    id: str
    domain_id: str
    account_id: str
    name: str
    created_at: int
    expires_at: int
    kind: str = TOKEN
    scopes: tuple[Action, ...] = ()
    used_at: int = 0
