"""Which node fetches what a source has to say. A lease says until when; whoever comes later takes it over."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from tocsin.model.pulled import Pulled
from tocsin.model.source import Source
from tocsin.store import bulk, configuration, tables

_columns = tables.pull.c
_CLAIMED = ("domain_id", "source_id", "node", "leased_until")


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
    held = [
        each
        for each in sources
        if (row := known.get(each.id)) is None or row.node in {"", node} or row.leased_until <= now
    ]
    rows = [(each.domain_id, each.id, node, until) for each in held]
    bulk.upsert(connection, tables.pull, rows, _CLAIMED)
    return {each.id for each in held}


def tell(connection: Connection, source: Source, node: str, *, connected_at: int, trouble: str) -> None:
    """Write down how it goes with a source, as long as a node holds it."""
    connection.execute(
        update(tables.pull)
        .where(_columns.domain_id == source.domain_id, _columns.source_id == source.id, _columns.node == node)
        .values(connected_at=connected_at, trouble=trouble)
    )


def release(connection: Connection, node: str) -> None:
    """Let others take over at once what a node holds."""
    connection.execute(
        update(tables.pull).where(_columns.node == node).values(node="", leased_until=0, connected_at=0)
    )


def free(connection: Connection) -> None:
    """Let go of what a process that is gone held. Only where no other node can be at work: on SQLite."""
    connection.execute(update(tables.pull).values(node="", leased_until=0, connected_at=0))


def pulled(connection: Connection, domain_id: str = "") -> dict[str, Pulled]:
    """Give how it goes with the sources of a domain that are fetched from, by id; '' for all domains."""
    wanted = select(tables.pull)
    if domain_id:
        wanted = wanted.where(_columns.domain_id == domain_id)
    return {row.source_id: Pulled(**row._mapping) for row in connection.execute(wanted)}
