"""What people write on alerts, by domain and alert."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from tocsin.model.handling import Handling
from tocsin.store import bulk, keyed, tables

_BY_ALERT: Final = keyed.Lookup(
    tables.handling,
    tuple(column.name for column in tables.handling.columns),
    "",
    ("text", "bigint"),
    "found.domain_id = k.a and found.alert_seq = k.b",
)


def of_alerts(connection: Connection, domain_id: str, seqs: Sequence[int]) -> dict[int, Handling]:
    """Give what people wrote on some alerts, by their numbers; those on which nobody did are left out.

    Args:
        connection: within a transaction.
        domain_id: whose.
        seqs: their numbers.
    """
    found = keyed.find(connection, _BY_ALERT, [(domain_id, seq) for seq in seqs])
    return {each.alert_seq: each for each in (Handling(*row) for row in found)}


def write(connection: Connection, handling: Handling) -> None:
    """Write what stands on an alert now."""
    bulk.upsert(connection, tables.handling, [msgspec.structs.astuple(handling)])
