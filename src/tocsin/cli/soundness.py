"""Whether a store is sound: what no crash, no disk and no restored backup may break."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, exists, func, select, text
from sqlalchemy.sql import ColumnElement

from tocsin.cli.finding import Finding, fail, ok
from tocsin.store import schema
from tocsin.store.database import Database
from tocsin.store.tables import account, alert, domain, event, payload, project, source, token

SECONDS: Final = 3600.0

_RESTORE: Final = "restore a backup, and keep this store to look at"


async def findings(database: Database) -> list[Finding]:
    """Check a store that has the present schema; it may be in use.

    Raises:
        SchemaTooOld, SchemaTooNew: it has another schema.
    """
    await schema.require_present(database)
    found = []
    if database.is_sqlite:
        found.append(await database.read(_integrity, seconds=SECONDS))
        if found[0].is_bad:
            # What a damaged file says of the rest means nothing.
            return found
    found += await database.read(lambda connection: [check(connection) for check in _CHECKS], seconds=SECONDS)
    return found


def _integrity(connection: Connection) -> Finding:
    told = connection.execute(text("pragma integrity_check(5)")).scalars().all()
    if told == ["ok"]:
        return ok("file", "SQLite's integrity check finds nothing")
    return fail("file", "; ".join(map(str, told)), _RESTORE)


def _sequence(connection: Connection) -> Finding:
    rows = connection.execute(
        select(
            domain.c.id,
            domain.c.next_seq,
            func.count(event.c.seq).label("number"),
            func.min(event.c.seq).label("first"),
            func.max(event.c.seq).label("last"),
        )
        .join_from(domain, event, event.c.domain_id == domain.c.id)
        .group_by(domain.c.id, domain.c.next_seq)
    ).all()
    wrong = [
        f"domain {row.id} has {row.number} events from {row.first} to {row.last}, the next is {row.next_seq}"
        for row in rows
        if row.last != row.next_seq - 1 or row.number != row.last - row.first + 1
    ]
    if wrong:
        return fail("sequence", "; ".join(wrong), _RESTORE)
    return ok("sequence", f"{sum(row.number for row in rows)} events, numbered without a gap")


def _alerts(connection: Connection) -> Finding:
    lost = _count(
        connection,
        event,
        event.c.seq == event.c.alert_seq,
        ~_there(alert, event.c.domain_id, event.c.alert_seq),
    )
    unfounded = _count(
        connection,
        alert,
        # Retention may have taken the events before the first one.
        alert.c.seq >= _first(event, alert.c.domain_id),
        ~_there(event, alert.c.domain_id, alert.c.seq),
    )
    if lost or unfounded:
        detail = f"{lost} events have lost the alert that they opened, {unfounded} alerts the event"
        return fail("alerts", detail, _RESTORE)
    return ok("alerts", "each has the event that opened it")


def _payloads(connection: Connection) -> Finding:
    lost = _count(
        connection,
        event,
        event.c.payload_seq > 0,
        event.c.payload_seq >= _first(payload, event.c.domain_id),
        ~_there(payload, event.c.domain_id, event.c.payload_seq),
    )
    if lost:
        return fail("payloads", f"{lost} events have lost the payload they came with", _RESTORE)
    return ok("payloads", "each event has the one it came with")


def _directory(connection: Connection) -> Finding:
    ownerless = {
        "projects": _count(connection, project, ~_known(domain, project.c.domain_id)),
        "sources": _count(connection, source, ~_known(project, source.c.project_id)),
        "users": _count(connection, account, ~_known(domain, account.c.domain_id)),
        "tokens": _count(connection, token, ~_known(account, token.c.account_id)),
    }
    wrong = [f"{count} {name}" for name, count in ownerless.items() if count]
    if wrong:
        return fail("directory", f"{', '.join(wrong)} belong to nobody", _RESTORE)
    return ok("directory", "projects, sources, users and tokens belong to somebody")


_CHECKS: Final[tuple[Callable[[Connection], Finding], ...]] = (
    _sequence,
    _alerts,
    _payloads,
    _directory,
)


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(and_(*conditions))).scalar_one()


def _there(table: Table, domain_id: ColumnElement[Any], seq: ColumnElement[Any]) -> ColumnElement[bool]:
    other = table.alias()
    return exists().where(other.c.domain_id == domain_id, other.c.seq == seq)


def _known(table: Table, identifier: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(table.c.id == identifier)


def _first(table: Table, domain_id: ColumnElement[Any]) -> ColumnElement[Any]:
    other = table.alias()
    return select(func.min(other.c.seq)).where(other.c.domain_id == domain_id).scalar_subquery()
