"""`/api/v1/events/{id}/why`: what happened to an event, in plain words."""

from typing import Final

import msgspec
from litestar import Controller, get
from litestar.params import FromPath
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.visible import find_alert, find_event
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal, may
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.identifiers import seq_of
from tocsin.model.why import Line, Rules, Sending, tell
from tocsin.store import deliveries, directory, reading, targets
from tocsin.store.deliveries import Narrowed
from tocsin.store.errors import NotFound
from tocsin.store.explanation import explain, is_repetition

_DELIVERIES: Final = 200


class Why(msgspec.Struct):
    """What happened to an event: one line for each thing that there is to say."""

    id: str
    lines: list[Line]


class EventWhy(Controller):
    """Explanations of events."""

    path = "/api/v1/events"
    tags = ["events"]

    @get("/{event_id:str}/why", opt={"action": Action.READ})
    async def why(self, event_id: FromPath[str], hub: TheHub, principal: Asker) -> Why:
        """Say what happened to an event and why. Silences and routes are those of today."""
        seq = seq_of(event_id, "event")
        if seq is None:
            raise NotFound(f"there is no event {event_id}")

        def look(connection: Connection) -> Why:
            event = find_event(connection, principal, seq)
            domain_id = event.domain_id
            known = {each.id: each for each in directory.sources(connection, domain_id)}
            names = {each.id: each.name for each in targets.targets(connection, domain_id)}
            sent = deliveries.deliveries(connection, domain_id, Narrowed(seq=seq), limit=_DELIVERIES)
            # Routes and targets belong to the whole domain: whoever sees a part of it learns nothing of them.
            oversees = may(principal, Action.OVERSEE)
            try:
                format_ = reading.payload(connection, domain_id, event.payload_seq).format
            except NotFound:
                format_ = ""
            lines = tell(
                event,
                format_,
                known.get(event.source_id),
                [
                    Sending(names.get(each.target_id, each.target_id), each.state, each.attempts, each.reason)
                    if oversees
                    else Sending("a target", each.state, each.attempts, "")
                    for each in sent
                ],
                _rules(connection, event) if oversees else None,
                alert=_alert(connection, principal, event),
                is_repetition=is_repetition(connection, event),
            )
            return Why(event_id, lines)

        return await hub.database.read(look)


def _alert(connection: Connection, principal: Principal, event: Event) -> Alert | None:
    try:
        return find_alert(connection, principal, event.alert_seq)
    except NotFound:
        return None


def _rules(connection: Connection, event: Event) -> Rules:
    found = explain(connection, event, clock())
    return Rules(
        found.silences,
        [route.name for route in found.routes],
        [(each.kind, each.name or each.id, each.why) for each in found.near_misses],
        found.remark,
    )
