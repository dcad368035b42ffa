"""`/api/v1/deliveries`: what goes to targets, how it went, and another try."""

from typing import Annotated, Final

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.counts import CountItem, CountPage
from tocsin.api.events import moment_of
from tocsin.api.given import Asker, TheHub
from tocsin.api.listing import Listing
from tocsin.api.principal import author
from tocsin.api.problems import bad_input
from tocsin.api.search import PAGE, Cursor, Limit, Page
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, OVERSEE
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Principal
from tocsin.model.delivery import Attempt, Delivery, DeliveryState
from tocsin.model.identifiers import alert_id, delivery_of, event_id, seq_of
from tocsin.model.target import Target
from tocsin.query.cursor import decode_cursor, encode_cursor
from tocsin.store import audit, configuration, deliveries, outbox, routes, targets
from tocsin.store.deliveries import GROUPED_BY, Narrowed
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
OfRoute = Annotated[str, QueryParameter(description="Only those that this route chose, by name or id.")]
Since = Annotated[
    str, QueryParameter(name="from", description="Only of events recorded then or later: RFC 3339 or -2h.")
]
Until = Annotated[
    str, QueryParameter(name="to", description="Only of events recorded before: RFC 3339 or -2h.")
]
WithLog = Annotated[bool, QueryParameter(name="log", description="Give of each its attempts, too.")]
NameOrNone = Annotated[str, msgspec.Meta(max_length=255)]
By = Annotated[
    str, QueryParameter(description=f"What to group by, with commas: some of {', '.join(GROUPED_BY)}.")
]


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


class ListedDelivery(DeliveryItem, kw_only=True):
    """A delivery as it is listed; with each of its attempts where these were asked for."""

    log: list[AttemptItem] | UnsetType = UNSET


class TargetStanding(msgspec.Struct):
    """How a target does, by its newest 100 deliveries.

    Attributes:
        waiting: how many deliveries are to be sent to it.
        failing: it does not take what is sent to it, and an open alert of Tocsin's own says so.
        delivered_at: when it last took one.
        failed_at: when it last did not take one that is not delivered yet; null where there is none.
        status: the HTTP status of that attempt, 0 where no answer came.
        reason: why it was not taken.
    """

    target_id: str
    waiting: int
    failing: bool
    delivered_at: str | None
    failed_at: str | None
    status: int
    reason: str


