"""Who may do what: the one place that decides it."""

from enum import StrEnum
from typing import Final

import msgspec

from tocsin.model.source import Source


class Action(StrEnum):
    """What can be asked of Tocsin."""

    SEND = "send"
    READ = "read"
    ACT = "act"
    CONFIGURE = "configure"


class Principal(msgspec.Struct, frozen=True):
    """Who is speaking: a user by a token, or a source by its key. All that it sees is of its domain.

    Attributes:
        name: for the record: the user's name, or the source's.
        source: the source whose key was shown; None for a user.
    """

    domain_id: str
    name: str
    source: Source | None = None


_OF_A_SOURCE: Final = frozenset({Action.SEND})


def may(principal: Principal, action: Action) -> bool:
    """Say whether someone may do something in their own domain. A source can only send."""
    return principal.source is None or action in _OF_A_SOURCE
