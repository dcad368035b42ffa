"""`/api/v1/rejected`: what was sent and not recorded, and another try."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, QueryParameter
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub, TheIntake
from tocsin.api.principal import author
from tocsin.api.problems import problem
from tocsin.api.search import PAGE, Cursor, Limit, Page
from tocsin.api.shapes import PayloadItem, Receipts, moment, payload_item, receipt_item
from tocsin.api.sources import CONFIGURE, OVERSEE
from tocsin.dialects.errors import BadPayload
from tocsin.model.rejected import Rejected, Replay
from tocsin.model.submission import WHOLE
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.store import audit, directory
from tocsin.store.errors import NotFound
from tocsin.store.rejected import delete_request, find_rejected, rejected, request_of

OfSource = Annotated[str, QueryParameter(description="Only what this source sent, by name or id.")]


class RejectedShown(msgspec.Struct):
    """An item of a request that was not recorded; `index` is its place in it, `reason` why.

    Where the request was refused as a whole, it has no `index`.
    """

    id: str
    source_id: str
    payload_id: str
    index: int | None
    reason: str
    format: str
    rejected_at: str | None


class RejectedWithRequest(RejectedShown, kw_only=True):
    """One with the request that it came with."""

    payload: PayloadItem


class RejectedItems(Controller):
    """What was rejected, the first items of each request."""

    path = "/api/v1/rejected"
    tags = ["rejected"]

    @get(opt=OVERSEE)
    async def listing(
        self, hub: TheHub, principal: Asker, source: OfSource = "", limit: Limit = PAGE, cursor: Cursor = ""
    ) -> Page[RejectedShown]:
        """List what was rejected, the newest first."""
        before = _before(cursor)

        def look(connection: Connection) -> Page[RejectedShown]:
            domain_id = principal.domain_id
            source_id = directory.find_source(connection, domain_id, source).id if source else ""
            found = rejected(connection, domain_id, limit=limit + 1, source_id=source_id, before=before)
            shown = found[:limit]
            following = encode_cursor([shown[-1].rejected_at, shown[-1].id]) if len(found) > limit else None
            return Page([_shown(each) for each in shown], following)

        return await hub.database.read(look)

    @get("/{rejected_id:str}", opt=OVERSEE)
    async def one(self, rejected_id: FromPath[str], hub: TheHub, principal: Asker) -> RejectedWithRequest:
        """Show one with the request that it came with."""

        def look(connection: Connection) -> RejectedWithRequest:
            found = find_rejected(connection, principal.domain_id, rejected_id)
            payload, _ = request_of(connection, found)
            return RejectedWithRequest(**msgspec.structs.asdict(_shown(found)), payload=payload_item(payload))

        return await hub.database.read(look)

    @post("/{rejected_id:str}/replay", status_code=200, opt=CONFIGURE)
    async def replay(
        self, rejected_id: FromPath[str], hub: TheHub, intake: TheIntake, principal: Asker
    ) -> Receipts:
        """Take what was rejected of a request as if it came now."""
        found = await hub.database.read(
            lambda connection: find_rejected(connection, principal.domain_id, rejected_id)
        )
        payload, indexes = await hub.database.read(lambda connection: request_of(connection, found))
        try:
            source = hub.authentication.source_by_id(principal.domain_id, found.source_id)
            replay = Replay(found, author(principal))
            receipts = await intake.replay(payload, source, indexes, principal, replay)
        except (BadPayload, NotFound) as fault:
            raise problem(422, str(fault), code="not_replayed") from fault
        return Receipts([receipt_item(receipt) for receipt in receipts])

    @delete("/{rejected_id:str}", opt=CONFIGURE)
    async def remove(self, rejected_id: FromPath[str], hub: TheHub, principal: Asker) -> None:
        """Delete one, and the others of its request."""

        def write(connection: Connection) -> None:
            found = find_rejected(connection, principal.domain_id, rejected_id)
            delete_request(connection, found)
            audit.write(connection, author(principal), "rejected.delete", before=found)

        await hub.database.write(write)


def _before(cursor: str) -> tuple[int, str] | None:
    """Give what a page begins behind, None for the first page.

    Raises:
        CursorError: this is no cursor.
    """
    if not cursor:
        return None
    time, last = decode_cursor(cursor, (int, str))
    return int(time), str(last)


def _shown(item: Rejected) -> RejectedShown:
    return RejectedShown(
        item.id,
        item.source_id,
        item.payload_id,
        None if item.index == WHOLE else item.index,
        item.reason,
        item.format,
        moment(item.rejected_at),
    )
