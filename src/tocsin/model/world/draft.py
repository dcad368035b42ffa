"""A change of the configured world: what is there, with what somebody puts into it and takes out of it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.world.documents import (
    DISCOVERED,
    IMPLIED,
    ROOT,
    Configured,
    Document,
    Host,
    HostGroup,
    Kind,
    refers_to,
)
from tocsin.model.world.world import World

HOST_LIMIT: Final = 20_000
SERVICE_LIMIT: Final = 200_000
"""So many hosts and services a domain can have: its world is held in memory."""

THING_LIMIT: Final = 100_000
"""So many things of all kinds it can have."""
NAME_LENGTH: Final = 255
"""Letters of a name."""


class Unfit(Exception):
    """A change that would leave the world unsound. The text says why."""


class Numbers(msgspec.Struct):
    """The next numbers of a domain. They move along.

    Attributes:
        configured: of a thing that is no host.
        object: of a monitored object.
    """

    configured: int
    object: int


class Draft:
    """The world while it is changed.

    Args:
        domain_id: whose.
        things: all that is configured now.
        known: the number of every host and service there is or was, by both names: configured, discovered and
            taken out.
        numbers: the next ones.
        now: microseconds UTC.
    """

    def __init__(
        self,
        domain_id: str,
        things: Iterable[Configured],
        known: Mapping[tuple[str, str], int],
        numbers: Numbers,
        now: int,
    ) -> None:
        self.before = {(each.kind, each.number): each for each in things}
        self.after = dict(self.before)
        self._domain_id = domain_id
        self._known = known
        self._numbers = numbers
        self._now = now
        self._world: World | None = None
        self._by_name: dict[tuple[Kind, str], dict[int, Configured]] = {}
        for thing in self.world.everything():
            self._name(thing)

    @property
    def world(self) -> World:
        """The world as it is by now."""
        if self._world is None:
            self._world = World(self._domain_id, self.after.values())
        return self._world

    def named(self, kind: Kind, name: str) -> list[Configured]:
        """Give what is called so by now, as `World.named` does."""
        if "," in name:
            return self.world.named(kind, name)
        # Without a new world for each of the thousands of things that one change may make.
        return list(self._by_name.get((kind, name.casefold()), {}).values())

    def find(self, kind: Kind, number: int) -> Configured | None:
        """Give the thing of a number, None where there is none."""
        found = self.after.get((kind, number))
        return found or (self.world.all(kind)[number] if (kind, number) in IMPLIED else None)

    def put(self, kind: Kind, number: int, name: str, document: Document) -> Configured:
        """Make a thing, or change the one that has a number.

        Args:
            kind: what it is.
            number: its own; 0 for a new one.
            name: what it is to be called.
            document: what it is to say.

        Raises:
            Unfit: it cannot be called so, another is, or nobody makes such things.
        """
        if kind is Kind.MONITORING_SERVER:
            raise Unfit(
                "Tocsin is the one monitoring server: there are no others, and nothing to change of it"
            )
        self._check_name(kind, number, name, document)
        old = self.find(kind, number) if number else None
        if old is None:
            number = self._next(kind, name)
            thing = Configured(self._domain_id, kind, number, name, document, self._now)
        else:
            thing = replace(old, name=name, document=document)
        if old is not None:
            del self._by_name[kind, old.name.casefold()][number]
        self.after[kind, number] = thing
        self._name(thing)
        self._world = None
        return thing

    def remove(self, things: Collection[Configured]) -> None:
        """Take things out, all together.

        Raises:
            Unfit: every domain has one of them, or something that stays names it.
        """
        gone = {(each.kind, each.number): each for each in things}
        for key in gone.keys() & IMPLIED.keys():
            raise Unfit(f"every domain has the {key[0]} {gone[key].name}")
        for key, each in self.after.items():
            named = refers_to(each) & gone.keys() if key not in gone else ()
            for other in named:
                raise Unfit(f"the {other[0]} {gone[other].name} is named by the {each.kind} {each.name}")
        for key, thing in gone.items():
            del self.after[key]
            del self._by_name[thing.kind, thing.name.casefold()][thing.number]
        self._world = None

    def check(self) -> None:
        """Make sure that the world is sound as it is to be.

        Raises:
            Unfit: it is not: groups or parents go in a circle, or it is too large.
        """
        for group in self.world.all(Kind.HOST_GROUP).values():
            if self.world.above(group.number)[-1] != ROOT:
                raise Unfit(f"the host group {group.name} would not be below the one above all others")
        hosts = self.world.all(Kind.HOST)
        for host in hosts.values():
            if isinstance(host.document, Host) and host.number in host.document.parents:
                raise Unfit(f"the host {host.name} would be its own parent")
            if isinstance(host.document, Host) and host.document.group in {0, DISCOVERED}:
                raise Unfit(f"the host {host.name} would be in no group of what people configure")
        if len(hosts) > HOST_LIMIT or len(self.world.effective) > SERVICE_LIMIT:
            raise Unfit(f"a domain has {HOST_LIMIT} hosts and {SERVICE_LIMIT} services at most")
        if len(self.after) > THING_LIMIT:
            raise Unfit(f"a domain has {THING_LIMIT} hosts, groups, checks and the like at most")

    def _name(self, thing: Configured) -> None:
        self._by_name.setdefault((thing.kind, thing.name.casefold()), {})[thing.number] = thing

    def _next(self, kind: Kind, name: str) -> int:
        if kind is not Kind.HOST:
            # The groups that every domain has stand for the first numbers.
            number = max(self._numbers.configured, DISCOVERED + 1)
            self._numbers.configured = number + 1
            return number
        known = self._known.get((name, ""))
        # The host that had this name may be called otherwise by now.
        if known is not None and (kind, known) not in self.after:
            return known
        self._numbers.object += 1
        return self._numbers.object - 1

    def _check_name(self, kind: Kind, number: int, name: str, document: Document) -> None:
        if not 0 < len(name) <= NAME_LENGTH or "," in name or name != name.strip():
            raise Unfit(f"a name has up to {NAME_LENGTH} letters, no commas, and no blanks around it")
        for each in self._by_name.get((kind, name.casefold()), {}).values():
            is_elsewhere = (
                isinstance(document, HostGroup)
                and isinstance(each.document, HostGroup)
                and each.document.parent != document.parent
            )
            if each.number != number and not is_elsewhere:
                raise Unfit(f"there is another {kind} called {each.name}")
