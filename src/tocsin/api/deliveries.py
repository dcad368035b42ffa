"""`/api/v1/deliveries`: what goes to targets, how it went, and another try."""

from typing import Annotated, Final

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.principal import author
from tocsin.api.problems import bad_input
from tocsin.api.search import PAGE, Cursor, Limit, Page
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, OVERSEE, Name
from tocsin.hub.hub import clock
from tocsin.model.delivery import Attempt, Delivery, DeliveryState
from tocsin.model.identifiers import alert_id, delivery_of, event_id, seq_of
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.store import audit, configuration, outbox, targets
from tocsin.store.errors import Conflict, NotFound

RETRY_LIMIT: Final = 1_000
"""How many are tried again in one transaction, so that intake goes on meanwhile."""
_MICROSECONDS_PER_MILLISECOND: Final = 1_000

InState = Annotated[
    str,
    QueryParameter(name="state", description="One of pending, delivered, dead, overtaken, unsuited."),
]
OfTarget = Annotated[str, QueryParameter(description="Only those to this target, by name or id.")]
OfAlert = Annotated[str, QueryParameter(description="Only those of the events of this alert, by its id.")]
OfEvent = Annotated[str, QueryParameter(description="Only those of this event, by its id.")]


class DeliveryItem(msgspec.Struct):
    """A delivery as it is listed."""

    id: str
    state: str
    event_id: str
    alert_id: str
    target_id: str
    target: str
    route_id: str
    key: str
    change: str
    attempts: int
    status: int
    reason: str
    created_at: str | None
    due_at: str | None
    done_at: str | None


class AttemptItem(msgspec.Struct):
    """One attempt: `milliseconds` is how long it took, `answer` how the target's answer began."""

    number: int
    started_at: str | None
    milliseconds: float
    outcome: str
    status: int
    reason: str
    answer: str


class DeliveryWithAttempts(DeliveryItem, kw_only=True):
    """A delivery with each of its attempts."""

    log: list[AttemptItem]


class Retry(msgspec.Struct, forbid_unknown_fields=True):
    """Whose dead deliveries to try again: the target by name or id."""

    target: Name


class Retried(msgspec.Struct):
    """How many deliveries are tried again."""

    retried: int


