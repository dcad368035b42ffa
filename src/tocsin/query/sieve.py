"""Many filters and one record: which of them are worth asking. What matches is for the predicate to say."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar

from tocsin.query.fields import Field, FieldType
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import reader
from tocsin.query.tree import And, Comparison, Expression, Operator, Value

T = TypeVar("T")

_WHOLE: Final = 0
_BEGINNING: Final = 1
_END: Final = 2
_Needed: TypeAlias = tuple[int, Field, tuple[str, ...]]
"""How much of a field's text must be one of some texts, case-folded."""


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
        columns: dict[Field, _Column] = {}
        for place, (tree, item) in enumerate(filters):
            self._items.append(item)
            if (needed := _needed(tree)) is None:
                self._always.append(place)
                continue
            part, field, texts = needed
            columns.setdefault(field, _Column(reader(field))).add(place, part, texts)
        self._columns = list(columns.values())

    def candidates(self, record: object) -> Sequence[T]:
        """Give, in their order, what stands for the filters that a record may match; no other matches it.

        Args:
            record: as predicates take it.
        """
        places = self._always.copy()
        for column in self._columns:
            column.find(record, places)
        return [self._items[place] for place in sorted(places)] if places else ()


class _Column:
    """What filters need of one field. Each filter stands in it once."""

    def __init__(self, read: Callable[[Any], str]) -> None:
        self._read = read
        self._whole: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        self._all_beginnings: tuple[str, ...] = ()
        self._all_ends: tuple[str, ...] = ()

    def add(self, place: int, part: int, texts: tuple[str, ...]) -> None:
        by_text = (self._whole, self._beginnings, self._ends)[part]
        for text in set(texts):
            by_text.setdefault(text, []).append(place)
        self._all_beginnings, self._all_ends = tuple(self._beginnings), tuple(self._ends)

    def find(self, record: object, places: list[int]) -> None:
        text = self._read(record).casefold()
        if text in self._whole:
            places += self._whole[text]
        # Mostly none fits, and that is said for all of them at once.
        if text.startswith(self._all_beginnings):
            for beginning, found in self._beginnings.items():
                if text.startswith(beginning):
                    places += found
        if text.endswith(self._all_ends):
            for end, found in self._ends.items():
                if text.endswith(end):
                    places += found


def _needed(tree: Expression) -> _Needed | None:
    match tree:
        case And(terms):
            return min(filter(None, map(_needed, terms)), key=lambda needed: needed[0], default=None)
        case Comparison(Field(type=FieldType.TEXT) as field, operator, value):
            return _of_text(field, operator, value)
        case _:
            return None


def _of_text(field: Field, operator: Operator, value: Value) -> _Needed | None:
    match operator, value:
        case Operator.EQUAL, str():
            return _WHOLE, field, (value.casefold(),)
        case Operator.ONE_OF, tuple():
            return _WHOLE, field, tuple(str(each).casefold() for each in value)
        case Operator.MATCHES, Pattern((only,)):
            return _WHOLE, field, (only,)
        case Operator.MATCHES, Pattern((first, *_, last)) if first or last:
            return (_BEGINNING, field, (first,)) if first else (_END, field, (last,))
        case _:
            return None
