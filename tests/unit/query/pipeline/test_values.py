from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.query.pipeline.memory import Memory, size
from tocsin.query.pipeline.values import MISSING, identity, order, placed, reader


def test_order_of_types() -> None:
    values: list[Any] = [
        None, -1, 0.5, 1, "", "A", "a", "é", "\U0001f514", {}, {"a": 1}, {"a": 2}, {"b": 0}, [], [1], [1, 2],
        False, True, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC),
    ]  # fmt: skip
    shuffled = [*values[1::2], *values[::2]]
    assert sorted(shuffled, key=order) == values


@pytest.mark.parametrize(
    ("value", "other", "same"),
    [(1, 1.0, True), (1, True, False), (0, False, False), (None, MISSING, False), ([1], [1.0], True),
     ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True), ({"a": 1}, {"a": True}, False), ("1", 1, False)],
)  # fmt: skip
def test_identity(value: Any, other: Any, same: bool) -> None:
    assert (identity(value) == identity(other)) is same


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", {"b": {"c": 1}, "l": [{"x": 1}, 2, [{"x": 3}], {"y": 4}]}),
        ("a.b.c", 1),
        ("a.b.d", MISSING),
        ("a.b.c.d", MISSING),
        ("a.l.x", [1]),
        ("a.l.x.y", []),
        ("n", None),
        ("n.a", MISSING),
        ("z", MISSING),
        ("z.z", MISSING),
    ],
)
def test_reader(path: str, value: Any) -> None:
    row = {"a": {"b": {"c": 1}, "l": [{"x": 1}, 2, [{"x": 3}], {"y": 4}]}, "n": None}
    assert reader(path)(row) == value


def test_placed() -> None:
    row = {"a": {"b": 1, "c": 2}, "d": 3}
    assert placed(row, "a.b", 9) == {"a": {"b": 9, "c": 2}, "d": 3}
    assert placed(row, "d.e", 9) == {"a": {"b": 1, "c": 2}, "d": {"e": 9}}
    assert row == {"a": {"b": 1, "c": 2}, "d": 3}


def test_memory_gives_back_what_it_took() -> None:
    value = {"a": ["text", 1, None], "b": {"c": 2.5}}
    memory = Memory(size(value))
    memory.hold(value)
    memory.release(value)
    memory.hold(value)
    assert size(value) > size({"a": ["text"]}) > size("text") > size("")
