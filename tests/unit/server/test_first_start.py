"""A new domain: project, source, administrator and token, all working at once."""

import asyncio
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Row, Select, select

from tests.unit.server.in_process import serving
from tocsin.model.audit import Author
from tocsin.server import first_start
from tocsin.server.first_start import create_domain
from tocsin.store import directory, tables
from tocsin.store.database import Database, open_database
from tocsin.store.errors import Conflict

pytestmark = pytest.mark.anyio

ROOT = Author("root", "command line", 1)


async def rows(database: Database, statement: Select[Any]) -> list[Row[Any]]:
    return list(await database.read(lambda connection: connection.execute(statement).all()))


async def password_hash(database: Database, user: str) -> str:
    columns = tables.account.c
    ((kept,),) = await rows(database, select(columns.password_hash).where(columns.name == user))
    return str(kept)


async def test_an_empty_store_gets_a_domain_with_everything(database: Database) -> None:
    made = await database.write(lambda connection: first_start.ensure_default(connection, "correct horse"))
    assert made is not None
    assert (made.domain.id, made.domain.name, made.admin) == ("default", "default", "admin")
    assert (made.source.name, made.source.format, made.source.project_id) == ("first", "auto", "default")
    async with serving(database) as served:
        for credential in (made.token, made.source.access_key):
            answer = await served.client.post(
                "/api/v1/events",
                json={"key": "k", "title": "t"},
                headers={"Authorization": f"Bearer {credential}"},
            )
            assert answer.status_code == 200, answer.text


async def test_a_second_start_makes_nothing(database: Database) -> None:
    first = await database.write(lambda connection: first_start.ensure_default(connection, ""))
    second = await database.write(lambda connection: first_start.ensure_default(connection, "another"))
    assert first is not None
    assert second is None
    domains = await database.read(directory.domains)
    assert [domain.id for domain in domains] == ["default"]
    assert PasswordHasher().verify(await password_hash(database, "admin"), first.password)


async def test_nodes_that_start_at_once_make_one_domain(database: Database, store_url: str) -> None:
    other = open_database(store_url)

    async def start(node: Database) -> bool:
        made = await node.write(lambda connection: first_start.ensure_default(connection, ""))
        return made is not None

    assert sorted(await asyncio.gather(start(database), start(other))) == [False, True]
    await other.close()


async def test_a_password_is_given_or_made_and_kept_hashed(database: Database) -> None:
    given = await database.write(
        lambda c: first_start.create_domain(c, ROOT, name="one", identifier="", admin="ann", password="given")
    )
    made = await database.write(
        lambda c: first_start.create_domain(c, ROOT, name="two", identifier="two", admin="bob")
    )
    assert (given.password, made.domain.id) == ("given", "two")
    assert given.domain.id.startswith("domain-")
    assert len(made.password) >= 16
    for domain in (given, made):
        kept = await password_hash(database, domain.admin)
        assert kept.startswith("$argon2id$")
        assert PasswordHasher().verify(kept, domain.password)


async def test_the_secrets_of_a_domain_stand_nowhere_in_the_store(database: Database) -> None:
    made = await database.write(
        lambda c: first_start.create_domain(
            c, ROOT, name="one", identifier="", admin="ann", password="s3cret"
        )
    )
    for statement in (select(tables.account), select(tables.token)):
        kept = str(await rows(database, statement))
        assert made.token not in kept
        assert "s3cret" not in kept


async def test_names_are_taken_once_and_nothing_is_left_half_made(database: Database) -> None:
    await database.write(lambda c: create_domain(c, ROOT, name="one", identifier="one", admin="ann"))
    for identifier, admin in (("one", "bob"), ("two", "ann")):
        again = partial(first_start.create_domain, author=ROOT, name="x", identifier=identifier, admin=admin)
        with pytest.raises(Conflict):
            await database.write(again)
    assert [domain.id for domain in await database.read(directory.domains)] == ["one"]
    snapshot = await database.read(directory.snapshot)
    assert (len(snapshot.sources), len(snapshot.tokens)) == (1, 1)
