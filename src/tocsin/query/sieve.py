"""Many filters and one record: which of them are worth asking. What matches is for the predicate to say."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any, Final, Generic, NamedTuple, TypeVar

from tocsin.query.fields import Field, FieldType
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import reader
from tocsin.query.tree import And, Comparison, Expression, Operator, Or, Value

T = TypeVar("T")

_SHARED: Final = frozenset({"source_id", "project_id"})
"""Attributes that most records of a domain have in common."""


class _Part(IntEnum):
    """What part of a field's text must be there, the rarest first."""

    WHOLE = 0
    BEGINNING = 1
    END = 2


class _Needed(NamedTuple):
    """What a filter needs: that a part of a field's text is one of some texts, case-folded."""

    part: _Part
    field: Field
    texts: frozenset[str]


class Sieve(Generic[T]):
    """Filters, by a text that each of them needs.

    Most routes and silences ask for a host, a team or a title. That none of fifty beginnings fits a text is
    found in one step, where asking fifty filters takes fifty.

    Args:
        filters: each tree, resolved, with what stands for it.
    """

    def __init__(self, filters: Iterable[tuple[Expression, T]]) -> None:
        self._items: list[T] = []
        self._always: list[int] = []
        by_field: dict[Field, list[tuple[int, _Needed]]] = {}
        for place, (tree, item) in enumerate(filters):
            self._items.append(item)
            if (needed := _needed(tree)) is None:
                self._always.append(place)
            else:
                by_field.setdefault(needed.field, []).append((place, needed))
        self._columns = [_Column(reader(field), needs) for field, needs in by_field.items()]

    def candidates(self, record: object) -> Sequence[T]:
        """Give, in their order, what stands for the filters that a record may match; no other matches it.

        Args:
            record: as predicates take it.
        """
        places = set(self._always)
        for column in self._columns:
            column.find(record, places)
        return [self._items[place] for place in sorted(places)] if places else ()


class _Column:
    """What filters need of one field. Each filter stands in one column."""

    def __init__(self, read: Callable[[Any], str], needs: Iterable[tuple[int, _Needed]]) -> None:
        self._read = read
        by_part: dict[_Part, dict[str, list[int]]] = {part: {} for part in _Part}
        for place, needed in needs:
            for text in needed.texts:
                by_part[needed.part].setdefault(text, []).append(place)
        self._whole = by_part[_Part.WHOLE]
        self._beginnings, self._ends = by_part[_Part.BEGINNING], by_part[_Part.END]
        self._all_beginnings, self._all_ends = tuple(self._beginnings), tuple(self._ends)

    def find(self, record: object, places: set[int]) -> None:
        text = self._read(record).casefold()
        if text in self._whole:
            places.update(self._whole[text])
        # Mostly none fits, and that is said for all of them at once.
        if text.startswith(self._all_beginnings):
            for beginning, found in self._beginnings.items():
                if text.startswith(beginning):
                    places.update(found)
        if text.endswith(self._all_ends):
            for end, found in self._ends.items():
                if text.endswith(end):
                    places.update(found)


def _needed(tree: Expression) -> _Needed | None:
    match tree:
        case And(terms):
            return min(filter(None, map(_needed, terms)), key=_usual, default=None)
        case Or(terms):
            return _of_either([_needed(term) for term in terms])
        case Comparison(Field(type=FieldType.TEXT) as field, operator, value):
            return _of_text(field, operator, value)
        case _:
            return None


def _usual(needed: _Needed) -> tuple[bool, bool, int]:
    """Rank what a filter needs: last what many records have, such as no service, or the source of all."""
    return "" in needed.texts, needed.field.attribute in _SHARED, needed.part


def _of_either(needs: Sequence[_Needed | None]) -> _Needed | None:
    first, *others = needs or [None]
    if first is None or any(
        each is None or (each.part, each.field) != (first.part, first.field) for each in others
    ):
        return None
    return _Needed(first.part, first.field, frozenset().union(*(each.texts for each in needs if each)))


def _of_text(field: Field, operator: Operator, value: Value) -> _Needed | None:
    match operator, value:
        case Operator.EQUAL, str():
            return _Needed(_Part.WHOLE, field, frozenset({value.casefold()}))
        case Operator.ONE_OF, tuple():
            return _Needed(_Part.WHOLE, field, frozenset(str(each).casefold() for each in value))
        case Operator.MATCHES, Pattern((only,)):
            return _Needed(_Part.WHOLE, field, frozenset({only}))
        case Operator.MATCHES, Pattern((first, *_, last)) if first or last:
            part, text = (_Part.BEGINNING, first) if first else (_Part.END, last)
            return _Needed(part, field, frozenset({text}))
        case _:
            return None
