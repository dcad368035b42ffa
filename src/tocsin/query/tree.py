"""The tree that an expression becomes. Dialects build the same tree from their own queries."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from tocsin.query.fields import Field, FieldType
from tocsin.query.pattern import Pattern


class Operator(StrEnum):
    """How a field is compared. What is unequal is `Not` around EQUAL."""

    MATCHES = ":"
    EQUAL = "="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    REGEX = "~"
    ONE_OF = "one of"


Value: TypeAlias = str | int | Pattern | tuple[str | int, ...]

_NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.TIME, FieldType.IDENTIFIER})
_TEXTS: Final = frozenset({FieldType.TEXT, FieldType.REFERENCE, FieldType.MEMBERSHIP})
_WRITTEN: Final = _TEXTS | {FieldType.IDENTIFIER}
_ORDERED: Final = frozenset({FieldType.SEVERITY, FieldType.INTEGER, FieldType.TIME})


@dataclass(frozen=True, slots=True)
class All:
    """Every record: the tree of the empty expression."""


@dataclass(frozen=True, slots=True)
class And:
    """The records that all terms match; with no term, every record."""

    terms: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """The records that at least one term matches; with no term, none."""

    terms: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The records that the term does not match."""

    term: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The records whose field stands in that relation to the value.

    MATCHES compares the case-folded text, or an identifier as it is written, with a `Pattern`. EQUAL and
    ONE_OF are exact, character for character. REGEX looks for the expression anywhere in the text. Order is
    by number, for a severity by its rank, critical the greatest; a time of 0 is unknown and in no order with
    any other.

    Attributes:
        value: a `Pattern` for MATCHES; for ONE_OF a tuple of one or more (`one_of` makes it);
            else a text, or a number for integers, times (microseconds UTC) and identifiers.

    Raises:
        TypeError: operator and value do not suit the type of the field.
    """

    field: Field
    operator: Operator
    value: Value

    def __post_init__(self) -> None:
        if not self._is_well_typed():
            raise TypeError(f"{self.field.name} {self.operator} {self.value!r}: not for a {self.field.type}")

    def _is_well_typed(self) -> bool:
        field_type, value = self.field.type, self.value
        if self.operator is Operator.MATCHES:
            return field_type in _WRITTEN and isinstance(value, Pattern)
        if self.operator is Operator.REGEX:
            return field_type in _TEXTS and isinstance(value, str)
        if self.operator is Operator.ONE_OF:
            return isinstance(value, tuple) and bool(value) and all(map(self._can_hold, value))
        is_order = self.operator is not Operator.EQUAL
        return self._can_hold(value) and (field_type in _ORDERED or not is_order)

    def _can_hold(self, value: object) -> bool:
        if self.field.type in _NUMBERS:
            return isinstance(value, int)
        return isinstance(value, str) and (not self.field.values or value in self.field.values)


@dataclass(frozen=True, slots=True)
class Text:
    """The records with that word or phrase in one of their searched fields, in any letter case.

    Attributes:
        folded: what to look for; case-folded as the term is made.
    """

    folded: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", self.folded.casefold())


@dataclass(frozen=True, slots=True)
class Judged:
    """The records of which a function says so. No engine answers it, and no expression can be written for it.

    Dialects make it of what their queries ask and fields cannot say.

    Attributes:
        reads: the attributes that the function looks at; `payload` is the request that an event came with,
            None where that is not kept any more.
        holds: is given anything that has these attributes.
    """

    reads: tuple[str, ...]
    holds: Callable[[Any], bool]


Leaf: TypeAlias = Comparison | Text | Judged

Expression: TypeAlias = All | And | Or | Not | Leaf


def one_of(field: Field, values: Iterable[str | int]) -> Expression:
    """Give the term for a field that is exactly one of the values; with no value it matches nothing."""
    distinct = tuple(dict.fromkeys(values))
    if not distinct:
        return Or(())
    if len(distinct) == 1:
        return Comparison(field, Operator.EQUAL, distinct[0])
    return Comparison(field, Operator.ONE_OF, distinct)


def conjunction(terms: Iterable[Expression]) -> Expression:
    """Join terms by AND: nested ANDs become one, and what matches everything is left out."""
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, And) else (term,))
    wanted = [term for term in flat if not isinstance(term, All)]
    if not wanted:
        return All()
    return wanted[0] if len(wanted) == 1 else And(tuple(wanted))


def disjunction(terms: Iterable[Expression]) -> Expression:
    """Join terms by OR: nested ORs become one, and exact values of one field become one ONE_OF."""
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Or) else (term,))
    if any(isinstance(term, All) for term in flat):
        return All()
    exact: dict[Field, list[str | int]] = {}
    merged: list[Expression | Field] = []
    for term in flat:
        match term:
            case Comparison(field, Operator.EQUAL, str() | int() as value):
                values: tuple[str | int, ...] = (value,)
            case Comparison(field, Operator.ONE_OF, tuple() as values):
                pass
            case _:
                merged.append(term)
                continue
        if field not in exact:
            merged.append(field)
        exact.setdefault(field, []).extend(values)
    terms = tuple(one_of(each, exact[each]) if isinstance(each, Field) else each for each in merged)
    return terms[0] if len(terms) == 1 else Or(terms)


def leaves(tree: Expression) -> Iterator[Leaf]:
    """Give everything in a tree that looks at a record, from left to right."""
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from leaves(term)
        case Not(term):
            yield from leaves(term)
        case Comparison() | Text() | Judged():
            yield tree
