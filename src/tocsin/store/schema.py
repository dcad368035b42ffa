"""Which schema a store has, and how it gets the present one."""

from typing import Final

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tocsin.store import locks
from tocsin.store.database import Database
from tocsin.store.errors import SchemaTooNew, SchemaTooOld

_MIGRATION_SECONDS: Final = 6 * 3600.0


class SchemaStatus(msgspec.Struct, frozen=True):
    """Where a store's schema stands.

    Attributes:
        present: the revision in the store, '' for an empty one.
        wanted: the revision of this Tocsin.
        known: False where the store's revision comes from a newer Tocsin.
        pending: the revisions that are to be applied, in order.
    """

    present: str
    wanted: str
    known: bool
    pending: list[str]


async def status(database: Database) -> SchemaStatus:
    """Look where the schema stands, without changing anything."""
    return await database.read(_status)


async def migrate(database: Database) -> SchemaStatus:
    """Bring the schema to this Tocsin's revision. Does nothing where it is there already.

    Raises:
        SchemaTooNew: the store was written by a newer Tocsin.
    """
    return await database.write(_migrate, seconds=_MIGRATION_SECONDS)


async def require_present(database: Database) -> None:
    """Make sure that the schema is this Tocsin's.

    Raises:
        SchemaTooNew: the store was written by a newer Tocsin.
        SchemaTooOld: it has to be migrated first.
    """
    found = await status(database)
    _refuse_newer(found)
    if found.pending:
        raise SchemaTooOld(
            f"the store has schema {found.present or 'none'}, this Tocsin needs {found.wanted}:"
            " run `tocsin db migrate`"
        )


def _migrate(connection: Connection) -> SchemaStatus:
    locks.setting_up(connection)
    _refuse_newer(_status(connection))
    command.upgrade(_config(connection), "head")
    return _status(connection)


def _refuse_newer(found: SchemaStatus) -> None:
    if not found.known:
        raise SchemaTooNew(
            f"the store has schema {found.present}, which this Tocsin (schema {found.wanted}) does not know:"
            " a newer version wrote it; use that version, or restore a backup made before the upgrade"
        )


def _status(connection: Connection) -> SchemaStatus:
    scripts = ScriptDirectory.from_config(_config(connection))
    present = MigrationContext.configure(connection).get_current_revision() or ""
    order = [script.revision for script in scripts.walk_revisions()][::-1]
    known = present in ("", *order)
    pending = order[order.index(present) + 1 :] if present in order else order if not present else []
    return SchemaStatus(present, order[-1], known, pending)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "tocsin.store:migrations")
    config.attributes["connection"] = connection
    return config
