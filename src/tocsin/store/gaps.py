"""The gaps of sources that are fetched from: the newest of each source are kept."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from tocsin.model.pulled import Gap
from tocsin.store import bulk, tables

KEPT: Final = 50
_columns: Final = tables.gap.c

GapKey = tuple[str, str, int]
"""The domain and the source of a gap, and when it began, in microseconds UTC."""


def open_gap(connection: Connection, key: GapKey, reason: str) -> None:
    """Note that nothing is heard of a source. A gap that is noted already stays as it is.

    Args:
        connection: within a transaction.
        key: whose, and since when.
        reason: why; '' where that is not known.
    """
    if connection.execute(select(_columns.began_at).where(_is(key))).first() is not None:
        return
    bulk.insert(connection, tables.gap, [(*key, 0, 0, reason)])
    domain_id, source_id, _ = key
    of_source = and_(_columns.domain_id == domain_id, _columns.source_id == source_id)
    newest = select(_columns.began_at).where(of_source).order_by(_columns.began_at.desc())
    last = newest.offset(KEPT - 1).limit(1).scalar_subquery()
    connection.execute(delete(tables.gap).where(of_source, _columns.began_at < last))


def add_differences(connection: Connection, found: Mapping[GapKey, int]) -> None:
    """Count what is recorded of what was missed, in the transaction that records it."""
    for key, number in sorted(found.items()):
        connection.execute(
            update(tables.gap).where(_is(key)).values(differences=_columns.differences + number)
        )


def close_gap(connection: Connection, key: GapKey, now: int, *, keeps: bool) -> None:
    """Note that all is heard of a source again.

    Args:
        connection: within a transaction.
        key: whose, and since when.
        now: microseconds UTC.
        keeps: whether it stays where nothing had changed in it.
    """
    connection.execute(update(tables.gap).where(_is(key)).values(ended_at=now))
    if not keeps:
        connection.execute(delete(tables.gap).where(_is(key), _columns.differences == 0))


def gaps(connection: Connection, domain_id: str) -> dict[str, list[Gap]]:
    """Give the gaps of a domain's sources that are kept, by the source's id, the newest first."""
    found: dict[str, list[Gap]] = {}
    wanted = select(tables.gap).where(_columns.domain_id == domain_id)
    for row in connection.execute(wanted.order_by(_columns.began_at.desc())):
        found.setdefault(row.source_id, []).append(Gap(**row._mapping))
    return found


def _is(key: GapKey) -> ColumnElement[Any]:
    domain_id, source_id, began_at = key
    return and_(
        _columns.domain_id == domain_id, _columns.source_id == source_id, _columns.began_at == began_at
    )
