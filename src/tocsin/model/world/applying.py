"""Bringing a world to what somebody has written down."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from tocsin.model.world.documents import (
    DOCUMENTS,
    IMPLIED,
    REFERENCES,
    ROOT,
    Configured,
    Document,
    HostGroup,
    Kind,
)
from tocsin.model.world.draft import Draft, Unfit
from tocsin.model.world.written import GROUPS, SECTIONS, VALUES, Written, WrittenHostGroup, WrittenWorld


class Deed(StrEnum):
    """What is done with a thing."""

    CREATE = "create"
    CHANGE = "change"
    KEEP = "keep"
    DELETE = "delete"


class Step(msgspec.Struct):
    """What is done with one thing.

    Attributes:
        action: what.
        kind: of the thing.
        name: its name; of a host group the whole path.
        fields: the members that become others.
    """

    action: Deed
    kind: Kind
    name: str
    fields: list[str] = []


class Misplaced(Unfit):
    """Something that is written down cannot be.

    Args:
        place: where it stands, with dots: `hosts.3.group`.
        reason: what is wrong with it.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def apply(draft: Draft, written: WrittenWorld, *, prune: bool) -> list[Step]:
    """Bring a world to what is written down. What that leaves out stays as it is.

    Args:
        draft: the world.
        written: how it is to be.
        prune: whatever a section does not name goes; all stays where there is no such section.

    Returns:
        A step for each thing that is named, and for each that goes.

    Raises:
        Misplaced: a name cannot be one or stands there twice, or what is named is not there or goes.
        Unfit: what goes is named by what stays.
    """
    work = _Work(draft)
    kinds: list[Kind] = []
    if written.host_groups is not UNSET:
        work.grow(written.host_groups, ROOT, GROUPS, draft.world.path(ROOT))
        kinds.append(Kind.HOST_GROUP)
    for section, (kind, _) in SECTIONS.items():
        things: Sequence[Written] | msgspec.UnsetType = getattr(written, section)
        if things is not UNSET:
            work.write(kind, things, section)
            kinds.append(kind)
    if prune:
        work.prune(kinds)
    return work.steps


class _Work:
    """What is done with a draft.

    Attributes:
        steps: what was done by now.
    """

    def __init__(self, draft: Draft) -> None:
        self.steps: list[Step] = []
        self._draft = draft
        self._named: set[tuple[Kind, int]] = set()
        self._known: dict[tuple[Kind, str], int] = {}
        self._places: dict[tuple[Kind, int], str] = {}

    def grow(self, groups: Sequence[WrittenHostGroup], parent: int, place: str, path: str) -> None:
        """Put host groups where they stand in the tree.

        Args:
            groups: those below one.
            parent: the number of that one.
            place: where they are written down.
            path: of that one.
        """
        _check_names(groups, place)
        for index, group in enumerate(groups):
            named = self._draft.named(Kind.HOST_GROUP, group.name)
            old = next((each for each in named if _parent(each) == parent), None)
            at, own_path = f"{place}.{index}", f"{path}{group.name},"
            new = self._put(Kind.HOST_GROUP, old, group.name, HostGroup(parent), at)
            self._note(old, new, own_path, {})
            self.grow(group.groups, new.number, f"{at}.groups", own_path)

    def write(self, kind: Kind, things: Sequence[Written], section: str) -> None:
        """Put the things of a section."""
        _check_names(things, section)
        places = [f"{section}.{index}" for index in range(len(things))]
        present = [next(iter(self._draft.named(kind, each.name)), None) for each in things]
        # All of them are there before one says anything: hosts name one another.
        begun = [
            old or self._put(kind, None, each.name, DOCUMENTS[kind](), place)
            for each, old, place in zip(things, present, places, strict=True)
        ]
        for each, old, thing, place in zip(things, present, begun, places, strict=True):
            document = replace(thing.document, **self._members(kind, each, place))
            new = self._put(kind, thing, each.name, document, place)
            names = zip(each.__struct_fields__, each.__struct_encode_fields__, strict=True)
            self._note(old, new, new.name, dict(names))

    def prune(self, kinds: Sequence[Kind]) -> None:
        """Take out what no section has.

        Raises:
            Misplaced: it is named all the same.
            Unfit: something that stays names it.
        """
        world = self._draft.world
        gone = [
            thing
            for kind in kinds
            for thing in world.all(kind).values()
            if (kind, thing.number) not in self._named | IMPLIED.keys()
        ]
        for thing in gone:
            if place := self._places.get((thing.kind, thing.number)):
                raise Misplaced(
                    place, f"the {thing.kind} {thing.name} goes, since its section does not have it"
                )
        self._draft.remove(gone)
        for thing in gone:
            is_group = thing.kind is Kind.HOST_GROUP
            name = world.path(thing.number) if is_group else thing.name
            self.steps.append(Step(Deed.DELETE, thing.kind, name))

    def _put(
        self, kind: Kind, old: Configured | None, name: str, document: Document, place: str
    ) -> Configured:
        if old is not None and (old.name, old.document) == (name, document):
            return old
        try:
            return self._draft.put(kind, 0 if old is None else old.number, name, document)
        except Unfit as failure:
            raise Misplaced(f"{place}.name", str(failure)) from None

    def _note(
        self, old: Configured | None, new: Configured, name: str, written_as: Mapping[str, str]
    ) -> None:
        self._named.add((new.kind, new.number))
        base = DOCUMENTS[new.kind]() if old is None else old.document
        fields = [
            written_as.get(member, member)
            for member in new.document.__struct_fields__
            if getattr(new.document, member) != getattr(base, member)
        ]
        if old is None:
            deed = Deed.CREATE
        else:
            fields += ["name"] if old.name != new.name else []
            deed = Deed.CHANGE if fields else Deed.KEEP
        self.steps.append(Step(deed, new.kind, name, fields))

    def _members(self, kind: Kind, written: Written, place: str) -> dict[str, Any]:
        """Give the members of a document that are written down, with numbers in the place of names."""
        members: dict[str, Any] = {}
        for member in DOCUMENTS[kind].__struct_fields__:
            value = getattr(written, member)
            named = REFERENCES[kind].get(member)
            if value is UNSET:
                continue
            if member == VALUES:
                value = tuple((each.name, each.value) for each in value)
            elif named is not None and isinstance(value, list):
                at = f"{place}.{member}"
                numbers = [self._number(named, each, f"{at}.{index}") for index, each in enumerate(value)]
                value = tuple(dict.fromkeys(numbers))
            elif named is not None:
                value = self._number(named, value, f"{place}.{member}") if value else 0
            members[member] = value
        return members

    def _number(self, kind: Kind, name: str, place: str) -> int:
        """Give the number of what is named. All of a kind are there before it is named."""
        known = self._known.get((kind, name))
        if known is not None:
            return known
        found = self._draft.named(kind, name)
        if len(found) != 1:
            several = f"{len(found)} are called {name}: write the whole path of one, as A,B,C,"
            raise Misplaced(place, several if found else f"there is no {kind} called {name}")
        self._known[kind, name] = found[0].number
        self._places.setdefault((kind, found[0].number), place)
        return found[0].number


def _check_names(things: Sequence[Written | WrittenHostGroup], place: str) -> None:
    seen: set[str] = set()
    for index, each in enumerate(things):
        name = each.name.casefold()
        if name in seen:
            raise Misplaced(f"{place}.{index}.name", f"there is another {each.name}")
        seen.add(name)


def _parent(group: Configured) -> int:
    return group.document.parent if isinstance(group.document, HostGroup) else 0
