"""The monitored objects of a domain, and the alerts that are open on them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from tocsin.model.alert import Alert
from tocsin.model.monitored import MonitoredObject
from tocsin.store import keyed, tables
from tocsin.store.rows import ALERT_COLUMNS, alert_of, object_of

_ON_OBJECT = keyed.Lookup(
    tables.alert,
    tuple(column.name for column in ALERT_COLUMNS),
    "ix_alert_object",
    ("text", "bigint"),
    "found.domain_id = k.a and found.object_id = k.b and found.object_id > 0 and found.resolved_at = 0",
)


def objects(connection: Connection, domain_id: str) -> list[MonitoredObject]:
    """Give every host and service of a domain: hosts by name, each before its services."""
    columns = tables.monitored_object.c
    rows = connection.execute(
        select(tables.monitored_object)
        .where(columns.domain_id == domain_id)
        .order_by(columns.host, columns.service)
    )
    return [object_of(row) for row in rows]


def open_alerts(connection: Connection, domain_id: str, object_ids: Sequence[int]) -> list[Alert]:
    """Give the alerts that are not resolved and stand on some objects, the oldest first."""
    keys = [(domain_id, object_id) for object_id in object_ids]
    return sorted(map(alert_of, keyed.find(connection, _ON_OBJECT, keys)), key=lambda alert: alert.seq)
