"""The monitored objects of a domain, and the alerts that are open on them."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, select

from tocsin.model.alert import Alert, AlertState
from tocsin.model.monitored import MonitoredObject
from tocsin.store import keyed, tables
from tocsin.store.rows import ALERT_COLUMNS, alert_of, object_of

NUMBERED: Final = keyed.Lookup(
    tables.monitored_object,
    tuple(column.name for column in tables.monitored_object.columns),
    "",
    ("text", "bigint"),
    "found.domain_id = k.a and found.id = k.b",
)
_OPEN: Final = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
_FEW: Final = 500
"""So many numbers are looked for by the engine; of more, Python picks them from all that are open."""


def objects(connection: Connection, domain_id: str) -> list[MonitoredObject]:
    """Give every host and service of a domain: hosts by name, each before its services."""
    columns = tables.monitored_object.c
    rows = connection.execute(
        select(tables.monitored_object)
        .where(columns.domain_id == domain_id)
        .order_by(columns.host, columns.service)
    )
    return [object_of(row) for row in rows]


def numbered(connection: Connection, domain_id: str, numbers: Iterable[int]) -> list[MonitoredObject]:
    """Give the hosts and services of some numbers, as far as there are any: in the order of `objects`."""
    found = keyed.find(connection, NUMBERED, [(domain_id, number) for number in numbers])
    return sorted(map(object_of, found), key=lambda each: (each.host, each.service))


def open_alerts(connection: Connection, domain_id: str, object_ids: Sequence[int]) -> list[Alert]:
    """Give the alerts that are not resolved and stand on some objects, the oldest first."""
    columns, wanted = tables.alert.c, set(object_ids)
    found = (
        select(*ALERT_COLUMNS)
        .with_hint(tables.alert, "INDEXED BY ix_alert_state", "sqlite")
        .where(columns.domain_id == domain_id, columns.state.in_(_OPEN))
    )
    if len(wanted) <= _FEW:
        found = found.where(columns.object_id.in_(wanted))
    rows = connection.execute(found.order_by(columns.seq))
    return [alert_of(row) for row in rows if row.object_id in wanted]


def held_back(connection: Connection, domain_id: str, by: Sequence[str]) -> list[Alert]:
    """Give the alerts that are not resolved and that some downtimes hold back, the oldest first.

    They may stand on other objects: an alert joined by an event of an object in downtime is held back too.
    """
    columns, wanted = tables.alert.c, set(by)
    found = (
        select(*ALERT_COLUMNS)
        .with_hint(tables.alert, "INDEXED BY ix_alert_state", "sqlite")
        .where(columns.domain_id == domain_id, columns.state.in_(_OPEN), columns.silenced_by != "")
        .order_by(columns.seq)
    )
    return [alert_of(row) for row in connection.execute(found) if row.silenced_by in wanted]
