"""What time is to bring, as changes of the configuration note it."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from tocsin.model.due import DueKind
from tocsin.store import bulk, tables


def note(connection: Connection, domain_id: str, kind: DueKind, moments: Sequence[tuple[str, int]]) -> None:
    """Note when something is to happen, in place of what was noted before of the same subjects.

    The lock of the domain comes first, as it does where such things are done: otherwise two transactions
    could wait for each other.

    Args:
        connection: within a transaction.
        domain_id: whose.
        kind: what.
        moments: each subject with its time, microseconds UTC.
    """
    if not moments:
        return
    connection.execute(select(tables.domain.c.id).where(tables.domain.c.id == domain_id).with_for_update())
    bulk.upsert(connection, tables.due, [(domain_id, kind.value, *moment) for moment in moments])
