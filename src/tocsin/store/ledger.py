"""The ledger: the one transaction that writes payloads, events, alerts and objects.

It takes the rows of the batch's domains first, in the order of their ids. That lock makes "find the open
alert or open one" free of races, and lets the events of a domain become visible in the order of `seq`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import zstandard
from sqlalchemy import Column, Connection, select, text

from tocsin.model.alert import Alert
from tocsin.model.identifiers import random_id
from tocsin.model.identity import own_object
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Receipt
from tocsin.model.recording import (
    AlertKey,
    DomainState,
    Entries,
    Named,
    ObjectName,
    Payload,
    Situation,
    Submission,
    name,
    record,
)
from tocsin.store import bulk, partitions, tables
from tocsin.store.rows import ALERT_COLUMNS, alert_of, alert_row, event_row, object_of, object_row

_COMPRESSION_LEVEL: Final = 1
_WORTH_COMPRESSING: Final = 512
_DOMAIN_COUNTERS: Final = ("id", "next_seq", "next_object", "discovered", "recorded_at")


class Ledger:
    """Writes batches.

    Args:
        object_limit: how many discovered objects a domain may have.
        clock: gives microseconds UTC.
    """

    def __init__(self, object_limit: int, clock: Callable[[], int]) -> None:
        self._object_limit = object_limit
        self._clock = clock
        self._partitioned: set[int] = set()

    def write(self, connection: Connection, submissions: list[Submission]) -> list[list[Receipt]]:
        """Record submissions, in order, within the connection's transaction.

        Args:
            connection: a transaction of `Database.write`, not yet used.
            submissions: what the requests brought.

        Returns:
            The receipts of each submission, in the order of the indexes of its items.
        """
        batch = [(submission, name(submission)) for submission in submissions]
        situation = _situation(connection, batch)
        entries = record(batch, situation, self._clock(), self._object_limit)
        self._ensure_partitions(connection, entries)
        bulk.insert(connection, tables.payload, _payload_rows(entries))
        bulk.insert(connection, tables.event, [event_row(event) for event in entries.events])
        bulk.upsert(connection, tables.alert, [alert_row(alert) for alert in entries.alerts.values()])
        bulk.upsert(
            connection, tables.monitored_object, [object_row(each) for each in entries.objects.values()]
        )
        bulk.insert(connection, tables.rejected, _rejected_rows(entries))
        bulk.upsert(
            connection,
            tables.domain,
            [msgspec.structs.astuple(domain) for domain in situation.domains.values()],
            _DOMAIN_COUNTERS,
        )
        return entries.receipts

    def _ensure_partitions(self, connection: Connection, entries: Entries) -> None:
        missing = {event.day for event in entries.events} - self._partitioned
        for day in missing:
            partitions.ensure(connection, day, day)
        self._partitioned |= missing

    def forget_partitions(self) -> None:
        """Look again which days have partitions, after a transaction that made some did not commit."""
        self._partitioned.clear()


def _situation(connection: Connection, batch: list[tuple[Submission, list[Named]]]) -> Situation:
    domains = _lock_domains(connection, {submission.source.domain_id for submission, _ in batch})
    keys: dict[AlertKey, bool] = {}
    objects: dict[ObjectName, None] = {}
    for submission, named in batch:
        source = submission.source
        if named:
            objects[source.domain_id, *own_object(source)] = None
        for each in named:
            keys[each.alert] = keys.get(each.alert, False) or source.options.source_time
            objects[each.object] = None
            objects[each.object[0], each.object[1], ""] = None
    alerts = _alerts(connection, keys, resolved=False)
    latest = [key for key, by_source_time in keys.items() if by_source_time and key not in alerts]
    if latest:
        alerts |= _alerts(connection, latest, resolved=True)
    return Situation(domains, alerts, _objects(connection, objects))


def _lock_domains(connection: Connection, ids: set[str]) -> dict[str, DomainState]:
    columns = [tables.domain.columns[column] for column in _DOMAIN_COUNTERS]
    rows = connection.execute(
        select(*columns)
        .where(tables.domain.c.id.in_(sorted(ids)))
        .order_by(tables.domain.c.id)
        .with_for_update()
    )
    return {row.id: DomainState(*row) for row in rows}


def _alerts(connection: Connection, keys: Iterable[AlertKey], *, resolved: bool) -> dict[AlertKey, Alert]:
    """Find the open alert of each key, or the one of each key that was resolved last."""
    resolved_at = (
        "(select max(last.resolved_at) from alert as last"
        " where last.domain_id = k.a and last.project_id = k.b and last.key = k.c)"
        if resolved
        else "0"
    )
    rows = _matching(
        connection,
        ALERT_COLUMNS,
        "ix_alert_key",
        "found.domain_id = k.a and found.project_id = k.b and found.key = k.c"
        f" and found.resolved_at = {resolved_at}",
        list(keys),
    )
    # Of two that were resolved at the same time the newer one counts.
    alerts = sorted(map(alert_of, rows), key=lambda alert: alert.seq)
    return {(alert.domain_id, alert.project_id, alert.key): alert for alert in alerts}


def _objects(connection: Connection, names: Iterable[ObjectName]) -> dict[ObjectName, MonitoredObject]:
    rows = _matching(
        connection,
        tuple(tables.monitored_object.columns),
        "ix_object_name",
        "found.domain_id = k.a and found.host = k.b and found.service = k.c",
        list(names),
    )
    found = map(object_of, rows)
    return {(each.domain_id, each.host, each.service): each for each in found}


def _matching(
    connection: Connection,
    columns: Sequence[Column[Any]],
    index: str,
    condition: str,
    keys: list[tuple[str, str, str]],
) -> Iterable[Any]:
    """Find the rows of a table, `found`, that match triples of texts, `k`.

    The triples go in as one parameter, and both engines are told to go from them to the index: left alone,
    SQLite would walk a whole domain, since `domain_id` leads every key, and PostgreSQL a whole table for a
    batch of a few hundred.
    """
    if not keys:
        return ()
    table = columns[0].table
    wanted = ", ".join(f'found."{column.name}"' for column in columns)
    if connection.dialect.name == "postgresql":
        first, second, third = (list(column) for column in zip(*keys, strict=True))
        statement = (
            f"select {wanted} from"
            " unnest(cast(:a as text[]), cast(:b as text[]), cast(:c as text[])) as k(a, b, c)"
            # Without its offset the inner query would be merged into the outer one, and its order be lost.
            f" cross join lateral (select * from {table} as found where {condition} offset 0) as found"
        )
        return connection.execute(text(statement), {"a": first, "b": second, "c": third})
    statement = (
        f"select {wanted} from"
        " (select value ->> 0 as a, value ->> 1 as b, value ->> 2 as c from json_each(:keys)) as k"
        f" cross join {table} as found indexed by {index} where {condition}"
    )
    return connection.execute(text(statement), {"keys": msgspec.json.encode(keys).decode()})


def _payload_rows(entries: Entries) -> list[tuple[Any, ...]]:
    return [
        (domain_id, seq, day, source_id, *_payload_columns(payload))
        for domain_id, seq, day, source_id, payload in entries.payloads
    ]


def _rejected_rows(entries: Entries) -> list[tuple[Any, ...]]:
    return [
        (
            random_id("rejected"),
            item.submission.source.domain_id,
            item.submission.source.id,
            item.refusal.index,
            item.refusal.reason,
            *_payload_columns(item.submission.payload),
            item.rejected_at,
        )
        for item in entries.rejected
    ]


def _payload_columns(payload: Payload) -> tuple[Any, ...]:
    return (
        payload.format,
        payload.content_type,
        msgspec.json.encode(payload.context).decode() if payload.context else "{}",
        len(payload.body),
        _packed(payload.body),
    )


def payload_of(row: Any) -> Payload:
    """Read a payload from the columns format, content_type, context and body."""
    context = msgspec.json.decode(row.context, type=dict[str, str])
    return Payload(row.format, row.content_type, context, _unpacked(row.body, row.size))


def _packed(body: bytes) -> bytes:
    """Compress a body where that makes it smaller; a small one costs more time than it saves room."""
    if len(body) < _WORTH_COMPRESSING:
        return body
    packed = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(body)
    return packed if len(packed) < len(body) else body


def _unpacked(stored: bytes, size: int) -> bytes:
    """Give the body back. What was stored as it came has its own size; what was compressed is smaller."""
    return stored if len(stored) == size else zstandard.ZstdDecompressor().decompress(stored)
