"""Access paths: the indexes that lead to the rows which a tree asks for.

`domain_id` leads every key, so SQLite without statistics takes any condition for a reason to walk the whole
domain by its primary key, and PostgreSQL's partitions mislead it in the same way. Search therefore looks
itself which terms an index answers.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table

from tocsin.query.fields import FieldType
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import severities_in_order
from tocsin.query.tree import Comparison, Expression, Not, Operator
from tocsin.store.compile import FEW, Compiler, Condition, conjunction, fold, prefix_range

_INDEXED: Final[dict[str, dict[str, str]]] = {
    "event": {
        "alert_seq": "ix_event_alert",
        "object_id": "ix_event_object",
        "host": "ix_event_host",
        "time": "ix_event_time",
        "severity": "ix_event_severity",
    },
    "alert": {"state": "ix_alert_state"},
    "audit": {},
}
"""For each table its indexed attributes, first those whose values have few rows each."""
_BROAD: Final = frozenset({"ix_event_time", "ix_event_severity"})
"""Behind a value, or a range, of these there can be a large part of all rows."""


class Path(msgspec.Struct, frozen=True):
    """A way into a table.

    Attributes:
        index: the index to take.
        condition: what it answers.
        branches: the condition once more, a value at a time: the index holds the rows of each in the order of
            `seq`. Empty where the rows have to be sorted.
        answered: the terms that need no further look, since the condition says the same.
    """

    index: str
    condition: Condition
    branches: tuple[Condition, ...]
    answered: tuple[Expression, ...]

    @property
    def is_broad(self) -> bool:
        """Whether a large part of all rows can stand behind it."""
        return self.index in _BROAD


def find_paths(table: Table, compiler: Compiler, terms: Sequence[Expression]) -> list[Path]:
    """Find the access paths for terms that are joined by AND, the most promising first.

    Args:
        table: of the events or the alerts.
        compiler: for that table.
        terms: each exact.
    """
    found = []
    for attribute, index in _INDEXED[table.name].items():
        asked = [
            (comparison, term)
            for term in terms
            if (comparison := _compared(term)) is not None
            and comparison.field.attribute == attribute
            and _is_indexed(comparison)
        ]
        column = table.c.folded_host if attribute == "host" else table.c[attribute]
        path = _by_value(compiler, column, index, asked) or _by_range(compiler, column, index, asked)
        if path is not None:
            found.append(path)
    return found


def _compared(term: Expression) -> Comparison | None:
    """Give the comparison that a term is; of a choice that is not one value, that it is one of the rest."""
    match term:
        case Comparison():
            return term
        case Not(Comparison(field, Operator.EQUAL, value)) if field.type is FieldType.CHOICE:
            rest = tuple(each for each in field.values if each != value)
            return Comparison(field, Operator.ONE_OF, rest)
        case _:
            return None


def _is_indexed(term: Comparison) -> bool:
    """Say whether the index holds what is compared: of an identifier the number, not how it is written."""
    return not (isinstance(term.value, Pattern) and term.field.type is FieldType.IDENTIFIER)


def _by_value(
    compiler: Compiler, column: ColumnElement[Any], index: str, asked: Iterable[tuple[Comparison, Expression]]
) -> Path | None:
    known = [(values, comparison, term) for comparison, term in asked if (values := _values(comparison))]
    if not known:
        return None
    values, comparison, term = min(known, key=lambda each: len(each[0]))
    is_folded = comparison.field.type is FieldType.TEXT
    answered = () if is_folded and comparison.operator is not Operator.MATCHES else (term,)
    branches = tuple(column == value for value in values) if len(values) <= FEW else ()
    return Path(index, compiler.equals(column, values), branches, answered)


def _by_range(
    compiler: Compiler, column: ColumnElement[Any], index: str, asked: Iterable[tuple[Comparison, Expression]]
) -> Path | None:
    conditions: list[Condition] = []
    answered: list[Expression] = []
    for comparison, term in asked:
        if isinstance(comparison.value, Pattern):
            conditions += prefix_range(column, comparison.value.parts[0])
            if comparison.value.parts[1:] == ("",):
                answered.append(term)
        elif comparison.field.type is FieldType.TIME:
            conditions.append(compiler.condition(comparison))
            answered.append(term)
    return Path(index, conjunction(conditions), (), tuple(answered)) if conditions else None


def _values(term: Comparison) -> Sequence[str | int]:
    """Give the values that a term allows, as the index holds them; none where it does not name them."""
    match term.operator, term.value:
        case Operator.EQUAL, str() | int() as value:
            values: tuple[str | int, ...] = (value,)
        case Operator.ONE_OF, tuple() as several:
            values = several
        case Operator.MATCHES, Pattern(parts):
            values = parts if len(parts) == 1 else ()
        case order, str() as severity:
            return severities_in_order(order, severity)
        case _:
            return ()
    return fold(values) if term.field.type is FieldType.TEXT else values
