"""The marks of alerts that were merged, moved or deleted."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from tocsin.model.mark import NO_MARKS, Mark, Marks
from tocsin.store import bulk, tables
from tocsin.store.configuration import changed

ATTRIBUTES: Final = frozenset({"alert_seq", "project_id"})
"""The attributes of an event that marks change."""
_mark: Final = tables.mark.c
_event: Final = tables.event.c
# Written out once: whoever reads events asks for it.
_OF_DOMAIN: Final = select(tables.mark).where(_mark.domain_id == bindparam("whose"))


def of_domain(connection: Connection, domain_id: str) -> list[Mark]:
    """Give the marks of a domain."""
    return [Mark(*row) for row in connection.execute(_OF_DOMAIN, {"whose": domain_id})]


def read(connection: Connection, domain_id: str) -> Marks:
    """Read the marks through which a domain's events are seen."""
    found = of_domain(connection, domain_id)
    return Marks(found) if found else NO_MARKS


def merged_keys(connection: Connection, domain_id: str) -> dict[tuple[str, str], int]:
    """Give by project and key of a domain's merged alerts, the last merged of each, where they belong now."""
    alerts = tables.alert.c
    rows = connection.execute(
        select(alerts.project_id, alerts.key, _mark.merged_into)
        .where(
            _mark.domain_id == domain_id,
            _mark.merged_into != 0,
            _mark.deleted_at == 0,
            alerts.domain_id == domain_id,
            alerts.seq == _mark.alert_seq,
        )
        .order_by(_mark.alert_seq)
    )
    return {(row.project_id, row.key): row.merged_into for row in rows}


def write(connection: Connection, marks: Sequence[Mark]) -> None:
    """Write what became of some alerts. Signals find theirs by it, so the configuration is another then."""
    bulk.upsert(connection, tables.mark, [msgspec.structs.astuple(each) for each in marks])
    changed(connection)


def seen() -> dict[str, ColumnElement[Any]]:
    """Give what an event is seen to have where marks change it, for the ledger's engine."""
    whose = (_mark.domain_id == _event.domain_id, _mark.alert_seq == _event.alert_seq)
    alert = select(func.nullif(_mark.merged_into, 0)).where(*whose).scalar_subquery()
    project = select(func.nullif(_mark.project_id, "")).where(*whose).scalar_subquery()
    return {
        "alert_seq": func.coalesce(alert, _event.alert_seq, type_=_event.alert_seq.type),
        "project_id": func.coalesce(project, _event.project_id, type_=_event.project_id.type),
    }
