"""Domains, projects, users and tokens. Times are microseconds UTC, 0 for never."""

import msgspec


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
    """A user. Names are unique over all domains."""

    id: str
    domain_id: str
    name: str
    created_at: int


class Token(msgspec.Struct, frozen=True):
    """A bearer token of a user, as it is listed: its secret is known to the user alone.

    Attributes:
        account_id: whose it is.
        name: what it is for.
        expires_at: when it ends; 0 for never.
    """

    id: str
    domain_id: str
    account_id: str
    name: str
    created_at: int
    expires_at: int
