"""How far the ledger of a domain is, for whoever counts on from there later.

Events never change, so what was counted once holds, and only what came since has to be looked at.
"""

import msgspec
from sqlalchemy import Connection, select

from tocsin.model.event import day_of
from tocsin.store import marks, reading, tables
from tocsin.store.columnar.held import Floor
from tocsin.store.columnar.pages import floor


class Progress(msgspec.Struct, frozen=True):
    """How far a ledger is.

    Attributes:
        begins: where the domain's events begin.
        last_seq: the number of the newest; 0 where there is none.
        last_at: when that was recorded, microseconds UTC.
        deleted: the numbers of the alerts whose events nobody sees.
    """

    begins: Floor
    last_seq: int
    last_at: int
    deleted: frozenset[int] = frozenset()


def progress(connection: Connection, domain_id: str) -> Progress:
    """Say how far a domain's ledger is.

    Args:
        connection: within a read.
        domain_id: whose.
    """
    last_seq = reading.last_seq(connection, domain_id)
    event = tables.event.c
    last = select(event.recorded_at).where(event.domain_id == domain_id, event.seq == last_seq)
    last_at = connection.execute(last).scalar() or 0
    deleted = marks.read(connection, domain_id).deleted
    return Progress(floor(connection, domain_id), last_seq, last_at, deleted)


def goes_on(connection: Connection, domain_id: str, before: Progress, now: Progress) -> bool:
    """Say whether the ledger went on from where it was, and nothing of it was taken or hidden since.

    It did not where a backup was restored: then the event of that number is another one.

    Args:
        connection: within a read.
        domain_id: whose.
        before: how far it was.
        now: how far it is.
    """
    if (before.begins, before.deleted) != (now.begins, now.deleted) or before.last_seq > now.last_seq:
        return False
    if not before.last_seq:
        return True
    event = tables.event.c
    last = select(event.recorded_at).where(
        event.domain_id == domain_id, event.seq == before.last_seq, event.day == day_of(before.last_at)
    )
    return connection.execute(last).scalar() == before.last_at
