"""The monitored objects of a domain, and the alerts that are open on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select, update

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
NAMED: Final = keyed.Lookup(
    tables.monitored_object,
    tuple(column.name for column in tables.monitored_object.columns),
    "ix_object_name",
    ("text", "text", "text"),
    "found.domain_id = k.a and found.host = k.b and found.service = k.c",
)
_OPEN: Final = (AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)
_FEW: Final = 500
"""So many numbers are looked for by the engine; of more, Python picks them from all that are open."""


def objects(connection: Connection, domain_id: str) -> list[MonitoredObject]:
    """Give every host and service of a domain: hosts by name, each before its services."""
    return [each for each in with_former(connection, domain_id) if not each.gone_at]


def with_former(connection: Connection, domain_id: str) -> list[MonitoredObject]:
    """Give every host and service of a domain, and those that were taken out of its configuration."""
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


def named(connection: Connection, domain_id: str, names: Iterable[tuple[str, str]]) -> list[MonitoredObject]:
    """Give the hosts and services of some names, as far as they stand there, in no order.

    Args:
        connection: within a read or a transaction.
        domain_id: whose.
        names: of host and service, '' for a host itself; each once.
    """
    found = map(object_of, keyed.find(connection, NAMED, [(domain_id, *name) for name in names]))
    return [each for each in found if not each.gone_at]


def stand_on(connection: Connection, domain_id: str, numbers: Mapping[int, int]) -> None:
    """Let the alerts that are not resolved stand on other objects.

    Args:
        connection: within a transaction that holds the domain's lock.
        domain_id: whose.
        numbers: object on which they stand -> object on which they are to stand.
    """
    columns = tables.alert.c
    for alert in open_alerts(connection, domain_id, list(numbers)):
        connection.execute(
            update(tables.alert)
            .where(columns.domain_id == domain_id, columns.seq == alert.seq)
            .values(object_id=numbers[alert.object_id])
        )


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
