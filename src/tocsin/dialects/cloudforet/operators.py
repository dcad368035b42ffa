"""The operators of conditions: which values they take, and of what they hold.

A condition looks at everything that its key leads to (see `paths.reach`). Values of different types are
never alike and in no order with each other; what is missing counts as null.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from tocsin.dialects.cloudforet.errors import (
    db_query,
    takes_a_boolean,
    takes_a_list,
    takes_an_object,
    takes_no_list,
    unknown,
)
from tocsin.dialects.cloudforet.paths import reach
from tocsin.dialects.cloudforet.timediff import iso_8601, timediff, to_milliseconds
from tocsin.query.pipeline.values import MISSING, order
from tocsin.query.regex import compile_regex

Condition: TypeAlias = Mapping[str, Any]
"""A condition as it was sent: key or k, value or v, operator or o."""

Predicate: TypeAlias = Callable[[Iterable[object]], bool]

_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@dataclass(frozen=True, slots=True)
class OneOf:
    """Something there is exactly one of the values."""

    values: tuple[object, ...]

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        wanted = frozenset(map(order, self.values))
        return lambda found: any(order(value) in wanted for value in _unfolded(found))


@dataclass(frozen=True, slots=True)
class Ordered:
    """Something there stands in that order to the bound: gt, gte, lt or lte."""

    relation: str
    bound: object

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        bound, compares = order(self.bound), _ORDERS[self.relation]

        def holds(found: Iterable[object]) -> bool:
            values = map(order, _unfolded(found))
            return any(value[0] == bound[0] and compares(value, bound) for value in values)

        return holds


@dataclass(frozen=True, slots=True)
class Contains:
    """A text there has one of the words in it, in any letter case."""

    words: tuple[str, ...]

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        words = [word.casefold() for word in self.words]
        return lambda found: any(word in text.casefold() for text in _texts(found) for word in words)


@dataclass(frozen=True, slots=True)
class Finds:
    """In a text there one of the regular expressions is found, in any letter case."""

    expressions: tuple[str, ...]

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        finds = [compile_regex(in_any_case(expression)) for expression in self.expressions]
        return lambda found: any(is_found(text) for text in _texts(found) for is_found in finds)


@dataclass(frozen=True, slots=True)
class Exists:
    """There is something, be it null; or there is not."""

    wanted: bool

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        return lambda found: any(value is not MISSING for value in found) == self.wanted


@dataclass(frozen=True, slots=True)
class HasElement:
    """There is an array with an object that has these values, by their paths."""

    values: Mapping[str, object]

    def predicate(self) -> Predicate:
        """Make the function that says whether it holds of what a path leads to."""
        tests = [(path.split("."), OneOf((value,)).predicate()) for path, value in self.values.items()]

        def has_all(element: object) -> bool:
            return isinstance(element, dict) and all(holds(reach(element, path)) for path, holds in tests)

        return lambda found: any(any(map(has_all, value)) for value in found if isinstance(value, list))


Test: TypeAlias = OneOf | Ordered | Contains | Finds | Exists | HasElement


def in_any_case(expression: str) -> str:
    """Give the regular expression that does not tell upper from lower case."""
    return f"(?i){expression}"


def read(condition: Condition, now: datetime) -> tuple[str, Test, bool]:
    """Read a condition.

    Args:
        condition: as it was sent.
        now: what relative times count from, UTC.

    Returns:
        Its key, the test of what the key leads to, and whether the test must fail.

    Raises:
        CloudforetError: the operator is none, or does not take such a value; or there is no key.
    """
    name = condition.get("operator", condition.get("o")) or ""
    value = condition.get("value", condition.get("v"))
    key = condition.get("key", condition.get("k")) or ""
    if name not in _OPERATORS:
        supported = ", ".join(_OPERATORS)
        raise db_query(f"Filter operator is not supported. (operator = {name}, supported = {supported})")
    make, takes_list, is_negated = _OPERATORS[name]
    if takes_list and not isinstance(value, list):
        raise takes_a_list(name, condition)
    if not takes_list and isinstance(value, list):
        raise takes_no_list(name, condition)
    if not key:
        raise db_query("Filter condition should have key, value and operator.")
    return key, make(_Given(name, value, condition, now)), is_negated


@dataclass(frozen=True, slots=True)
class _Given:
    name: str
    value: Any
    condition: Condition
    now: datetime

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(self.value) if isinstance(self.value, list) else (self.value,)

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the values, which must be texts, and at least one."""
        if not self.values:
            raise unknown(f"The value of '{self.name} operator' is an empty list. ({self.condition})")
        if not all(isinstance(value, str) for value in self.values):
            raise db_query(f"The value of '{self.name} operator' must be a string type. ({self.condition})")
        return self.values


