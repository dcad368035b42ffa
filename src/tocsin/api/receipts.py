"""`/api/v1/receipts`: what became of every signal."""

import msgspec
from litestar import Controller, get
from sqlalchemy import Connection

from tocsin.api.events import Since, Until, within
from tocsin.api.given import Asker, TheHub
from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, deadline, understand
from tocsin.api.shapes import ReceiptItem, moment, receipt_item
from tocsin.api.visible import sought
from tocsin.model.access import Action, may
from tocsin.model.receipt import KeptReceipt
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import conjunction
from tocsin.store.receipts import Place, receipts


class KeptReceiptItem(ReceiptItem, kw_only=True):
    """A receipt as it is listed.

    Attributes:
        source_id: the source that sent the signal.
        recorded_at: when it was recorded, or rejected.
        rejected_id: of what is kept of a rejected one, '' for one that was recorded.
    """

    source_id: str
    recorded_at: str | None
    rejected_id: str


class Receipts(Controller):
    """Receipts: what became of every signal."""

    path = "/api/v1/receipts"
    tags = ["events"]

    @get(opt={"action": Action.READ})
    async def search(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        since: Since = "",
        until: Until = "",
    ) -> Page[KeptReceiptItem]:
        """List what became of signals, the newest first; rejected ones for who sees the whole domain."""
        tree = await sought(
            hub, principal, conjunction([understand(q, EVENT_FIELDS), *within(since, until)]), EVENT_FIELDS
        )
        after, end = _place(cursor), deadline()
        with_rejected = may(principal, Action.OVERSEE)

        def look(connection: Connection) -> Page[KeptReceiptItem]:
            found, place = receipts(
                connection,
                principal.domain_id,
                tree,
                limit=limit,
                after=after,
                with_rejected=with_rejected,
                deadline=end,
            )
            return Page([_item(each) for each in found], None if place is None else encode_cursor(place))

        return await hub.database.read(look)


def _place(cursor: str) -> Place:
    """Give where the page before ended.

    Raises:
        CursorError: this is no cursor.
    """
    if not cursor:
        return Place()
    seq, rejected_at, rejected_id = decode_cursor(cursor, (int, int, str))
    return Place(int(seq), int(rejected_at), str(rejected_id))


def _item(kept: KeptReceipt) -> KeptReceiptItem:
    return KeptReceiptItem(
        **msgspec.structs.asdict(receipt_item(kept.receipt)),
        source_id=kept.source_id,
        recorded_at=moment(kept.at),
        rejected_id=kept.rejected_id,
    )
