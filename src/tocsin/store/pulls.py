"""Which node fetches what a source has to say. A lease says until when; whoever comes later takes it over."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from tocsin.model.pulled import Pulled
from tocsin.model.source import Source
from tocsin.store import bulk, configuration, tables

_columns = tables.pull.c
_CLAIMED = ("domain_id", "source_id", "node", "leased_until", "connected_at")
_FREE: Mapping[str, Any] = {"node": "", "leased_until": 0, "connected_at": 0}


def claim(connection: Connection, sources: Sequence[Source], node: str, now: int, until: int) -> set[str]:
    """Take sources that no other node holds, and go on holding those that are held.

    Args:
        connection: within a transaction.
        sources: which are to be fetched from.
        node: who asks.
        now: microseconds UTC.
        until: how long they are its own.

    Returns:
        The ids of those that it holds.
    """
    configuration.hold(connection)
    known = {row.source_id: row for row in connection.execute(select(tables.pull))}
    rows = []
    for each in sources:
        row = known.get(each.id)
        if row is None or row.node in {"", node} or row.leased_until <= now:
            connected_at = row.connected_at if row is not None and row.node == node else 0
            rows.append((each.domain_id, each.id, node, until, connected_at))
    bulk.upsert(connection, tables.pull, rows, _CLAIMED)
    return {source_id for _, source_id, *_ in rows}


def hear(connection: Connection, node: str, heard: Mapping[str, int]) -> set[str]:
    """Write down up to when all is recorded that sources said, of those that a node holds.

    Args:
        connection: within a transaction.
        node: who says so.
        heard: by the source's id, microseconds UTC.

    Returns:
        The ids of those that it holds.
    """
    held = connection.execute(select(_columns.domain_id, _columns.source_id).where(_columns.node == node))
    rows = [(row.domain_id, row.source_id, heard[row.source_id]) for row in held if row.source_id in heard]
    bulk.upsert(connection, tables.pull, rows, ("domain_id", "source_id", "heard_at"))
    return {source_id for _, source_id, _ in rows}


def heard_at(connection: Connection, source: Source) -> int:
    """Give up to when all is recorded that a source said; microseconds UTC, 0 for never."""
    return connection.scalar(select(_columns.heard_at).where(*_of(source))) or 0


def tell_connected(
    connection: Connection, source: Source, node: str, connected_at: int, heard_at: int
) -> bool:
    """Write down that a source is connected, as long as a node holds it. Times are microseconds UTC.

    Args:
        connection: within a transaction.
        source: which.
        node: who says so.
        connected_at: since when.
        heard_at: up to when all is recorded that it said.

    Returns:
        Whether it holds it.
    """
    told = {"connected_at": connected_at, "heard_at": heard_at}
    return _tell(connection, source, node, trouble="", failed_at=0, next_attempt_at=0, **told)


def tell_failed(
    connection: Connection, source: Source, node: str, trouble: str, failed_at: int, next_attempt_at: int
) -> None:
    """Write down that a source is not connected, as long as a node holds it. Times are microseconds UTC.

    Args:
        connection: within a transaction.
        source: which.
        node: who says so.
        trouble: why.
        failed_at: since when that is known.
        next_attempt_at: when it is asked again.
    """
    told = {"failed_at": failed_at, "next_attempt_at": next_attempt_at}
    _tell(connection, source, node, trouble=trouble, connected_at=0, **told)


def _tell(connection: Connection, source: Source, node: str, **values: int | str) -> bool:
    of_node = and_(*_of(source), _columns.node == node)
    return bool(connection.execute(update(tables.pull).where(of_node).values(**values)).rowcount)


def _of(source: Source) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _columns.domain_id == source.domain_id, _columns.source_id == source.id


def release(connection: Connection, node: str) -> None:
    """Let others take over at once what a node holds."""
    connection.execute(update(tables.pull).where(_columns.node == node).values(**_FREE))


def free(connection: Connection) -> None:
    """Let go of what a process that is gone held. Only where no other node can be at work: on SQLite."""
    connection.execute(update(tables.pull).values(**_FREE))


def pulled(connection: Connection, domain_id: str = "") -> dict[str, Pulled]:
    """Give how it goes with the sources of a domain that are fetched from, by id; '' for all domains."""
    wanted = select(tables.pull)
    if domain_id:
        wanted = wanted.where(_columns.domain_id == domain_id)
    return {row.source_id: Pulled(**row._mapping) for row in connection.execute(wanted)}
