"""`/api/v1/history`: what happened before Tocsin was there, brought in afterwards."""

from typing import Any

import msgspec
from litestar import Controller, Request, post
from litestar.params import FromQuery, JSONBody

from tocsin.api.given import Asker, TheHub
from tocsin.api.problems import bad_input
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native.parse import FORMAT
from tocsin.dialects.native.past_item import PastItem, past_signal
from tocsin.dialects.parsed import ITEMS_LIMIT
from tocsin.model.access import Action
from tocsin.model.submission import Payload, Submission
from tocsin.store import directory


class Remembered(msgspec.Struct):
    """What became of what happened before.

    Attributes:
        recorded: how many events were recorded.
        known: how many stood there already.
    """

    recorded: int
    known: int


class History(Controller):
    """What happened before."""

    path = "/api/v1/history"
    tags = ["events"]

    @post(status_code=200, opt={"action": Action.CONFIGURE})
    async def record(
        self,
        data: JSONBody[list[PastItem]],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        source: FromQuery[str] = directory.FIRST_SOURCE,
    ) -> Remembered:
        """Record events of the past: all of them, or none.

        They have their own times and states, open and resolve no alerts, and are passed on to nobody. What
        stands there already is not recorded again.
        """
        if len(data) > ITEMS_LIMIT:
            raise bad_input("", f"{len(data)} events in one request: at most {ITEMS_LIMIT} are taken")
        signals = []
        for index, item in enumerate(data):
            try:
                signals.append(past_signal(item, index))
            except BadPayload as fault:
                name, _, reason = str(fault).partition(": ")
                raise bad_input(f"{index}.{name}", reason) from None
        found = await hub.database.read(
            lambda connection: directory.find_source(connection, principal.domain_id, source)
        )
        content_type = request.headers.get("content-type", "")
        payload = Payload(FORMAT, content_type, {}, await request.body())
        receipts = await hub.recorder.record(Submission(found, payload, signals, is_past=True))
        recorded = sum(1 for each in receipts if each.seq)
        return Remembered(recorded, len(receipts) - recorded)
