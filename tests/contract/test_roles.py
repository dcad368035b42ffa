"""Roles and accounts, on both stores."""

import asyncio

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.contract.scene import NOON
from tocsin.model.account import SESSION, SESSION_TIMES, Account
from tocsin.model.role import FIRST_ROLES, Permission, Role
from tocsin.store import accounts, configuration, directory, roles
from tocsin.store.database import Database, open_database
from tocsin.store.errors import Conflict, NotFound

pytestmark = pytest.mark.anyio

HOUR = 3_600_000_000


def domain(connection: Connection, name: str) -> Role:
    directory.create_domain(connection, name, NOON, identifier=name)
    return roles.create_first(connection, name, NOON)


@pytest.fixture
async def administrator(database: Database) -> Role:
    """Make a domain with its roles."""
    return await database.write(lambda c: domain(c, "acme"))


@pytest.fixture
async def ann(database: Database, administrator: Role) -> Account:
    """Make its one administrator."""
    return await database.write(
        lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=administrator.id)
    )


async def test_a_domain_has_the_first_roles(database: Database, administrator: Role) -> None:
    found = await database.read(lambda c: roles.roles(c, "acme"))
    assert {role.name: role.permissions for role in found} == FIRST_ROLES
    assert administrator in found
    assert await database.read(lambda c: roles.roles(c, "umbrella")) == []


async def test_a_role_is_made_found_changed_and_deleted(database: Database, ann: Account) -> None:
    made = Role("role-1", "acme", "shop", (Permission.VIEWSOME,), "project:shop", NOON)
    before = await database.read(configuration.version)
    await database.write(lambda c: roles.create_role(c, made))
    for name_or_id in ("role-1", "shop"):
        assert await database.read(lambda c, n=name_or_id: roles.find_role(c, "acme", n)) == made  # type: ignore[misc]
    changed = replace(made, name="web", permissions=(Permission.VIEWALL,), scope="")
    await database.write(lambda c: roles.change_role(c, changed))
    assert await database.read(lambda c: roles.find_role(c, "acme", "web")) == changed
    await database.write(lambda c: roles.delete_role(c, changed))
    with pytest.raises(NotFound, match="there is no role web"):
        await database.read(lambda c: roles.find_role(c, "acme", "web"))
    assert await database.read(configuration.version) == before + 3


async def test_an_id_is_found_before_a_name(database: Database, administrator: Role) -> None:
    named = Role("role-1", "acme", administrator.id, (), "", NOON)
    await database.write(lambda c: roles.create_role(c, named))
    assert await database.read(lambda c: roles.find_role(c, "acme", administrator.id)) == administrator


async def test_names_are_unique_in_a_domain(database: Database, administrator: Role) -> None:
    again = replace(administrator, id="role-1")
    with pytest.raises(Conflict, match="a role named administrator exists already"):
        await database.write(lambda c: roles.create_role(c, again))
    await database.write(lambda c: domain(c, "umbrella"))


async def test_a_role_that_somebody_has_is_not_deleted(
    database: Database, administrator: Role, ann: Account
) -> None:
    with pytest.raises(Conflict, match="the role administrator is that of ann: give them another first"):
        await database.write(lambda c: roles.delete_role(c, administrator))


async def test_a_domain_keeps_an_administrator(database: Database, administrator: Role, ann: Account) -> None:
    viewer = await database.read(lambda c: roles.find_role(c, "acme", "viewer"))
    for attempt in (
        lambda c: accounts.delete_account(c, ann),
        lambda c: accounts.change_account(c, replace(ann, disabled=True)),
        lambda c: accounts.change_account(c, replace(ann, role_id=viewer.id)),
        lambda c: accounts.change_account(c, replace(ann, role_id="")),
        lambda c: roles.change_role(c, replace(administrator, permissions=(Permission.VIEWALL,))),
    ):
        with pytest.raises(Conflict, match="this would leave the domain without an administrator"):
            await database.write(attempt)
    assert await database.read(lambda c: accounts.accounts(c, "acme")) == [ann]
    bob = await database.write(
        lambda c: accounts.create_account(c, "acme", "bob", "", NOON, role_id=administrator.id)
    )
    await database.write(lambda c: accounts.delete_account(c, ann))
    assert await database.read(lambda c: accounts.accounts(c, "acme")) == [bob]


