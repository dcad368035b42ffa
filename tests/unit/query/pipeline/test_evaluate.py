from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.evaluate import distinct, evaluate
from tocsin.query.pipeline.memory import Memory
from tocsin.query.pipeline.stages import (
    Count,
    Group,
    GroupField,
    GroupKey,
    GroupOperator,
    Limit,
    Project,
    ProjectField,
    ProjectOperator,
    Skip,
    Sort,
    SortKey,
    Stage,
    SubField,
    Unwind,
)
from tocsin.query.pipeline.values import Row

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def group(operator: GroupOperator, key: str) -> Group:
    return Group((), (GroupField(operator, "x", key),))


class Tap:
    """Gives rows, and remembers how many were asked for."""

    def __init__(self, count: int) -> None:
        self.given = 0
        self._count = count

    def __iter__(self) -> Iterator[Row]:
        for number in range(self._count):
            self.given += 1
            yield {"n": number, "text": "x" * 100}


def test_no_stage_changes_nothing() -> None:
    rows: list[Row] = [{"a": 1}, {"b": [2]}]
    assert list(evaluate([], rows)) == rows


def test_rows_are_left_as_they_were() -> None:
    inner = {"tags": ["a", "b"], "other": 1}
    row = {"raw_data": inner}
    stages: list[Stage] = [Unwind("raw_data.tags"), Project((ProjectField("raw_data", "raw_data.kept"),))]
    assert list(evaluate(stages, [row])) == [
        {"raw_data": {"kept": {"tags": tag, "other": 1}}} for tag in ("a", "b")
    ]
    assert inner == {"tags": ["a", "b"], "other": 1}


def test_unwind_does_not_look_into_arrays_on_its_way() -> None:
    assert list(evaluate([Unwind("a.b")], [{"a": [{"b": [1, 2]}]}])) == []


def test_rows_that_become_too_many_can_be_given_up() -> None:
    calls = []

    def go_on() -> None:
        calls.append(1)
        if len(calls) == 20:
            raise TimeoutError

    many = list(range(1_000))
    explosion: list[Stage] = [*map(Unwind, "abcdef"), Count("n")]
    with pytest.raises(TimeoutError):
        list(evaluate(explosion, [dict.fromkeys("abcdef", many)], go_on=go_on))
    assert len(calls) == 20


def test_a_limit_stops_the_flow() -> None:
    tap = Tap(1_000)
    stages: list[Stage] = [Unwind("text"), Project((ProjectField("n", "n"),)), Skip(2), Limit(3)]
    assert list(evaluate(stages, tap)) == [{"n": 2}, {"n": 3}, {"n": 4}]
    assert tap.given == 5


def test_a_sort_keeps_no_more_than_is_asked_for() -> None:
    rows = Tap(20_000)
    newest: list[Stage] = [
        Sort((SortKey("n", desc=True),)),
        Project((ProjectField("n", "n"),)),
        Skip(1),
        Limit(2),
    ]
    small = 2_000_000
    assert list(evaluate(newest, rows, Memory(small))) == [{"n": 19_998}, {"n": 19_997}]
    with pytest.raises(PipelineError, match=r"Exceeded memory limit of 1\.90735 MiB: narrow"):
        list(evaluate([newest[0], Count("n"), Limit(1)], rows, Memory(small)))


def test_equal_rows_stay_in_their_order_in_a_cut_sort() -> None:
    rows = [{"n": number, "half": number % 2} for number in range(5_000)]
    stages: list[Stage] = [Sort((SortKey("half", desc=True),)), Limit(3)]
    assert [row["n"] for row in evaluate(stages, rows)] == [1, 3, 5]


@pytest.mark.parametrize("operator", [GroupOperator.PUSH, GroupOperator.ADD_TO_SET])
def test_what_is_gathered_is_bounded(operator: GroupOperator) -> None:
    with pytest.raises(PipelineError, match="Exceeded memory limit"):
        list(evaluate([group(operator, "n")], Tap(10_000), Memory(100_000)))


def test_objects_that_are_merged_are_bounded() -> None:
    rows = [{"o": {f"name {number}": 1}} for number in range(1_000)]
    with pytest.raises(PipelineError, match="Exceeded memory limit"):
        list(evaluate([group(GroupOperator.MERGE_OBJECTS, "o")], rows, Memory(10_000)))


