"""The archive: what is recorded, for those who may not touch the store themselves."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.hub.errors import TooMany, TooSlow, Unavailable
from tocsin.model.event import Event
from tocsin.model.submission import Payload
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.order import SortKey
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store import listing, reading, search
from tocsin.store.counting import Counting
from tocsin.store.database import Database, breathe
from tocsin.store.errors import NotFound, StoreUnavailable, TookTooLong
from tocsin.store.payloads import Payloads
from tocsin.store.surveying import Surveying
from tocsin.store.tally import Tally
from tocsin.store.tallying import Tallying

T = TypeVar("T")

_SECONDS: Final = 20.0
"""How long a search may take."""
_AT_ONCE: Final = 50
"""So many payloads are held at once: each can be as large as a request."""
_MANY_AT_ONCE: Final = 500
"""So many events are held at once where their payloads are not asked for."""


class Kept(msgspec.Struct, frozen=True):
    """An event and the request that it came with; None where that is not kept any more."""

    event: Event
    payload: Payload | None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list.

    Attributes:
        total: how many events the list has.
        items: what is shown of those on the page, in their order.
    """

    total: int
    items: Sequence[T]


class Surveyed(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list, and the figures of the whole list.

    Attributes:
        last_seq: the number of the domain's newest event, whether it is listed or not.
        total: how many events the list has.
        newest: the greatest number among them; 0 where there is none.
        newer: how many of them have a greater number than was asked for.
        items: what is shown of those on the page, in their order.
    """

    last_seq: int
    total: int
    newest: int
    newer: int
    items: Sequence[T]


class Archive:
    """Reads events.

    Args:
        database: where they stand.
        counting: what counts them.
    """

    def __init__(self, database: Database, counting: Counting) -> None:
        self._database = database
        self._surveying = Surveying(database, counting)
        self._tallying = Tallying(database, counting)

    async def event(self, domain_id: str, seq: int, sees: Expression) -> Kept | None:
        """Give the event with a number; None where the domain has none, or it is not to be seen.

        Args:
            domain_id: whose.
            seq: its number.
            sees: what whoever asks may see.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        tree = conjunction([Comparison(EVENT_FIELDS.by_name["id"], Operator.EQUAL, seq), sees])

        def work(connection: Connection) -> Kept | None:
            found = search.events(connection, domain_id, tree, limit=1)
            return _kept(connection, found[0]) if found else None

        return await self._read(work)

    async def page(
        self,
        domain_id: str,
        tree: Expression,
        show: Callable[[Kept], T],
        *,
        order: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        most: int | None = None,
        with_payloads: bool = True,
    ) -> Page[T]:
        """List events, and count all of which these are a page.

        Args:
            domain_id: whose.
            tree: which. The caller may see them.
            show: makes of an event what is listed; its payload is let go of then. It may run in a thread.
            order: what to sort by, then by number in the direction of the last key; nothing for the newest
                first.
            skip: how many come before the page.
            limit: how many the page holds at most; None for all.
            most: how many may be asked for at once; None for any number.
            with_payloads: show needs the payloads; else they are None.

        Raises:
            TooMany: there are more than `most` to show.
            TooSlow, Unavailable: it cannot be told now.
        """
        deadline = time.monotonic() + _SECONDS
        wanted = limit if most is None else min(most + 1, limit if limit is not None else most + 1)

        def work(connection: Connection) -> tuple[listing.Found, list[T]]:
            found = listing.find(
                connection, domain_id, tree, order=order, skip=skip, limit=wanted, deadline=deadline
            )
            if most is not None and len(found.keys) > most:
                raise TooMany(f"more than {most} events are asked for at once: ask for a page of them")
            return found, [show(kept) for kept in _kept_by(connection, domain_id, found.keys, with_payloads)]

        found, items = await self._read(work)
        if found.total is not None:
            return Page(found.total, items)
        with told():
            total = await self._surveying.count(domain_id, tree, found.last_seq, deadline)
        return Page(total, items)

    async def survey(
        self,
        domain_id: str,
        tree: Expression,
        show: Callable[[Event], T],
        *,
        order: Sequence[SortKey],
        window: Callable[[int], tuple[int, int]],
        after: int,
    ) -> Surveyed[T]:
        """List a page of events in any order, with the figures of the whole list.

        Args:
            domain_id: whose.
            tree: which. The caller may see them.
            show: makes of an event what is listed. It may run in a thread.
            order: what to sort by, then by number in the direction of the last key. It has no labels.
            window: how many events match -> how many come before the page, and how many the page has at most.
            after: the events with a greater number are counted by themselves.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        deadline = time.monotonic() + _SECONDS
        with told():
            found = await self._surveying.survey(
                domain_id, tree, order=order, window=window, after=after, deadline=deadline
            )
        go_on = patience(deadline)

        def work(connection: Connection) -> list[T]:
            shown: list[T] = []
            for start in range(0, len(found.keys), _MANY_AT_ONCE):
                go_on()
                keys = found.keys[start : start + _MANY_AT_ONCE]
                # Those that retention has taken meanwhile are left out.
                shown += map(show, listing.read(connection, domain_id, keys))
            return shown

        items = await self._read(work)
        return Surveyed(found.last_seq, found.total, found.newest, found.newer, items)

    async def through(
        self,
        domain_id: str,
        tree: Expression,
        attributes: Iterable[str],
        work: Callable[[Iterable[Any], Callable[[], None]], T],
    ) -> T:
        """Let work go through events, the newest first; none is kept.

        Args:
            domain_id: whose.
            tree: which. The caller may see them.
            attributes: those of `Event` that the work needs; `payload` is the request that an event came
                with, None where that is not kept any more.
            work: is given objects with these attributes, and what to call now and then while it does much
                with one of them. It may run in a thread.

        Returns:
            What the work gives.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """
        deadline = time.monotonic() + _SECONDS

        def read(connection: Connection) -> T:
            events = search.parts_of_events(connection, domain_id, tree, attributes, deadline)
            with closing(events):
                return work(events, patience(deadline))

        return await self._read(read)

    async def tally(
        self,
        domain_id: str,
        tree: Expression,
        units: Mapping[str, int],
        work: Callable[[Iterable[Any], Callable[[], None], Iterable[int]], T],
    ) -> T | None:
        """Let work go through what an engine counts of events.

        Args:
            domain_id: whose.
            tree: which. The caller may see them.
            units: the attributes that tell events apart, as `Tallying.tally` has them.
            work: is given objects with these attributes, in the order of the newest event of each; what to
                call now and then; and how many events each stands for. It may run in a thread.

        Returns:
            What the work gives; None where the events have to be gone through one by one.

        Raises:
            TooSlow, Unavailable: it cannot be told now.
        """

        deadline = time.monotonic() + _SECONDS

        def go(found: Tally) -> T:
            return work((each for each, _ in found), patience(deadline), (times for _, times in found))

        with told():
            return await self._tallying.tally(domain_id, tree, units, go, deadline)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        with told():
            return await self._database.read(work)


def patience(deadline: float) -> Callable[[], None]:
    """Give what long work calls now and then: it lets others go on, and ends the work in time."""

    def go_on() -> None:
        breathe()
        if time.monotonic() > deadline:
            raise TookTooLong("the search took too long: narrow it")

    return go_on


@contextmanager
def told() -> Iterator[None]:
    """Tell trouble with the store in the hub's words."""
    try:
        yield
    except TookTooLong as failure:
        raise TooSlow(str(failure)) from None
    except StoreUnavailable:
        raise Unavailable("the store does not answer now") from None


def _kept_by(
    connection: Connection, domain_id: str, keys: Sequence[listing.Key], with_payloads: bool
) -> Iterator[Kept]:
    payloads = Payloads(connection, domain_id)
    for start in range(0, len(keys), _AT_ONCE):
        events = listing.read(connection, domain_id, keys[start : start + _AT_ONCE])
        held = payloads.of({event.payload_seq: event.day for event in events} if with_payloads else {})
        yield from (Kept(event, held.get(event.payload_seq)) for event in events)


def _kept(connection: Connection, event: Event) -> Kept:
    try:
        payload = reading.payload(connection, event.domain_id, event.payload_seq)
    except NotFound:
        return Kept(event, None)
    return Kept(event, payload)
