"""What was made of notes since they were recorded."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from tocsin.model.note import Revision
from tocsin.store import bulk, keyed, tables

_BY_NUMBER: Final = keyed.Lookup(
    tables.note,
    tuple(column.name for column in tables.note.columns),
    "",
    ("text", "bigint"),
    "found.domain_id = k.a and found.seq = k.b",
)


def revisions(connection: Connection, domain_id: str, seqs: Sequence[int]) -> dict[int, Revision]:
    """Give what was made of some notes, by the numbers of their events; the others stand as recorded.

    Args:
        connection: within a transaction.
        domain_id: whose.
        seqs: the numbers of their events.
    """
    found = keyed.find(connection, _BY_NUMBER, [(domain_id, seq) for seq in seqs])
    return {each.seq: each for each in (Revision(*row) for row in found)}


def write(connection: Connection, revision: Revision) -> None:
    """Write what is made of a note."""
    bulk.upsert(connection, tables.note, [msgspec.structs.astuple(revision)])
