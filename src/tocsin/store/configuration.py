"""What all changes of the configuration share. Each moves the version, by which every node notices that what
it keeps in memory is old.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tocsin.store import tables
from tocsin.store.errors import Conflict

_PROBE: Final = 0
_CONFIGURATION: Final = 1
"""The row that counts; the one of a probe is never seen by others."""
_VERSION: Final = select(tables.configuration.c.version).where(tables.configuration.c.id == _CONFIGURATION)


class Named(Protocol):
    """What has an id and a name."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""


Item = TypeVar("Item", bound=Named)


def version(connection: Connection) -> int:
    """Give the version of the configuration."""
    return connection.execute(_VERSION).scalar() or 0


def changed(connection: Connection) -> None:
    """Say that the configuration has changed."""
    columns = tables.configuration.c
    bumped = update(tables.configuration).where(columns.id == _CONFIGURATION)
    if not connection.execute(bumped.values(version=columns.version + 1)).rowcount:
        connection.execute(insert(tables.configuration).values(id=_CONFIGURATION, version=1))


def hold(connection: Connection) -> None:
    """Keep every other change of the configuration waiting until this transaction ends.

    What is read after it is what will be changed: two changes at a time cannot undo one another unseen.
    """
    connection.execute(_VERSION.with_for_update())


def probe(connection: Connection) -> None:
    """Write something that leaves nothing behind, to see whether the store takes writes.

    A row comes and goes: of an update to what stands there already, SQLite writes nothing.
    """
    connection.execute(insert(tables.configuration).values(id=_PROBE, version=0))
    connection.execute(delete(tables.configuration).where(tables.configuration.c.id == _PROBE))


@contextmanager
def taken(message: str) -> Iterator[None]:
    """Make a Conflict of a name or id that is taken."""
    try:
        yield
    except IntegrityError as failure:
        raise Conflict(message) from failure


def by_id_or_name(found: Sequence[Item], name_or_id: str) -> Item | None:
    """Look at all ids before any name: a name that equals another's id must not hide it."""
    named = [each for each in found if each.name == name_or_id]
    return next((each for each in found if each.id == name_or_id), named[0] if named else None)