async def test_a_user_is_changed_and_found(database: Database, administrator: Role, ann: Account) -> None:
    bob = await database.write(
        lambda c: accounts.create_account(c, "acme", "bob", "", NOON, role_id=administrator.id)
    )
    changed = replace(bob, name="rob", disabled=True, role_id="role-1")
    await database.write(lambda c: accounts.change_account(c, changed))
    for name_or_id in (bob.id, "rob"):
        assert await database.read(lambda c, n=name_or_id: accounts.account_in(c, "acme", n)) == changed  # type: ignore[misc]
    with pytest.raises(NotFound):
        await database.read(lambda c: accounts.account_in(c, "umbrella", "rob"))
    with pytest.raises(Conflict, match="a user named ann exists already"):
        await database.write(lambda c: accounts.change_account(c, replace(changed, name="ann")))


async def test_a_new_password_ends_sessions_and_keeps_tokens(database: Database, ann: Account) -> None:
    token, _ = await database.write(lambda c: accounts.create_token(c, ann, "laptop", NOON))
    await database.write(lambda c: accounts.create_token(c, ann, "browser", NOON, kind=SESSION))
    known = await database.read(directory.snapshot)
    assert {held.kind for held, _ in known.tokens.values()} == {"token", "session"}
    assert await database.read(lambda c: accounts.tokens(c, "acme")) == [token]
    await database.write(lambda c: accounts.change_password(c, ann, "other"))
    known = await database.read(directory.snapshot)
    assert [held for held, _ in known.tokens.values()] == [token]
    assert await database.read(lambda c: accounts.password_hash(c, ann)) == "other"


async def test_two_administrators_do_not_remove_each_other(
    database: Database, store_url: str, administrator: Role, ann: Account
) -> None:
    bob = await database.write(
        lambda c: accounts.create_account(c, "acme", "bob", "", NOON, role_id=administrator.id)
    )
    other = open_database(store_url)

    async def remove(node: Database, account: Account) -> bool:
        try:
            await node.write(lambda c: accounts.delete_account(c, account))
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(remove(database, ann), remove(other, bob))) == [False, True]
    await other.close()
    assert len(await database.read(lambda c: accounts.accounts(c, "acme"))) == 1


async def test_the_use_of_tokens_is_noted_and_sessions_go_on(database: Database, ann: Account) -> None:
    def make(connection: Connection) -> list[str]:
        return [
            accounts.create_token(connection, ann, name, NOON, kind=kind, expires_at=expires_at)[0].id
            for name, kind, expires_at in (
                ("laptop", "token", 0),
                ("browser", SESSION, NOON + HOUR),
                ("just begun", SESSION, NOON + SESSION_TIMES[SESSION]),
                ("left", SESSION, NOON + HOUR),
            )
        ]

    laptop, browser, begun, left = await database.write(make)
    now = NOON + HOUR - 1
    version = await database.read(configuration.version)
    used = {laptop: now, browser: now, begun: NOON + 1}
    await database.write(lambda c: accounts.note_use(c, used, now))
    assert await database.read(configuration.version) == version + 1

    async def stored(token_id: str) -> tuple[int, int]:
        token = await database.read(lambda c: accounts.find_token(c, "acme", token_id))
        return token.used_at, token.expires_at

    assert await stored(laptop) == (now, 0)
    assert await stored(browser) == (now, now + SESSION_TIMES[SESSION])
    assert await stored(begun) == (NOON + 1, NOON + SESSION_TIMES[SESSION])
    await database.write(lambda c: accounts.note_use(c, {laptop: NOON}, NOON + HOUR))
    assert await stored(laptop) == (now, 0)
    with pytest.raises(NotFound):
        await stored(left)
    assert await database.read(configuration.version) == version + 1
