"""The values of rows: those of JSON, and moments. How they are found, ordered and put into other rows."""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from enum import Enum
from math import isfinite
from types import NoneType
from typing import Any, Final, TypeAlias

from tocsin.query.pipeline.errors import PipelineError

Row: TypeAlias = Mapping[str, Any]
"""A document. Its values are None, bool, int, float, str, aware datetimes, and lists and dicts of these.

Rows are never changed: what makes another row shares the values of the one that it had.
"""


class Missing(Enum):
    """What a path finds where there is nothing, which is not the same as null."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING

_TYPES: Final[dict[type, tuple[int, str]]] = {
    Missing: (0, "missing"),
    NoneType: (0, "null"),
    int: (1, "long"),
    float: (1, "double"),
    str: (2, "string"),
    dict: (3, "object"),
    list: (4, "array"),
    bool: (5, "bool"),
    datetime: (6, "date"),
}
"""The place of each type in the order of values, and its name."""


def reader(path: str) -> Callable[[Row], Any]:
    """Make the function that finds a value in a row.

    A path that meets an array gives the array of what its objects have there.

    Args:
        path: names, joined by dots.

    Returns:
        row -> value, or `MISSING`.
    """
    name, *rest = path.split(".")
    if not rest:
        return lambda row: row.get(name, MISSING)
    return lambda row: _find(row.get(name, MISSING), rest)


def _find(value: Any, names: list[str]) -> Any:
    for place, name in enumerate(names):
        if isinstance(value, list):
            rest = names[place:]
            found = (_find(each, rest) for each in value if isinstance(each, dict))
            return [each for each in found if each is not MISSING]
        if not isinstance(value, dict):
            return MISSING
        value = value.get(name, MISSING)
    return value


def placed(row: Row, path: str, value: Any) -> dict[str, Any]:
    """Give a row with a value at a path, and all else as it was.

    What stands in the way of the path, because it is no object, gives way.
    """
    name, _, rest = path.partition(".")
    if rest:
        inner = row.get(name)
        value = placed(inner if isinstance(inner, dict) else {}, rest, value)
    return {**row, name: value}


def order(value: Any) -> tuple[Any, ...]:
    """Give what a value is sorted by, and told apart by from others: values of every type are in one order.

    Null and what is missing come first, then numbers, texts by code point, objects, arrays, false and true,
    moments. A number is the same as an integer and as a fraction, an object in any order of its names.

    Returns:
        A tuple that can be hashed. Values of one type have the same first item.
    """
    place, _ = _TYPES[type(value)]
    if isinstance(value, dict):
        return place, tuple(sorted((name, order(each)) for name, each in value.items()))
    if isinstance(value, list):
        return place, tuple(map(order, value))
    return (place, value) if place else (place,)


def identity(value: Any) -> Hashable:
    """Give what tells a value apart from all others, null from what is missing too."""
    return None if value is MISSING else order(value)


def is_number(value: Any) -> bool:
    """Say whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def added(number: int | float, other: int | float) -> int | float:
    """Add two numbers.

    Raises:
        PipelineError: the sum is beyond the range of doubles, in which all numbers are answered.
    """
    try:
        found = number + other
        if isfinite(found):
            return found
    except OverflowError:  # an integer so large that it is no double
        pass
    raise PipelineError("a sum is beyond the range of double numbers")


def type_name(value: Any) -> str:
    """Give the name of a value's type, in MongoDB's words."""
    _, name = _TYPES[type(value)]
    return name