class Deliveries(Controller):
    """Deliveries: each event for each target, and how it went."""

    path = "/api/v1/deliveries"
    tags = ["deliveries"]

    @get(opt=OVERSEE)
    async def listing(
        self,
        hub: TheHub,
        principal: Asker,
        standing: InState = "",
        target: OfTarget = "",
        alert: OfAlert = "",
        event: OfEvent = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
    ) -> Page[DeliveryItem]:
        """List deliveries, those of the newest events first."""
        if standing and standing not in set(DeliveryState):
            raise bad_input("state", f"expected one of {', '.join(DeliveryState)}")
        before = _before(cursor)
        alert_seq, seq = _seq("alert", alert), _seq("event", event)

        def look(connection: Connection) -> Page[DeliveryItem]:
            domain_id = principal.domain_id
            found = outbox.deliveries(
                connection,
                domain_id,
                state=standing,
                target_id=targets.find_target(connection, domain_id, target).id if target else "",
                alert_seq=alert_seq,
                seq=seq,
                limit=limit + 1,
                before=before,
            )
            names = _names(connection, domain_id)
            shown = found[:limit]
            following = encode_cursor([shown[-1].seq, shown[-1].target_id]) if len(found) > limit else None
            return Page([_item(each, names) for each in shown], following)

        return await hub.database.read(look)

    @get("/{delivery_id:str}", opt=OVERSEE)
    async def one(self, delivery_id: FromPath[str], hub: TheHub, principal: Asker) -> DeliveryWithAttempts:
        """Show a delivery with each of its attempts."""

        def look(connection: Connection) -> DeliveryWithAttempts:
            found = _find(connection, principal.domain_id, delivery_id)
            made = outbox.attempts(connection, principal.domain_id, found.seq, found.target_id)
            shown = _item(found, _names(connection, principal.domain_id))
            return DeliveryWithAttempts(
                **msgspec.structs.asdict(shown), log=[_attempt(each) for each in made]
            )

        return await hub.database.read(look)

    @post("/{delivery_id:str}/retry", status_code=202, opt=CONFIGURE)
    async def again(self, delivery_id: FromPath[str], hub: TheHub, principal: Asker) -> DeliveryItem:
        """Try a dead delivery again."""

        def write(connection: Connection) -> DeliveryItem:
            domain_id = principal.domain_id
            found = _find(connection, domain_id, delivery_id)
            names = _names(connection, domain_id)
            if found.target_id not in names:
                raise Conflict("its target is deleted")
            if found.state is not DeliveryState.DEAD:
                raise Conflict(f"it is {found.state}, not dead")
            outbox.retry(connection, [found], clock())
            changed = _find(connection, domain_id, delivery_id)
            audit.write(connection, author(principal), "delivery.retry", before=found, after=changed)
            return _item(changed, names)

        item = await hub.database.write(write)
        hub.dispatcher.hurry({item.target_id})
        return item

    @post("/retry", status_code=202, opt=CONFIGURE)
    async def dead_again(self, data: JSONBody[Retry], hub: TheHub, principal: Asker) -> Retried:
        """Try all dead deliveries of a target again."""
        domain_id, begun_at = principal.domain_id, clock()
        target = await hub.database.read(
            lambda connection: targets.find_target(connection, domain_id, data.target)
        )
        retried, before = 0, None

        def write(connection: Connection) -> tuple[int, list[Delivery]]:
            # Before the domain's row, which the entry takes: everybody takes them in that order.
            configuration.hold(connection)
            if before is None:
                audit.write(connection, author(principal), "target.retry", before=target, after=target)
            dead = outbox.deliveries(
                connection,
                domain_id,
                state=DeliveryState.DEAD,
                target_id=target.id,
                limit=RETRY_LIMIT,
                before=before,
            )
            # What dies meanwhile is not tried over and over.
            wanted = [each for each in dead if each.done_at <= begun_at]
            outbox.retry(connection, wanted, clock())
            return len(wanted), dead

        while True:
            count, dead = await hub.database.write(write)
            retried += count
            hub.dispatcher.hurry({target.id})
            if len(dead) < RETRY_LIMIT:
                return Retried(retried)
            before = dead[-1].seq, dead[-1].target_id


def _find(connection: Connection, domain_id: str, delivery_id: str) -> Delivery:
    parts = delivery_of(delivery_id)
    if parts is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    return outbox.delivery(connection, domain_id, *parts)


def _before(cursor: str) -> tuple[int, str] | None:
    """Give the delivery behind which a page begins, None for the first page.

    Raises:
        CursorError: this is no cursor.
    """
    if not cursor:
        return None
    seq, target_id = decode_cursor(cursor, (int, str))
    return int(seq), str(target_id)


def _seq(kind: str, identifier: str) -> int:
    if not identifier:
        return 0
    seq = seq_of(identifier, kind)
    if seq is None:
        raise NotFound(f"there is no {kind} {identifier}")
    return seq


def _names(connection: Connection, domain_id: str) -> dict[str, str]:
    return {target.id: target.name for target in targets.targets(connection, domain_id)}


def _item(delivery: Delivery, names: dict[str, str]) -> DeliveryItem:
    return DeliveryItem(
        delivery.id,
        delivery.state,
        event_id(delivery.seq),
        alert_id(delivery.alert_seq),
        delivery.target_id,
        names.get(delivery.target_id, ""),
        delivery.route_id,
        delivery.key,
        delivery.change,
        delivery.attempts,
        delivery.status,
        delivery.reason,
        moment(delivery.created_at),
        moment(0 if delivery.done_at else delivery.due_at),
        moment(delivery.done_at),
    )


def _attempt(attempt: Attempt) -> AttemptItem:
    return AttemptItem(
        attempt.number,
        moment(attempt.started_at),
        attempt.duration / _MICROSECONDS_PER_MILLISECOND,
        attempt.outcome,
        attempt.status,
        attempt.reason,
        attempt.answer,
    )
