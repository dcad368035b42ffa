"""The ledger: the one transaction that writes payloads, events, alerts and objects.

It takes the rows of the batch's domains first, in the order of their ids. That lock makes "find the open
alert or open one" free of races, and lets the events of a domain become visible in the order of `seq`.
"""

from collections.abc import Callable
from itertools import groupby, islice
from typing import Any, Final

import msgspec
import zstandard
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.model.identifiers import random_id
from tocsin.model.receipt import Receipt
from tocsin.model.recording import Entries, Payload, Submission, name, record
from tocsin.store import bulk, partitions, situation, tables
from tocsin.store.rows import alert_row, event_row, object_row

_COMPRESSION_LEVEL: Final = 1
_REJECTED_OF_A_REQUEST: Final = 100
"""How many refused items of one request are kept: enough to see what is wrong with it."""
_WORTH_COMPRESSING: Final = 512


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
        found = situation.load(connection, batch)
        entries = record(batch, found, self._clock(), self._object_limit)
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
            [msgspec.structs.astuple(domain) for domain in found.domains.values()],
            situation.DOMAIN_COUNTERS,
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


def _payload_rows(entries: Entries) -> list[tuple[Any, ...]]:
    return [
        (domain_id, seq, day, source_id, *_payload_columns(payload))
        for domain_id, seq, day, source_id, payload in entries.payloads
    ]


def _rejected_rows(entries: Entries) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    # The items of a request stand together; the first of them holds its body.
    for _, items in groupby(entries.rejected, key=lambda item: id(item.submission)):
        payload_id = ""
        for item in islice(items, _REJECTED_OF_A_REQUEST):
            source, payload = item.submission.source, item.submission.payload
            row_id = random_id("rejected")
            if payload_id:
                payload = replace(payload, body=b"")
            payload_id = payload_id or row_id
            *described, size, body = _payload_columns(payload)
            rows.append(
                (
                    row_id,
                    source.domain_id,
                    source.id,
                    payload_id,
                    item.refusal.index,
                    item.refusal.reason,
                    *described,
                    item.rejected_at,
                    size,
                    body,
                )
            )
    return rows


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
