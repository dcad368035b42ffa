"""What a group says of its rows, gathered row by row."""

import operator
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from tocsin.query.pipeline.dates import SECONDS, date_writer
from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.memory import Memory
from tocsin.query.pipeline.stages import Condition, GroupField, GroupOperator, Relation, SubField
from tocsin.query.pipeline.values import MISSING, Row, added, identity, is_number, order, reader, type_name


class Accumulator(Protocol):
    """Gathers the values of one field of one group."""

    def add(self, value: Any, times: int, /) -> None:
        """Take the value of the next row, which stands for so many equal rows.

        Raises:
            PipelineError: it cannot be taken, or is too much to be kept.
        """
        ...

    def result(self) -> Any:
        """Give what the values came to."""
        ...


class _Sum:
    def __init__(self, _: Memory) -> None:
        self._sum: int | float = 0

    def add(self, value: Any, times: int, /) -> None:
        if is_number(value):
            self._sum = added(self._sum, value * times)

    def result(self) -> int | float:
        return self._sum


class _Average:
    def __init__(self, _: Memory) -> None:
        self._sum: int | float = 0
        self._count = 0

    def add(self, value: Any, times: int, /) -> None:
        if is_number(value):
            self._sum = added(self._sum, value * times)
            self._count += times

    def result(self) -> float | None:
        return self._sum / self._count if self._count else None


class _Kept:
    """One of the values, null where there was none. Its place counts as kept from the beginning."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._value: Any = MISSING

    def _keep(self, value: Any) -> None:
        self._memory.release(self._value)
        self._memory.hold(value)
        self._value = value

    def result(self) -> Any:
        return None if self._value is MISSING else self._value


class _Max(_Kept):
    def add(self, value: Any, _: int, /) -> None:
        if order(value) > order(self._value):
            self._keep(value)


class _Min(_Kept):
    def add(self, value: Any, _: int, /) -> None:
        if value is None or value is MISSING:
            return
        if self._value is MISSING or order(value) < order(self._value):
            self._keep(value)


class _First(_Kept):
    _is_empty = True

    def add(self, value: Any, _: int, /) -> None:
        if self._is_empty:
            self._is_empty = False
            self._keep(value)


class _Last(_Kept):
    def add(self, value: Any, _: int, /) -> None:
        self._keep(value)


class _Push:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._values: list[Any] = []

    def add(self, value: Any, _: int, /) -> None:
        if value is not MISSING:
            self._memory.hold(value)
            self._values.append(value)

    def result(self) -> list[Any]:
        return self._values


class _AddToSet:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._values: dict[Hashable, Any] = {}

    def add(self, value: Any, _: int, /) -> None:
        if value is not MISSING and identity(value) not in self._values:
            self._memory.hold(value)
            self._values[identity(value)] = value

    def result(self) -> list[Any]:
        return list(self._values.values())


class _MergeObjects:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._merged: dict[str, Any] = {}

    def add(self, value: Any, _: int, /) -> None:
        if value is None or value is MISSING:
            return
        if not isinstance(value, Mapping):
            raise PipelineError(
                f"$mergeObjects requires object inputs, but input is of type {type_name(value)}"
            )
        self._memory.release(self._merged)
        self._merged.update(value)
        self._memory.hold(self._merged)

    def result(self) -> dict[str, Any]:
        return self._merged


ACCUMULATORS: Final[Mapping[GroupOperator, Callable[[Memory], Accumulator]]] = {
    GroupOperator.COUNT: _Sum,
    GroupOperator.SUM: _Sum,
    GroupOperator.AVERAGE: _Average,
    GroupOperator.MAX: _Max,
    GroupOperator.MIN: _Min,
    GroupOperator.FIRST: _First,
    GroupOperator.LAST: _Last,
    GroupOperator.PUSH: _Push,
    GroupOperator.ADD_TO_SET: _AddToSet,
    GroupOperator.MERGE_OBJECTS: _MergeObjects,
}
"""What gathers the values, by operator."""

_COMPARES: Final[Mapping[Relation, Callable[[Any, Any], bool]]] = {
    Relation.EQUAL: operator.eq,
    Relation.UNEQUAL: operator.ne,
    Relation.GREATER: operator.gt,
    Relation.GREATER_EQUAL: operator.ge,
    Relation.LESS: operator.lt,
    Relation.LESS_EQUAL: operator.le,
}


def value_reader(field: GroupField) -> Callable[[Row], Any]:
    """Make the function that gives of a row what its group's accumulator takes."""
    read = _plain_reader(field)
    if not field.conditions:
        return read
    tests = [_test(condition) for condition in field.conditions]
    return lambda row: read(row) if all(test(row) for test in tests) else 0


def _plain_reader(field: GroupField) -> Callable[[Row], Any]:
    if field.operator is GroupOperator.COUNT:
        return lambda _: 1
    if field.fields:
        parts = {inner.name: _part_reader(inner) for inner in field.fields}
        return lambda row: {
            name: value for name, read in parts.items() if (value := read(row)) is not MISSING
        }
    return reader(field.key)


def _part_reader(inner: SubField) -> Callable[[Row], Any]:
    read, write = reader(inner.key), date_writer(SECONDS)

    def written(row: Row) -> Any:
        value = read(row)
        return write(value) if isinstance(value, datetime) else value

    return written


def _test(condition: Condition) -> Callable[[Row], bool]:
    read, compares, bound = reader(condition.key), _COMPARES[condition.relation], order(condition.value)
    is_order = condition.relation not in {Relation.EQUAL, Relation.UNEQUAL}

    def test(row: Row) -> bool:
        found = order(read(row))
        return compares(found, bound) and not (is_order and found[0] != bound[0])

    return test