class Retry(msgspec.Struct, forbid_unknown_fields=True):
    """Which dead deliveries to try again.

    Attributes:
        target: those to it, by name or id; '' for all targets.
        route: those that it chose, by name or id; '' for whatever chose them.
        since: those of events recorded then or later, RFC 3339 or -2h.
        until: those of events recorded before.
        expected: how many there must be, else nothing is done.
    """

    target: NameOrNone = ""
    route: NameOrNone = ""
    since: str = msgspec.field(default="", name="from")
    until: str = msgspec.field(default="", name="to")
    expected: Annotated[int, msgspec.Meta(ge=0)] | None = None


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
        route: OfRoute = "",
        alert: OfAlert = "",
        event: OfEvent = "",
        since: Since = "",
        until: Until = "",
        with_log: WithLog = False,
        limit: Limit = PAGE,
        cursor: Cursor = "",
    ) -> Page[ListedDelivery]:
        """List deliveries, those of the newest events first."""
        asked = _Asked(standing, target, route, alert, event, since, until)
        before = _before(cursor)

        def look(connection: Connection) -> Page[ListedDelivery]:
            domain_id = principal.domain_id
            found = deliveries.deliveries(
                connection, domain_id, asked.narrowed(connection, domain_id), limit=limit + 1, before=before
            )
            names = _names(connection, domain_id)
            shown = found[:limit]
            following = encode_cursor([shown[-1].seq, shown[-1].target_id]) if len(found) > limit else None
            items = [ListedDelivery(**msgspec.structs.asdict(_item(each, names))) for each in shown]
            if with_log:
                for item, each in zip(items, shown, strict=True):
                    item.log = _log(connection, each)
            return Page(items, following)

        return await hub.database.read(look)

    @get("/count", opt=OVERSEE)
    async def count(
        self,
        hub: TheHub,
        principal: Asker,
        by: By = "",
        standing: InState = "",
        target: OfTarget = "",
        route: OfRoute = "",
        alert: OfAlert = "",
        event: OfEvent = "",
        since: Since = "",
        until: Until = "",
    ) -> CountPage:
        """Count deliveries, in groups if asked, the greatest first."""
        asked = _Asked(standing, target, route, alert, event, since, until)
        names = [each.strip() for each in by.split(",")] if by else []
        if len(set(names)) < len(names) or not set(names) <= set(GROUPED_BY):
            raise bad_input("by", f"expected some of {', '.join(GROUPED_BY)}, each once")

        def look(connection: Connection) -> CountPage:
            narrowed = asked.narrowed(connection, principal.domain_id)
            found = deliveries.counts(connection, principal.domain_id, narrowed, names)
            items = [CountItem(None, dict(zip(names, values, strict=True)), many) for values, many in found]
            return CountPage(sum(many for _, many in found), len(found), items)

        return await hub.database.read(look)

    @get("/targets", opt=OVERSEE)
    async def standings(self, hub: TheHub, principal: Asker) -> Listing[TargetStanding]:
        """Say how each target does: whether it takes what is sent to it, and what waits."""

        def look(connection: Connection) -> list[TargetStanding]:
            ids = [each.id for each in targets.targets(connection, principal.domain_id)]
            return [
                TargetStanding(
                    each.target_id,
                    each.waiting,
                    each.is_failing,
                    moment(each.delivered_at),
                    moment(each.failed_at),
                    each.status,
                    each.reason,
                )
                for each in deliveries.standings(connection, principal.domain_id, ids)
            ]

        return Listing(await hub.database.read(look))

    @get("/{delivery_id:str}", opt=OVERSEE)
    async def one(self, delivery_id: FromPath[str], hub: TheHub, principal: Asker) -> DeliveryWithAttempts:
        """Show a delivery with each of its attempts."""

        def look(connection: Connection) -> DeliveryWithAttempts:
            found = _find(connection, principal.domain_id, delivery_id)
            shown = _item(found, _names(connection, principal.domain_id))
            return DeliveryWithAttempts(**msgspec.structs.asdict(shown), log=_log(connection, found))

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
        """Try dead deliveries again: all, or those to a target, or of a time."""
        domain_id, begun_at = principal.domain_id, clock()
        asked = _Asked(DeliveryState.DEAD, data.target, data.route, since=data.since, until=data.until)

        def find(connection: Connection) -> tuple[Narrowed, list[Target]]:
            narrowed = asked.narrowed(connection, domain_id)
            found = deliveries.counts(connection, domain_id, narrowed, ["target_id"])
            ids = {key[0] for key, _ in found}
            known = [each for each in targets.targets(connection, domain_id) if each.id in ids]
            many = sum(count for key, count in found if key[0] in {each.id for each in known})
            if data.expected is not None and many != data.expected:
                raise Conflict(f"{many} dead deliveries are meant, not {data.expected}: look at them again")
            return narrowed, known

        narrowed, known = await hub.database.read(find)
        retried = 0
        for target in known:
            wanted = msgspec.structs.replace(narrowed, target_id=target.id)
            retried += await _all_again(hub, principal, target, wanted, begun_at)
        return Retried(retried)


async def _all_again(
    hub: Hub, principal: Principal, target: Target, narrowed: Narrowed, begun_at: int
) -> int:
    """Try dead deliveries of a target again, and give how many there were."""
    retried, before = 0, None

    def write(connection: Connection) -> tuple[int, list[Delivery]]:
        # Before the domain's row, which the entry takes: everybody takes them in that order.
        configuration.hold(connection)
        if before is None:
            audit.write(connection, author(principal), "target.retry", before=target, after=target)
        dead = deliveries.deliveries(
            connection, principal.domain_id, narrowed, limit=RETRY_LIMIT, before=before
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
            return retried
        before = dead[-1].seq, dead[-1].target_id


class _Asked:
    """Which deliveries a request asks for, in its own words.

    Raises:
        ProblemDetailsException: names the parameter that cannot be meant.
        NotFound: an id is none.
    """

    def __init__(
        self,
        state: str,
        target: str,
        route: str = "",
        alert: str = "",
        event: str = "",
        since: str = "",
        until: str = "",
    ) -> None:
        if state and state not in set(DeliveryState):
            raise bad_input("state", f"expected one of {', '.join(DeliveryState)}")
        self._target, self._route = target, route
        self._narrowed = Narrowed(
            state,
            alert_seq=_seq("alert", alert),
            seq=_seq("event", event),
            since=moment_of("from", since) if since else 0,
            until=moment_of("to", until) if until else 0,
        )

    def narrowed(self, connection: Connection, domain_id: str) -> Narrowed:
        """Give what is meant, with ids in the place of names.

        Raises:
            NotFound: the domain has no such target or route.
        """
        return msgspec.structs.replace(
            self._narrowed,
            target_id=targets.find_target(connection, domain_id, self._target).id if self._target else "",
            route_id=routes.find_route(connection, domain_id, self._route).id if self._route else "",
        )


def _find(connection: Connection, domain_id: str, delivery_id: str) -> Delivery:
    parts = delivery_of(delivery_id)
    if parts is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    return deliveries.delivery(connection, domain_id, *parts)


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


def _log(connection: Connection, delivery: Delivery) -> list[AttemptItem]:
    return [_attempt(each) for each in deliveries.attempts(connection, delivery)]


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
