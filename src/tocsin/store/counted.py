"""What was counted of a list of events: enough to go on counting, and to know where its pages lie.

Events never change, so what was counted once holds, and only what came since has to be looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.query.fields import EVENT_FIELDS, FieldType
from tocsin.query.order import SortKey
from tocsin.query.tree import Comparison, Expression, Text, leaves
from tocsin.store import marks
from tocsin.store.progress import Progress

Row: TypeAlias = tuple[int, int, int]
"""Number, day and time of an event."""

FEW: Final = 2_000
"""So many events of a list, the newest, are remembered themselves."""
_ASKED: Final = 8
"""For so many numbers it is remembered how many events have none greater: clients ask on from one until
something has come."""
NEWEST_FIRST: Final = (SortKey(EVENT_FIELDS.by_name["occurred"], True, MICROSECONDS_PER_SECOND),)
"""As Opsview's clients see events, who see whole seconds."""
_OLDEST_FIRST: Final = (SortKey(EVENT_FIELDS.by_name["occurred"], False, MICROSECONDS_PER_SECOND),)

_LOOKED_UP: Final = frozenset({FieldType.REFERENCE, FieldType.MEMBERSHIP})
"""Names that another thing can get."""


class Place(msgspec.Struct, frozen=True):
    """The time in which a page lies.

    Attributes:
        earliest: its first microsecond.
        latest: its last.
        skip: how many events of the list that are within it come before the page.
        number: how many events of the list are within it.
    """

    earliest: int
    latest: int
    skip: int
    number: int


class Counted(msgspec.Struct, frozen=True):
    """What is known of a list, up to a number.

    Attributes:
        until: how far the domain's ledger was then.
        unit: how long a stretch of time is, microseconds: whole seconds.
        newest: the greatest number in the list; 0 where it is empty.
        stretches: how many events it has in each stretch of time that has any, counted from 1970.
        rows: its newest events, in the order of `NEWEST_FIRST`: FEW of them, or all.
        up_to: for the numbers that were asked for last, how many events of the list have none greater.
    """

    until: Progress
    unit: int
    newest: int
    stretches: Mapping[int, int]
    rows: Sequence[Row]
    up_to: Mapping[int, int] = {}

    @property
    def total(self) -> int:
        """How many events the list has."""
        return sum(self.stretches.values())

    @property
    def has_all(self) -> bool:
        """Whether all events of the list are remembered themselves."""
        return len(self.rows) == self.total

    def joined_by(self, rows: Sequence[Row], until: Progress) -> "Counted":
        """Give what is known once events have joined the list.

        Args:
            rows: those of the list that came since.
            until: how far the domain's ledger is by now.
        """
        stretches = dict(self.stretches)
        for _, _, time in rows:
            stretches[time // self.unit] = stretches.get(time // self.unit, 0) + 1
        newest = max((seq for seq, _, _ in rows), default=self.newest)
        known = sorted([*rows, *self.rows], key=_place, reverse=True)[:FEW] if rows else self.rows
        return Counted(until, self.unit, newest, stretches, known, self.up_to)

    def told(self, after: int, newer: int) -> "Counted":
        """Give what is known once it was counted how many events have a greater number than one."""
        last = dict(list(self.up_to.items())[1 - _ASKED :])
        return msgspec.structs.replace(self, up_to=last | {after: self.total - newer})

    def page(self, order: Sequence[SortKey], skip: int, limit: int) -> Sequence[Row] | None:
        """Give the events of a page of the list, sorted by time; None where they are not remembered.

        Args:
            order: what the list is sorted by.
            skip: how many events come before the page.
            limit: how many it has at most.
        """
        end = min(skip + limit, self.total)
        if tuple(order) == NEWEST_FIRST and end <= len(self.rows):
            return self.rows[skip:end]
        if tuple(order) == _OLDEST_FIRST and self.has_all:
            return self.rows[::-1][skip:end]
        return None

    def place(self, skip: int, limit: int, *, is_descending: bool) -> Place:
        """Say when the events of a page were, of a list that is sorted by time.

        Args:
            skip: how many events of the list come before the page.
            limit: how many it has at most, one or more.
            is_descending: the newest come first.
        """
        before, left, number = skip, limit, 0
        within: list[int] = []
        for each in sorted(self.stretches, reverse=is_descending):
            times = self.stretches[each]
            if not within and before >= times:
                before -= times
                continue
            left -= times if within else times - before
            within.append(each)
            number += times
            if left <= 0:
                break
        first, last = min(within, default=0), max(within, default=-1)
        return Place(first * self.unit, (last + 1) * self.unit - 1, before, number)


def _place(row: Row) -> tuple[int, int]:
    """Give by what `NEWEST_FIRST` sorts."""
    seq, _, time = row
    return time // MICROSECONDS_PER_SECOND, seq


def is_fixed(tree: Expression) -> bool:
    """Say whether a tree asks for the same events for good, but for those to come."""
    return all(
        isinstance(leaf, Text) or (isinstance(leaf, Comparison) and _is_fixed(leaf)) for leaf in leaves(tree)
    )


def _is_fixed(comparison: Comparison) -> bool:
    """Say whether it is of what an event says for good: its alert and its project can become others."""
    field = comparison.field
    return field.attribute not in marks.ATTRIBUTES and field.type not in _LOOKED_UP
