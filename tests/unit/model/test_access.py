"""Who may do what, and on what."""

import pytest
from msgspec.structs import replace

from tocsin.model.access import SCOPES, Action, Principal, may, scope_of, why_not
from tocsin.model.role import FIRST_ROLES, Permission, Role
from tocsin.model.source import Source, SourceOptions

SCOPE = "project:shop"
SOURCE = Source("source-1", "main", "default", "probe", "auto", True, "0" * 32, SourceOptions(), 0)
ANN = Principal("main", "ann", account_id="user-1")


def with_role(*permissions: Permission, scope: str = SCOPE) -> Principal:
    return replace(ANN, role=Role("role-1", "main", "some", permissions, scope, 0))


def allowed(principal: Principal) -> set[Action]:
    return {action for action in Action if may(principal, action)}


OF_EVERY_USER = {Action.OWN, Action.IDENTIFY}


@pytest.mark.parametrize(
    ("permission", "actions"),
    [
        (Permission.VIEWALL, {Action.READ, Action.OVERSEE, Action.SAVE}),
        (Permission.VIEWSOME, {Action.READ, Action.SAVE}),
        (Permission.ACTIONALL, {Action.ACT, Action.SEND}),
        (Permission.ACTIONSOME, {Action.ACT}),
        (Permission.DOWNTIMEALL, {Action.SILENCE}),
        (Permission.DOWNTIMESOME, {Action.SILENCE}),
        (Permission.ADMINACCESS, {Action.CONFIGURE, Action.GOVERN, Action.SEND}),
    ],
)
def test_a_permission_allows_its_actions_and_no_other(permission: Permission, actions: set[Action]) -> None:
    assert allowed(with_role(permission)) == actions | OF_EVERY_USER


def test_a_user_without_a_role_has_only_what_is_their_own() -> None:
    assert allowed(ANN) == OF_EVERY_USER
    assert why_not(ANN, Action.READ) == "ann may not read: they have no role"


def test_a_source_can_only_send() -> None:
    probe = Principal("main", "probe", SOURCE)
    assert allowed(probe) == {Action.SEND}
    assert why_not(probe, Action.READ) == "probe may not read: a source's key can only send"


def test_the_first_roles_allow_what_their_names_say() -> None:
    roles = {name: allowed(with_role(*permissions)) for name, permissions in FIRST_ROLES.items()}
    assert roles["administrator"] == set(Action)
    assert roles["operator"] == set(Action) - {Action.CONFIGURE, Action.GOVERN}
    assert roles["viewer"] == {Action.READ, Action.OVERSEE, Action.SAVE} | OF_EVERY_USER


def test_a_limited_token_cannot_get_what_it_has_not() -> None:
    limited = replace(with_role(*FIRST_ROLES["administrator"]), scopes=SCOPES)
    assert set(Action) - allowed(limited) == {Action.OWN, Action.GOVERN, Action.SAVE}
    configuring = replace(limited, scopes=(Action.CONFIGURE,))
    refused = "this token may not change users and roles: it is limited to configure"
    assert why_not(configuring, Action.GOVERN) == refused


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_never_exceeds_its_role_nor_its_scopes(scope: Action) -> None:
    administrator = replace(with_role(*FIRST_ROLES["administrator"]), scopes=(scope,))
    overseeing = {Action.OVERSEE} if scope is Action.READ else set()
    assert allowed(administrator) == {scope, Action.IDENTIFY} | overseeing
    viewer = replace(with_role(Permission.VIEWALL), scopes=(scope,))
    assert allowed(viewer) == {scope, Action.IDENTIFY} & {Action.READ, Action.IDENTIFY} | overseeing
    other = next(action for action in SCOPES if action is not scope)
    assert why_not(administrator, other) == f"this token may not {other}: it is limited to {scope}"


def test_a_role_that_lacks_a_permission_is_told_which() -> None:
    assert why_not(with_role(Permission.VIEWALL), Action.ACT) == (
        "ann may not act: the role some has no ACTIONALL or ACTIONSOME"
    )


@pytest.mark.parametrize(
    ("permissions", "action", "scope"),
    [
        ([Permission.VIEWALL], Action.READ, ""),
        ([Permission.VIEWSOME], Action.READ, SCOPE),
        ([Permission.VIEWALL, Permission.VIEWSOME], Action.READ, ""),
        ([Permission.VIEWALL, Permission.ACTIONALL], Action.ACT, ""),
        ([Permission.VIEWALL, Permission.ACTIONSOME], Action.ACT, SCOPE),
        ([Permission.VIEWALL, Permission.ACTIONSOME], Action.READ, ""),
        ([Permission.VIEWALL, Permission.DOWNTIMESOME], Action.SILENCE, SCOPE),
        ([Permission.VIEWALL, Permission.DOWNTIMEALL], Action.SILENCE, ""),
        # What they cannot see they cannot touch.
        ([Permission.VIEWSOME, Permission.ACTIONALL], Action.ACT, SCOPE),
        ([Permission.VIEWSOME, Permission.DOWNTIMEALL], Action.SILENCE, SCOPE),
        ([Permission.ACTIONALL], Action.ACT, ""),
    ],
)
def test_what_ends_in_some_holds_within_the_scope(
    permissions: list[Permission], action: Action, scope: str
) -> None:
    assert scope_of(with_role(*permissions), action) == scope
