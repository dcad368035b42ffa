"""`/api/v1/audit`: who changed what."""

from typing import Any

import msgspec
from litestar import Controller, get

from tocsin.api.given import Asker, TheHub
from tocsin.api.search import PAGE, Cursor, Limit, Page, Query, before, deadline, page_of, understand
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE
from tocsin.model.audit import Entry
from tocsin.query.fields import AUDIT_FIELDS
from tocsin.store import search


class EntryItem(msgspec.Struct):
    """An entry of the audit log as it is listed."""

    seq: int
    recorded_at: str | None
    author: str
    via: str
    action: str
    subject: str
    subject_id: str
    subject_name: str
    details: dict[str, Any]


class AuditLog(Controller):
    """The audit log: who changed what."""

    path = "/api/v1/audit"
    tags = ["audit"]

    @get(opt=CONFIGURE)
    async def search(
        self, hub: TheHub, principal: Asker, q: Query = "", limit: Limit = PAGE, cursor: Cursor = ""
    ) -> Page[EntryItem]:
        """Search the audit log, the newest first."""
        tree, start, end = understand(q, AUDIT_FIELDS), before(cursor), deadline()
        found = await hub.database.read(
            lambda connection: search.audit(
                connection, principal.domain_id, tree, limit=limit + 1, before=start, deadline=end
            )
        )
        shown, following = page_of(found, limit, lambda entry: entry.seq)
        return Page([_item(entry) for entry in shown], following)


def _item(entry: Entry) -> EntryItem:
    return EntryItem(
        entry.seq,
        moment(entry.recorded_at),
        entry.author,
        entry.via,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.subject_name,
        msgspec.json.decode(entry.details, type=dict[str, Any]),
    )
