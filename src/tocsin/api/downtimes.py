"""`/api/v1/downtimes`: times in which trouble with hosts and services is expected."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Final

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from tocsin.api.given import Asker, TheHub
from tocsin.api.listing import Listing
from tocsin.api.objects import chosen
from tocsin.api.principal import author
from tocsin.api.problems import bad_input, problem
from tocsin.api.search import Query
from tocsin.api.shapes import moment
from tocsin.api.window import Seconds, read_window
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.downtime import DOWNTIME, Downtime, Plan
from tocsin.model.monitored import with_services
from tocsin.store.errors import NotFound

_READ: Final = {"action": Action.READ}
_SILENCE: Final = {"action": Action.SILENCE}
_COMMENT_LIMIT: Final = 20_480


class NewDowntime(msgspec.Struct, forbid_unknown_fields=True):
    """A downtime to make: of which hosts and services, from when (now unless it says), and until when.

    `expected` is how many hosts and services it is to be over; if there are others, nothing is done.
    """

    expression: Annotated[str, msgspec.Meta(min_length=1)]
    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=_COMMENT_LIMIT)]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration: Seconds | None = None
    expected: int | None = None


class InDowntime(msgspec.Struct):
    """A host, or a service of one, in a downtime."""

    host: str
    service: str


class DowntimeItem(msgspec.Struct):
    """What was put into a downtime together."""

    id: str
    started: bool
    starts_at: str | None
    ends_at: str | None
    author: str
    comment: str
    objects: list[InDowntime]


class Downtimes(Controller):
    """Downtimes: trouble that is expected, and of which nobody is told."""

    path = "/api/v1/downtimes"
    tags = ["downtimes"]

    @get(opt=_READ)
    async def listing(self, hub: TheHub, principal: Asker, q: Query = "") -> Listing[DowntimeItem]:
        """List downtimes that wait or run, by their begin: those over hosts and services that match."""
        found, _ = await chosen(hub, principal, q, Action.READ)
        ids = {each.id for each in found}
        entries = await hub.downtimes.unended(principal.domain_id)
        return Listing(_items([each for each in entries if each.object_id in ids]))

    @post(opt=_SILENCE)
    async def create(self, data: JSONBody[NewDowntime], hub: TheHub, principal: Asker) -> DowntimeItem:
        """Put hosts and services into a downtime; a host with its services, as they are known now."""
        starts_at, ends_at = read_window(data.starts_at, data.ends_at, data.duration, clock())
        found, within = await chosen(hub, principal, data.expression, Action.SILENCE)
        objects = with_services(found, within)
        if not objects:
            raise bad_input("expression", "no host or service that you may act on matches")
        if data.expected not in {None, len(objects)}:
            raise problem(409, f"it would be over {len(objects)} hosts and services, not {data.expected}")
        plan = Plan(starts_at, ends_at, principal.name, data.comment)
        made = await hub.downtimes.schedule(principal.domain_id, plan, objects, author(principal))
        return _items(made)[0]

    @delete("/{downtime_id:str}", status_code=204, opt=_SILENCE)
    async def cancel(self, downtime_id: FromPath[str], hub: TheHub, principal: Asker) -> None:
        """Cancel a downtime. One that runs ends now; one that has not begun never was."""
        _, within = await chosen(hub, principal, "", Action.SILENCE)
        ids = {each.id for each in within}

        def choose(entries: Sequence[Downtime]) -> list[Downtime]:
            return [each for each in entries if _id(each) == downtime_id and each.object_id in ids]

        if not await hub.downtimes.cancel(principal.domain_id, choose, author(principal)):
            raise NotFound(f"there is no downtime {downtime_id}")


def _id(entry: Downtime) -> str:
    return f"{DOWNTIME}{entry.submission}"


def _items(entries: Sequence[Downtime]) -> list[DowntimeItem]:
    ordered = sorted(entries, key=lambda each: (each.starts_at, each.submission, each.host, each.service))
    return [
        _item(list(together))
        for _, together in groupby(ordered, key=lambda each: (each.starts_at, each.submission))
    ]


def _item(together: Sequence[Downtime]) -> DowntimeItem:
    first = together[0]
    return DowntimeItem(
        _id(first),
        any(each.started_at for each in together),
        moment(first.starts_at),
        moment(first.ends_at),
        first.author,
        first.comment,
        [InDowntime(each.host, each.service) for each in together],
    )