def _one_of(given: _Given) -> Test:
    return OneOf(given.values)


def _ordered(given: _Given) -> Test:
    return Ordered(given.name, given.value)


def _contains(given: _Given) -> Test:
    return Contains(given.texts)


def _finds(given: _Given) -> Test:
    for expression in given.texts:
        try:
            compile_regex(in_any_case(expression))
        except ValueError as error:
            raise db_query(f"The value of {given.name} operator is invalid: {error}") from None
    return Finds(given.texts)


def _exists(given: _Given) -> Test:
    if not isinstance(given.value, bool):
        raise takes_a_boolean(given.name, given.condition)
    return Exists(given.value)


def _has_element(given: _Given) -> Test:
    if not isinstance(given.value, dict):
        raise takes_an_object(given.name, given.condition)
    for name in _names(given.value):
        if name.startswith("$"):
            raise db_query(f"The value of match operator takes values, no operators. (key = {name})")
    return HasElement(given.value)


def _datetime(given: _Given) -> Test:
    relation = given.name.removeprefix("datetime_")
    if not isinstance(given.value, str):
        return OneOf(())
    try:
        return Ordered(relation, iso_8601(given.value))
    except ValueError:
        raise db_query(f"The value of {given.name} operator is required ISO 8601 format.") from None


def _timediff(given: _Given) -> Test:
    try:
        if not isinstance(given.value, str):
            raise ValueError
        moment = timediff(given.value, given.now)
    except ValueError:
        reason = f"The value of {given.name} operator is invalid. (value = {given.value})"
        raise db_query(reason) from None
    return Ordered(given.name.removeprefix("timediff_"), to_milliseconds(moment))


_Make: TypeAlias = Callable[[_Given], Test]

_OPERATORS: Final[Mapping[str, tuple[_Make, bool, bool]]] = {
    "eq": (_one_of, False, False),
    "not": (_one_of, False, True),
    **dict.fromkeys(_ORDERS, (_ordered, False, False)),
    "exists": (_exists, False, False),
    "contain": (_contains, False, False),
    "not_contain": (_contains, False, True),
    "in": (_one_of, True, False),
    "not_in": (_one_of, True, True),
    "contain_in": (_contains, True, False),
    "not_contain_in": (_contains, True, True),
    "match": (_has_element, False, False),
    "regex": (_finds, False, False),
    "regex_in": (_finds, True, False),
    **{f"datetime_{relation}": (_datetime, False, False) for relation in _ORDERS},
    **{f"timediff_{relation}": (_timediff, False, False) for relation in _ORDERS},
}
"""Name -> how its test is made, whether it takes a list, whether the test must fail."""


def _unfolded(found: Iterable[object]) -> Iterator[object]:
    """Give each value, and before an array its elements."""
    for value in found:
        if isinstance(value, list):
            yield from value
        yield value


def _texts(found: Iterable[object]) -> Iterator[str]:
    return (value for value in _unfolded(found) if isinstance(value, str))


def _names(value: object) -> Iterator[str]:
    match value:
        case dict():
            for name, each in value.items():
                yield name
                yield from _names(each)
        case list():
            for each in value:
                yield from _names(each)
