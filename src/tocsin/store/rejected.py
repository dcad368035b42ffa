"""What was rejected: listed, read with its request, deleted."""

from typing import Any, Final

from sqlalchemy import Connection, Select, and_, delete, or_, select

from tocsin.model.rejected import Rejected
from tocsin.model.submission import Payload
from tocsin.store import tables
from tocsin.store.errors import NotFound
from tocsin.store.payloads import payload_of

_COLUMNS: Final = tables.rejected.c


def rejected(
    connection: Connection,
    domain_id: str,
    *,
    limit: int,
    source_id: str = "",
    before: tuple[int, str] | None = None,
) -> list[Rejected]:
    """List what was rejected, the newest first.

    Args:
        connection: a connection of the store.
        domain_id: whose.
        limit: how many at most.
        source_id: only what that source sent; '' for any.
        before: `rejected_at` and `id` of the last one that was given already.
    """
    asked = _of(domain_id)
    if source_id:
        asked = asked.where(_COLUMNS.source_id == source_id)
    if before is not None:
        time, last = before
        is_behind = and_(_COLUMNS.rejected_at == time, _COLUMNS.id < last)
        asked = asked.where(or_(_COLUMNS.rejected_at < time, is_behind))
    asked = asked.order_by(_COLUMNS.rejected_at.desc(), _COLUMNS.id.desc()).limit(limit)
    return [_read(row) for row in connection.execute(asked)]


def find_rejected(connection: Connection, domain_id: str, rejected_id: str) -> Rejected:
    """Give one by its id.

    Raises:
        NotFound: the domain has none of that id.
    """
    row = connection.execute(_of(domain_id).where(_COLUMNS.id == rejected_id)).first()
    if row is None:
        raise NotFound(f"nothing that was rejected has the id {rejected_id}")
    return _read(row)


def request_of(connection: Connection, item: Rejected) -> tuple[Payload, set[int]]:
    """Give the request that an item came with, and the indexes of all its items that are kept.

    Raises:
        NotFound: it was deleted meanwhile.
    """
    body = select(_COLUMNS.format, _COLUMNS.content_type, _COLUMNS.context, _COLUMNS.size, _COLUMNS.body)
    row = connection.execute(
        body.where(_COLUMNS.domain_id == item.domain_id, _COLUMNS.id == item.payload_id)
    ).first()
    if row is None:
        raise NotFound(f"the request of {item.id} is deleted")
    indexes = select(_COLUMNS.payload_index).where(
        _COLUMNS.domain_id == item.domain_id, _COLUMNS.payload_id == item.payload_id
    )
    return payload_of(row), set(connection.scalars(indexes))


def delete_request(connection: Connection, item: Rejected) -> None:
    """Delete an item and the others of its request: its body is one for all of them."""
    connection.execute(
        delete(tables.rejected).where(
            _COLUMNS.domain_id == item.domain_id, _COLUMNS.payload_id == item.payload_id
        )
    )


def _of(domain_id: str) -> Select[Any]:
    # Never the bodies: a list of them may be larger than the memory.
    return select(
        _COLUMNS.id,
        _COLUMNS.domain_id,
        _COLUMNS.source_id,
        _COLUMNS.payload_id,
        _COLUMNS.payload_index,
        _COLUMNS.reason,
        _COLUMNS.format,
        _COLUMNS.rejected_at,
    ).where(_COLUMNS.domain_id == domain_id)


def _read(row: Any) -> Rejected:
    return Rejected(*row)