def test_objects_that_replace_each_other_need_no_more() -> None:
    rows = [{"o": {"name": "x" * 100}}] * 1_000
    assert list(evaluate([group(GroupOperator.MERGE_OBJECTS, "o")], rows, Memory(2_000)))


def test_groups_are_bounded() -> None:
    by_number = Group((GroupKey("n", "n"),), ())
    with pytest.raises(PipelineError, match="Exceeded memory limit"):
        list(evaluate([by_number], Tap(10_000), Memory(100_000)))


@pytest.mark.parametrize(
    "operator", [GroupOperator.FIRST, GroupOperator.LAST, GroupOperator.MAX, GroupOperator.MIN]
)
def test_one_value_of_many_needs_little(operator: GroupOperator) -> None:
    rows = [{"n": f"{number:0100d}"} for number in range(5_000)]
    assert len(list(evaluate([group(operator, "n")], rows, Memory(1_000)))) == 1


@pytest.mark.parametrize(
    ("stage", "row", "message"),
    [
        (
            Group((GroupKey("t", "k", "year"),), ()),
            {"t": "2026"},
            "can't convert from BSON type string to Date",
        ),
        (
            group(GroupOperator.MERGE_OBJECTS, "t"),
            {"t": [1]},
            r"\$mergeObjects requires object inputs.* array",
        ),
        (Project((ProjectField("t", "x", ProjectOperator.SIZE),)), {}, r"\$size must be an array.* missing"),
        (Project((ProjectField("t", "x", ProjectOperator.SIZE),)), {"t": None}, "was of type: null"),
        (
            Project((ProjectField("t", "x", ProjectOperator.ARRAY_TO_OBJECT),)),
            {"t": MOMENT},
            r"\$arrayToObject requires an array input, found: date",
        ),
        (
            Project((ProjectField("t", "x", ProjectOperator.ARRAY_TO_OBJECT),)),
            {"t": [{"k": 1, "v": 2}]},
            "requires objects with k and v",
        ),
        (
            Project((ProjectField("t", "x", ProjectOperator.OBJECT_TO_ARRAY),)),
            {"t": True},
            r"\$objectToArray requires a document input, found: bool",
        ),
        (group(GroupOperator.SUM, "t"), {"t": 10**400}, "beyond the range of double numbers"),
        (group(GroupOperator.AVERAGE, "t"), {"t": -(10**400)}, "beyond the range of double numbers"),
        (
            Project((ProjectField("t", "x", ProjectOperator.SUM),)),
            {"t": [1e308, 1e308]},
            "beyond the range of double numbers",
        ),
    ],
)
def test_refuses_rows(stage: Stage, row: dict[str, Any], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        list(evaluate([stage], [row]))


def test_pairs_make_an_object_too() -> None:
    stage = Project((ProjectField("t", "x", ProjectOperator.ARRAY_TO_OBJECT),))
    assert list(evaluate([stage], [{"t": [["a", 1], {"k": "b", "v": None}]}])) == [{"x": {"a": 1, "b": None}}]


def test_a_name_has_no_dots() -> None:
    for make in (lambda: SubField("a", "b.c"), lambda: GroupKey("a", "b.c"), lambda: Count("b.c")):
        with pytest.raises(PipelineError, match=r"'b\.c' cannot contain"):
            make()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("severity", ["CRITICAL", "WARNING"]),
        ("at", [MOMENT]),
        ("resource.name", ["web-1"]),
        ("raw_data.tags", ["a", "b"]),
        ("raw_data.points.n", [None, 1, 1.5, "1"]),
        ("raw_data.whole", [{"a": 1}]),
        ("nothing", []),
        ("severity.nothing", []),
    ],
)
def test_distinct(path: str, values: list[Any]) -> None:
    rows: list[Row] = [
        {
            "severity": "WARNING",
            "at": MOMENT,
            "resource": {"name": "web-1"},
            "raw_data": {"tags": ["b", "a"], "whole": {"a": 1}, "points": [{"n": "1"}, {"n": 1}, {"m": 2}]},
        },
        {"severity": "CRITICAL", "resource": None, "raw_data": {"tags": "b", "whole": {"a": 1.0}}},
        {"severity": "WARNING", "raw_data": {"tags": [], "points": [{"n": 1.5}, {"n": None}, 3]}},
    ]
    assert distinct(path, rows) == values


def test_distinct_is_bounded() -> None:
    with pytest.raises(PipelineError, match="Exceeded memory limit"):
        distinct("n", Tap(10_000), Memory(100_000))
