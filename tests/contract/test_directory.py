"""Domains, projects, sources, users and tokens: made, found, refused, and never seen from another domain."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, text, update

from tests.contract.scene import NOON, new_source
from tocsin.model.account import SESSION_TIMES, TOKEN
from tocsin.model.source import SourceOptions
from tocsin.store import accounts, configuration, directory, tables
from tocsin.store.database import Database
from tocsin.store.digest import digest
from tocsin.store.errors import Conflict, NotFound

pytestmark = pytest.mark.anyio


async def make_domain(database: Database, domain_id: str) -> None:
    await database.write(lambda c: directory.create_domain(c, f"{domain_id} Ltd", NOON, identifier=domain_id))


async def version(database: Database) -> int:
    return await database.read(configuration.version)


async def test_a_domain_comes_with_its_project_and_its_first_numbers(database: Database) -> None:
    await make_domain(database, "acme")
    (domain,) = await database.read(directory.domains)
    assert (domain.id, domain.name, domain.created_at) == ("acme", "acme Ltd", NOON)
    (project,) = await database.read(lambda c: directory.projects(c, "acme"))
    assert (project.name, project.domain_id) == ("default", "acme")
    assert project.id.startswith("project-")


async def test_the_default_domain_has_a_project_with_the_id_default(database: Database) -> None:
    await make_domain(database, "default")
    project = await database.read(lambda c: directory.find_project(c, "default", "default"))
    assert (project.id, project.name) == ("default", "default")


async def test_an_id_is_made_where_none_is_given(database: Database) -> None:
    domain = await database.write(lambda c: directory.create_domain(c, "acme", NOON))
    assert domain.id.startswith("domain-")
    assert await database.read(directory.domains) == [domain]


async def test_domains_come_the_oldest_first(database: Database) -> None:
    for place, name in enumerate(("zebra", "ant", "mule")):
        await database.write(partial(directory.create_domain, name=name, now=NOON + place, identifier=name))
    assert [domain.id for domain in await database.read(directory.domains)] == ["zebra", "ant", "mule"]


async def test_projects_are_found_by_id_and_by_name(database: Database) -> None:
    await make_domain(database, "acme")
    made = await database.write(lambda c: directory.create_project(c, "acme", "Ünïcode 🚨", NOON + 1))
    for name_or_id in (made.id, made.name):
        assert (
            await database.read(partial(directory.find_project, domain_id="acme", name_or_id=name_or_id))
            == made
        )
    assert [p.name for p in await database.read(lambda c: directory.projects(c, "acme"))] == [
        "default",
        "Ünïcode 🚨",
    ]


async def test_a_name_that_equals_an_id_never_hides_what_has_the_id(database: Database) -> None:
    first = await new_source(database, "acme", "nagios")
    second = await new_source(database, "acme", "zabbix")
    spoofing = replace(first, name=second.id)
    await database.write(lambda c: directory.change_source(c, spoofing))
    assert await database.read(lambda c: directory.find_source(c, "acme", second.id)) == second
    project = await database.write(lambda c: directory.create_project(c, "acme", "b", NOON + 2))
    await database.write(lambda c: directory.create_project(c, "acme", project.id, NOON + 1))
    assert await database.read(lambda c: directory.find_project(c, "acme", project.id)) == project
    await database.write(lambda c: directory.create_domain(c, "acme", NOON - 1, identifier="umbrella"))
    assert (await database.read(lambda c: directory.find_domain(c, "acme"))).id == "acme"
    assert (await database.read(lambda c: directory.find_domain(c, "umbrella"))).name == "acme"


async def test_a_source_is_kept_whole(database: Database) -> None:
    options = SourceOptions(
        warning_opens=False, source_time=True, identity=("host", "labels.x"), rate_limit=7
    )
    made = await new_source(database, "acme", "nagios", options=options)
    assert made.options == options
    assert len(bytes.fromhex(made.access_key)) == 16
    for name_or_id in (made.id, made.name):
        assert (
            await database.read(partial(directory.find_source, domain_id="acme", name_or_id=name_or_id))
            == made
        )
    assert await database.read(lambda c: directory.sources(c, "acme")) == [made]


async def test_a_source_is_changed(database: Database) -> None:
    made = await new_source(database, "acme", "nagios")
    changed = replace(
        made, name="icinga", format="victorops", enabled=False, options=SourceOptions(rate_limit=3)
    )
    await database.write(lambda c: directory.change_source(c, changed))
    assert await database.read(lambda c: directory.sources(c, "acme")) == [changed]


async def test_a_source_is_deleted(database: Database) -> None:
    made, other = await new_source(database, "acme", "nagios"), await new_source(database, "acme", "icinga")
    await database.write(lambda c: directory.delete_source(c, made))
    assert await database.read(lambda c: directory.sources(c, "acme")) == [other]


async def test_a_user_is_found_by_name(database: Database) -> None:
    await make_domain(database, "acme")
    made = await database.write(
        lambda c: accounts.create_account(c, "acme", "ann@acme", "hash", NOON, role_id="")
    )
    assert made.id.startswith("user-")
    assert await database.read(lambda c: accounts.find_account(c, "ann@acme")) == made
    assert await database.read(lambda c: accounts.accounts(c, "acme")) == [made]
    with pytest.raises(NotFound):
        await database.read(lambda c: accounts.find_account(c, "bob"))


async def test_a_token_is_listed_without_its_secret_and_found_by_its_hash(database: Database) -> None:
    await make_domain(database, "acme")
    ann = await database.write(lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=""))
    token, secret = await database.write(
        lambda c: accounts.create_token(c, ann, "laptop", NOON, expires_at=NOON + 5)
    )
    assert (token.name, token.account_id, token.expires_at) == ("laptop", ann.id, NOON + 5)
    assert secret.startswith("tocsin_")
    assert await database.read(lambda c: accounts.tokens(c, "acme")) == [token]

    known = await database.read(directory.snapshot)
    assert set(known.tokens) == {digest(secret)}
    held, account = known.tokens[digest(secret)]
    assert held == token
    assert (account.id, account.name, account.domain_id) == (ann.id, "ann", "acme")


async def test_a_user_has_no_more_tokens_than_one_may_and_ends_the_oldest_session(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST_TOKENS", 2)
    ann = await database.write(lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=""))

    async def make(name: str, at: int, kind: str = TOKEN) -> None:
        await database.write(lambda c: accounts.create_token(c, ann, name, at, kind=kind))

    for number in range(2):
        await make(f"token {number}", NOON + number)
    with pytest.raises(Conflict, match="2 tokens"):
        await make("one more", NOON + 2)
    (kind, *_) = SESSION_TIMES
    for number in range(3):
        await make(f"session {number}", NOON + number, kind)
    statement = select(tables.token.c.name).order_by(tables.token.c.name)
    names = await database.read(lambda c: c.execute(statement).scalars().all())
    assert names == ["session 1", "session 2", "token 0", "token 1"]


async def test_a_revoked_token_is_gone(database: Database) -> None:
    await make_domain(database, "acme")
    ann = await database.write(lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=""))
    token, _ = await database.write(lambda c: accounts.create_token(c, ann, "laptop", NOON))
    await database.write(lambda c: accounts.delete_token(c, "acme", token.id))
    assert (await database.read(directory.snapshot)).tokens == {}
    with pytest.raises(NotFound):
        await database.write(lambda c: accounts.delete_token(c, "acme", token.id))


async def test_the_snapshot_holds_the_sources_of_all_domains_by_the_hash_of_their_key(
    database: Database,
) -> None:
    made = [await new_source(database, "acme"), await new_source(database, "umbrella")]
    known = await database.read(directory.snapshot)
    assert known.sources == {digest(source.access_key): source for source in made}
    assert known.version == await version(database)


Change = Callable[[Connection], Any]

TAKEN: dict[str, tuple[Change, Change]] = {
    "the id of a domain": (
        lambda c: directory.create_domain(c, "one", NOON, identifier="same"),
        lambda c: directory.create_domain(c, "two", NOON, identifier="same"),
    ),
    "the id of a project, in another domain": (
        lambda c: directory.create_project(c, "acme", "one", NOON, identifier="same"),
        lambda c: directory.create_project(c, "umbrella", "two", NOON, identifier="same"),
    ),
    "the name of a project": (
        lambda c: directory.create_project(c, "acme", "same", NOON),
        lambda c: directory.create_project(c, "acme", "same", NOON),
    ),
    "the name of a source, in its project": (
        lambda c: directory.create_source(
            c, domain_id="acme", project_id="p", name="same", source_format="auto", now=NOON
        ),
        lambda c: directory.create_source(
            c, domain_id="acme", project_id="p", name="same", source_format="nrdp", now=NOON
        ),
    ),
    "the name of a user, in another domain": (
        lambda c: accounts.create_account(c, "acme", "same", "hash", NOON, role_id=""),
        lambda c: accounts.create_account(c, "umbrella", "same", "hash", NOON, role_id=""),
    ),
}


@pytest.mark.parametrize("what", TAKEN)
async def test_what_is_taken_is_refused_and_changes_nothing(database: Database, what: str) -> None:
    await make_domain(database, "acme")
    await make_domain(database, "umbrella")
    first, second = TAKEN[what]
    await database.write(first)
    before = await version(database)
    with pytest.raises(Conflict):
        await database.write(second)
    assert await version(database) == before


async def test_the_name_of_a_source_is_refused_when_another_is_renamed_to_it(database: Database) -> None:
    first, second = await new_source(database, "acme", "one"), await new_source(database, "acme", "two")
    with pytest.raises(Conflict, match="named one"):
        await database.write(lambda c: directory.change_source(c, replace(second, name="one")))
    names = {source.id: source.name for source in await database.read(lambda c: directory.sources(c, "acme"))}
    assert names == {first.id: "one", second.id: "two"}


async def test_names_may_be_the_same_in_two_domains(database: Database) -> None:
    one, two = await new_source(database, "acme", "same"), await new_source(database, "umbrella", "same")
    assert one.id != two.id
    assert one.access_key != two.access_key


async def test_what_belongs_to_another_domain_is_not_found(database: Database) -> None:
    source = await new_source(database, "acme")
    await make_domain(database, "umbrella")
    ann = await database.write(lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=""))
    token, _ = await database.write(lambda c: accounts.create_token(c, ann, "laptop", NOON))

    for name_or_id in (source.id, source.name):
        with pytest.raises(NotFound):
            await database.read(partial(directory.find_source, domain_id="umbrella", name_or_id=name_or_id))
    with pytest.raises(NotFound):
        await database.read(lambda c: directory.find_project(c, "umbrella", source.project_id))
    with pytest.raises(NotFound):
        await database.write(lambda c: accounts.delete_token(c, "umbrella", token.id))
    foreign = replace(source, domain_id="umbrella", name="stolen")
    await database.write(lambda c: directory.change_source(c, foreign))
    await database.write(lambda c: directory.delete_source(c, foreign))

    assert await database.read(lambda c: directory.sources(c, "umbrella")) == []
    assert await database.read(lambda c: accounts.accounts(c, "umbrella")) == []
    assert await database.read(lambda c: accounts.tokens(c, "umbrella")) == []
    assert await database.read(lambda c: directory.sources(c, "acme")) == [source]
    assert await database.read(lambda c: accounts.tokens(c, "acme")) == [token]


async def test_every_change_that_nodes_must_notice_moves_the_version(database: Database) -> None:
    versions = [await version(database)]

    async def change(work: Change) -> Any:
        made = await database.write(work)
        versions.append(await version(database))
        return made

    await change(lambda c: directory.create_domain(c, "acme", NOON, identifier="acme"))
    await change(lambda c: directory.create_project(c, "acme", "web", NOON))
    source = await change(
        lambda c: directory.create_source(
            c, domain_id="acme", project_id="p", name="probe", source_format="auto", now=NOON
        )
    )
    await change(lambda c: directory.change_source(c, replace(source, enabled=False)))
    await change(lambda c: directory.delete_source(c, source))
    ann = await database.write(lambda c: accounts.create_account(c, "acme", "ann", "hash", NOON, role_id=""))
    token, _ = await change(lambda c: accounts.create_token(c, ann, "laptop", NOON))
    await change(lambda c: accounts.delete_token(c, "acme", token.id))
    assert versions == sorted(set(versions))


async def test_a_probe_writes_and_leaves_nothing_behind(database: Database) -> None:
    await make_domain(database, "acme")
    before = await version(database)
    log = Path(f"{database.url.database}-wal")

    async def written() -> object:
        """Give SQLite's log as it stands, or the place where PostgreSQL's ends."""
        if database.is_sqlite:
            return await asyncio.to_thread(log.read_bytes)
        place = text("select pg_current_wal_insert_lsn()::text")
        return await database.read(lambda c: c.execute(place).scalar_one())

    earlier = await written()
    await database.write(configuration.probe)
    assert await written() != earlier
    assert await version(database) == before
    rows = await database.read(lambda c: c.execute(tables.configuration.select()).all())
    assert [row.id for row in rows] == [1]


async def test_the_version_is_that_of_the_configuration_alone(database: Database) -> None:
    await make_domain(database, "acme")
    before = await version(database)
    await database.write(lambda c: c.execute(insert(tables.configuration).values(id=0, version=99)))
    assert await version(database) == before


async def test_options_of_a_newer_version_are_passed_over(database: Database) -> None:
    source = await new_source(database, "acme", options=SourceOptions(rate_limit=7))
    stored = '{"rate_limit":7,"from_tomorrow":[1]}'
    await database.write(lambda c: c.execute(update(tables.source).values(options=stored)))
    assert await database.read(lambda c: directory.sources(c, "acme")) == [source]
    found = await database.read(directory.snapshot)
    assert list(found.sources.values()) == [source]
