"""Who may do what: the one place that decides it."""

from enum import StrEnum
from typing import Final

import msgspec

from tocsin.model.role import Permission, Role
from tocsin.model.source import Source
from tocsin.model.view import View


class Action(StrEnum):
    """What can be asked of Tocsin.

    Attributes:
        SEND: post events.
        READ: see events, alerts and what is made of them.
        OVERSEE: see what belongs to the whole domain: its routes and targets.
        ACT: work on alerts: acknowledge, resolve, note.
        SILENCE: make and end silences.
        CONFIGURE: change anything else.
        GOVERN: change users and roles: who may do what.
        OWN: work on one's own tokens and password.
        SAVE: save views, for oneself or for all.
        IDENTIFY: ask who one is, and log out.
    """

    SEND = "send"
    READ = "read"
    OVERSEE = "oversee"
    ACT = "act"
    SILENCE = "silence"
    CONFIGURE = "configure"
    GOVERN = "govern"
    OWN = "own"
    SAVE = "save"
    IDENTIFY = "identify"


SCOPES: Final = (Action.SEND, Action.READ, Action.ACT, Action.SILENCE, Action.CONFIGURE)
"""What a token can be limited to."""


class Principal(msgspec.Struct, frozen=True):
    """Who is speaking: a user by a token or session, or a source by its key. All it sees is of its domain.

    Attributes:
        name: for the record: the user's name, or the source's.
        source: the source whose key was shown; None for a user.
        account_id: the user's id; '' for a source.
        role: the user's; None lets them do nothing.
        scopes: what the token is limited to; empty for all that the role allows.
        token_id: of the token or session; '' for a source.
        is_session: they have logged in.
    """

    domain_id: str
    name: str
    source: Source | None = None
    account_id: str = ""
    role: Role | None = None
    scopes: tuple[Action, ...] = ()
    token_id: str = ""
    is_session: bool = False


_OF_A_SOURCE: Final = frozenset({Action.SEND})
_NEEDS: Final = {
    Action.SEND: frozenset({Permission.ACTIONALL, Permission.ADMINACCESS}),
    Action.READ: frozenset({Permission.VIEWALL, Permission.VIEWSOME}),
    Action.OVERSEE: frozenset({Permission.VIEWALL}),
    Action.ACT: frozenset({Permission.ACTIONALL, Permission.ACTIONSOME}),
    Action.SILENCE: frozenset({Permission.DOWNTIMEALL, Permission.DOWNTIMESOME}),
    Action.CONFIGURE: frozenset({Permission.ADMINACCESS}),
    Action.GOVERN: frozenset({Permission.ADMINACCESS}),
    Action.SAVE: frozenset({Permission.VIEWALL, Permission.VIEWSOME}),
}
"""Of which permissions a role needs one."""
_DEEDS: Final = {
    Action.OVERSEE: "see what belongs to the whole domain",
    Action.GOVERN: "change users and roles",
    Action.OWN: "change their own tokens and password",
    Action.SAVE: "save views",
}
"""What an action is called to people, where that is not its name."""
_EVERYWHERE: Final = {
    Action.READ: Permission.VIEWALL,
    Action.ACT: Permission.ACTIONALL,
    Action.SILENCE: Permission.DOWNTIMEALL,
}
"""The permission that an action needs to go beyond the role's scope."""


def may(principal: Principal, action: Action) -> bool:
    """Say whether someone may do something in their own domain, on what `scope_of` says.

    A source can only send. A user may what their role allows, and their token does not keep from them.
    """
    if principal.source is not None:
        return action in _OF_A_SOURCE
    if action is Action.IDENTIFY:
        return True
    if action is Action.OWN:
        return not _is_kept_back(principal, action)
    if principal.role is None or _is_kept_back(principal, action):
        return False
    return not _NEEDS[action].isdisjoint(principal.role.permissions)


def why_not(principal: Principal, action: Action) -> str:
    """Say in plain words why someone may not do something."""
    deed = _DEEDS.get(action, action)
    if principal.source is not None:
        return f"{principal.name} may not {deed}: a source's key can only send"
    if _is_kept_back(principal, action):
        return f"this token may not {deed}: it is limited to {', '.join(principal.scopes)}"
    if principal.role is None:
        return f"{principal.name} may not {deed}: they have no role"
    wanted = " or ".join(sorted(_NEEDS[action]))
    return f"{principal.name} may not {deed}: the role {principal.role.name} has no {wanted}"


def scope_of(principal: Principal, action: Action) -> str:
    """Give the expression that says on what someone may do something; '' for everything in the domain.

    Nobody acts on what they cannot see: where they see some only, they act on no more.

    Args:
        principal: who may do it.
        action: to read, act or silence.
    """
    role = principal.role
    if role is None:
        return ""
    held = frozenset(role.permissions)
    sees_some = Permission.VIEWSOME in held and Permission.VIEWALL not in held
    return role.scope if sees_some or _EVERYWHERE[action] not in held else ""


def may_change(principal: Principal, view: View) -> bool:
    """Say whether someone who may save views may change or delete this one, which they see.

    A private view is seen by its owner alone. What is shared is its owner's too, and that of those who
    configure the domain.
    """
    return view.owner_id == principal.account_id or may(principal, Action.CONFIGURE)


def _is_kept_back(principal: Principal, action: Action) -> bool:
    """Say whether a token is limited to other things. What it may read it may oversee.

    No scope covers one's own tokens, users and roles: by them a limited token could get what it has not. None
    covers views either: they are a person's.
    """
    scope = Action.READ if action is Action.OVERSEE else action
    return bool(principal.scopes) and scope not in principal.scopes
