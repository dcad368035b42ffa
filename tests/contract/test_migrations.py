"""The migrations lead to the schema that the tables describe, on both engines."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from tests.servers.postgresql import PostgreSQL
from tocsin.store import schema, tables
from tocsin.store.database import Database, open_database, sqlite_url
from tocsin.store.errors import SchemaTooNew, SchemaTooOld

pytestmark = pytest.mark.anyio

_SQLITE_SHAPE = (
    'select t.name, t.wr, c.name, c.type, c."notnull", c.dflt_value, c.pk from pragma_table_list as t'
    " join pragma_table_xinfo(t.name) as c where t.schema = 'main' and t.name not like 'sqlite_%'"
    " and t.name <> 'alembic_version' order by t.name, c.name",
    'select t.name, i.name, i."unique", c.seqno, c.name, c.coll from pragma_table_list as t'
    " join pragma_index_list(t.name) as i join pragma_index_xinfo(i.name) as c"
    " where t.schema = 'main' and t.name <> 'alembic_version' and c.key order by t.name, i.name, c.seqno",
)
_POSTGRESQL_SHAPE = (
    "select c.relname, c.relkind, pg_get_partkeydef(c.oid), a.attname, format_type(a.atttypid, a.atttypmod),"
    " a.attnotnull, l.collname, pg_get_expr(d.adbin, d.adrelid) from pg_class c"
    " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
    " left join pg_collation l on l.oid = a.attcollation"
    " left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum"
    " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    " and c.relname <> 'alembic_version' order by c.relname, a.attname",
    "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'"
    " and tablename <> 'alembic_version' order by tablename, indexname",
    "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
    " where connamespace = 'public'::regnamespace and conrelid <> 'alembic_version'::regclass"
    " order by 1, conname",
)


@pytest.fixture
async def empty(store_url: str) -> AsyncIterator[Database]:
    opened = open_database(store_url)
    yield opened
    await opened.close()


@pytest.fixture
def other_url(
    store_url: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the URL of another empty store of the same engine."""
    if store_url.startswith("sqlite"):
        yield sqlite_url(tmp_path_factory.mktemp("fresh"))
        return
    cluster: PostgreSQL = request.getfixturevalue("postgresql")
    with cluster.database() as url:
        yield url


@pytest.fixture
async def fresh(other_url: str) -> AsyncIterator[Database]:
    """Open another store, made from the tables without any migration."""
    opened = open_database(other_url)

    def create(connection: Connection) -> None:
        tables.metadata.create_all(connection)
        connection.execute(text("create table alembic_version (version_num text)"))

    await opened.write(create)
    yield opened
    await opened.close()


async def shape(database: Database) -> list[list[Any]]:
    """Read all that the engine knows of the tables, apart from the order of columns."""
    statements = _SQLITE_SHAPE if database.is_sqlite else _POSTGRESQL_SHAPE
    return await database.read(lambda connection: [list(connection.execute(text(s))) for s in statements])


async def test_the_migrated_schema_is_the_fresh_one(database: Database, fresh: Database) -> None:
    migrated = await shape(database)
    assert {row[0] for row in migrated[0]} == set(tables.metadata.tables)
    assert all(migrated)
    assert migrated == await shape(fresh)


async def test_the_columns_stand_in_the_order_of_the_tables(database: Database) -> None:
    # Rows are written in that order, without names.
    def columns(connection: Connection) -> dict[str, list[str]]:
        return {
            name: list(connection.execute(text(f'select * from "{name}"')).keys())
            for name in tables.metadata.tables
        }

    wanted = {name: table.columns.keys() for name, table in tables.metadata.tables.items()}
    assert await database.read(columns) == wanted


async def test_alembic_finds_no_difference(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, tables.metadata)
        return found

    assert await database.read(differences) == []


async def test_an_empty_store_is_migrated_and_says_where_it_stands(empty: Database) -> None:
    before = await schema.status(empty)
    assert (before.present, before.known) == ("", True)
    assert before.pending[-1] == before.wanted
    with pytest.raises(SchemaTooOld, match="tocsin db migrate"):
        await schema.require_present(empty)

    after = await schema.migrate(empty)
    assert (after.present, after.known, after.pending) == (before.wanted, True, [])
    await schema.require_present(empty)


async def test_migrating_again_changes_nothing(database: Database) -> None:
    before = await shape(database)
    await schema.migrate(database)
    assert await shape(database) == before


async def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    await database.write(
        lambda connection: connection.execute(text("update alembic_version set version_num = '9999'"))
    )
    for refuse in (schema.migrate, schema.require_present):
        with pytest.raises(SchemaTooNew, match="a newer version wrote it"):
            await refuse(database)
    found = await schema.status(database)
    assert (found.present, found.known, found.pending) == ("9999", False, [])


async def test_down_and_up_again_gives_the_same_schema(database: Database) -> None:
    before = await shape(database)

    def downgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "tocsin.store:migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    await database.write(downgrade)
    assert await shape(database) == [[] for _ in before]
    await schema.migrate(database)
    assert await shape(database) == before
