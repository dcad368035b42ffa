"""Every stage, operator and error of a statistics query, as the reference answers them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.dialects.cloudforet.errors import CloudforetError, Status
from tocsin.dialects.cloudforet.stages import read_stages
from tocsin.query.pipeline.evaluate import evaluate

MORNING = datetime(2026, 1, 4, 8, 5, 9, 553000, tzinfo=UTC)  # a Sunday
EVENING = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)  # a Thursday
DISK: dict[str, Any] = {
    "event_id": "event-000000000003",
    "severity": "CRITICAL",
    "rule": None,
    "resource": {"name": "web-1", "resource_id": "i-1"},
    "raw_data": {
        "v": 4,
        "tags": ["prod", "db"],
        "points": [{"n": 1}, {"n": 2}, {"m": 3}],
        "o": {"a": 1, "b": 2},
    },
    "created_at": EVENING,
    "occurred_at": None,
}
LOAD: dict[str, Any] = {
    "event_id": "event-000000000002",
    "severity": "WARNING",
    "rule": "load",
    "resource": None,
    "raw_data": {"v": 2.5, "tags": [], "o": {"b": 3, "c": None}, "pairs": [{"k": "x", "v": 1}]},
    "created_at": MORNING,
    "occurred_at": MORNING,
}
PING: dict[str, Any] = {
    "event_id": "event-000000000001",
    "severity": "CRITICAL",
    "rule": None,
    "resource": {"name": "web-1", "resource_id": "i-2"},
    "raw_data": {"v": "4", "tags": "prod", "on": True},
    "created_at": MORNING,
    "occurred_at": None,
}
DOCUMENTS = [DISK, LOAD, PING]
COUNT = {"name": "n", "operator": "count"}


def group(*fields: dict[str, Any], keys: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"group": {"keys": keys or [], "fields": list(fields)}}


def of_all(operator: str, key: str, **more: Any) -> dict[str, Any]:
    """Make the stage that says one thing of all rows."""
    return group({"name": "x", "operator": operator, "key": key, **more})


def by(key: str, date_format: str = "", *fields: dict[str, Any]) -> dict[str, Any]:
    given = {"key": key, "name": "k", **({"date_format": date_format} if date_format else {})}
    return group(*(fields or (COUNT,)), keys=[given])


def dates(date_format: str) -> list[dict[str, Any]]:
    return [by("created_at", date_format)]


def by_key(*parts: tuple[Any, int]) -> list[dict[str, Any]]:
    return [{"k": value, "n": number} for value, number in parts]


def project(key: str, operator: str = "", **more: Any) -> list[dict[str, Any]]:
    given = {"key": key, "name": "x", **({"operator": operator} if operator else {})}
    return [{"project": {"fields": [given], **more}}]


def conditional(operator: str, relation: str, value: Any, key: str = "raw_data.v") -> list[dict[str, Any]]:
    conditions = [{"key": key, "operator": relation, "value": value}]
    return [of_all(operator, "raw_data.v", conditions=conditions)]


def ids(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"x": document["event_id"]} for document in documents]


NAMED = {"project": {"fields": [{"key": "event_id", "name": "x"}]}}
PER_SEVERITY = by("severity")


def alone(value: Any) -> list[dict[str, Any]]:
    return [{"_id": None, "x": value}]


GOLDEN: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    # keys of groups
    "one key": ([PER_SEVERITY], by_key(("CRITICAL", 2), ("WARNING", 1))),
    "aliases": (
        [{"group": {"keys": [{"k": "severity", "n": "k"}], "fields": [{"n": "n", "o": "count"}]}}],
        by_key(("CRITICAL", 2), ("WARNING", 1)),
    ),
    "two keys": (
        [group(COUNT, keys=[{"key": "severity", "name": "s"}, {"key": "rule", "name": "r"}])],
        [{"s": "CRITICAL", "r": None, "n": 2}, {"s": "WARNING", "r": "load", "n": 1}],
    ),
    "keys alone": ([group(keys=[{"key": "severity", "name": "s"}])], [{"s": "CRITICAL"}, {"s": "WARNING"}]),
    "no key": ([group(COUNT)], [{"_id": None, "n": 3}]),
    "a dotted key": ([by("resource.name")], [{"k": "web-1", "n": 2}, {"n": 1}]),
    "null and missing are two groups": (
        [by("raw_data.o.c")],
        [{"n": 2}, {"k": None, "n": 1}],
    ),
    "a key that no row has": ([by("nothing.at.all")], [{"n": 3}]),
    "1 and true are two groups": ([by("raw_data.on")], [{"n": 2}, {"k": True, "n": 1}]),
    "an array as a key": (
        [by("raw_data.tags")],
        [{"k": ["prod", "db"], "n": 1}, {"k": [], "n": 1}, {"k": "prod", "n": 1}],
    ),
    "a path into objects of an array": ([by("raw_data.points.n")], [{"k": [1, 2], "n": 1}, {"n": 2}]),
    # dates as keys of groups
    "year": (dates("year"), by_key((2026, 3))),
    "month": (dates("month"), by_key((12, 1), (1, 2))),
    "day": (dates("day"), by_key((31, 1), (4, 2))),
    "date": (dates("%Y-%m-%d"), by_key(("2026-12-31", 1), ("2026-01-04", 2))),
    "hour": (dates("%Y-%m-%dT%H"), by_key(("2026-12-31T20", 1), ("2026-01-04T08", 2))),
    "time": (dates("%H:%M:%S.%L"), by_key(("20:00:00.000", 1), ("08:05:09.553", 2))),
    "day of the year": (dates("%j"), by_key(("365", 1), ("004", 2))),
    "day of the week": (dates("%w/%u"), by_key(("5/4", 1), ("1/7", 2))),
    "week": (dates("%U"), by_key(("52", 1), ("01", 2))),
    "ISO week": (dates("%G-W%V"), by_key(("2026-W53", 1), ("2026-W01", 2))),
    "offset and percent": (dates("%z %Z%%"), by_key(("+0000 +0%", 3))),
    "no date is null": (
        [by("occurred_at", "year")],
        by_key((None, 2), (2026, 1)),
    ),
    # fields of groups
    "sum skips text": ([of_all("sum", "raw_data.v")], alone(6.5)),
    "sum of text is 0": ([of_all("sum", "severity")], alone(0)),
    "sum of true is 0": ([of_all("sum", "raw_data.on")], alone(0)),
    "sum of what is missing is 0": ([of_all("sum", "nothing")], alone(0)),
    "average skips text": ([of_all("average", "raw_data.v")], alone(3.25)),
    "average of text is null": ([of_all("average", "severity")], alone(None)),
    "max": ([of_all("max", "raw_data.v")], alone("4")),
    "max of dates": ([of_all("max", "created_at")], alone(EVENING)),
    "max skips null": ([of_all("max", "occurred_at")], alone(MORNING)),
    "min": ([of_all("min", "raw_data.v")], alone(2.5)),
    "min of text": ([of_all("min", "severity")], alone("CRITICAL")),
    "min skips null": ([of_all("min", "rule")], alone("load")),
    "min of what is missing is null": ([of_all("min", "nothing")], alone(None)),
    "first": ([of_all("first", "event_id")], alone("event-000000000003")),
    "first is of the first row": ([of_all("first", "raw_data.pairs")], alone(None)),
    "last": ([of_all("last", "event_id")], alone("event-000000000001")),
    "last is of the last row": ([of_all("last", "raw_data.points")], alone(None)),
    "push": ([of_all("push", "raw_data.v")], alone([4, 2.5, "4"])),
    "push keeps null": ([of_all("push", "rule")], alone([None, "load", None])),
    "push skips what is missing": ([of_all("push", "resource.name")], alone(["web-1", "web-1"])),
    "push of objects": (
        [
            group(
                {
                    "name": "x",
                    "operator": "push",
                    "fields": [{"key": "created_at", "name": "at"}, {"k": "resource.name", "n": "host"}],
                }
            )
        ],
        alone(
            [
                {"at": "2026-12-31T20:00:00Z", "host": "web-1"},
                {"at": "2026-01-04T08:05:09Z"},
                {"at": "2026-01-04T08:05:09Z", "host": "web-1"},
            ]
        ),
    ),
    "add_to_set": ([of_all("add_to_set", "severity")], alone(["CRITICAL", "WARNING"])),
    "add_to_set skips what is missing": ([of_all("add_to_set", "raw_data.on")], alone([True])),
    "merge_objects": ([of_all("merge_objects", "raw_data.o")], alone({"a": 1, "b": 3, "c": None})),
    "merge_objects of nothing": ([of_all("merge_objects", "rule.x")], alone({})),
    # conditions of groups
    "count if": (conditional("count", "eq", 4), alone(1)),
    "count if not": (conditional("count", "not", 4), alone(2)),
    "sum if": (conditional("sum", "gt", 3), alone(4)),
    "sum if at least": (conditional("sum", "gte", 2.5), alone(6.5)),
    "sum if less": (conditional("sum", "lt", 4), alone(2.5)),
    "sum if at most": (conditional("sum", "lte", 4), alone(6.5)),
    "average counts others as 0": (conditional("average", "gt", 3), alone(4 / 3)),
    "order does not cross types": (conditional("count", "lt", 5, "severity"), alone(0)),
    "what is missing is unequal": (conditional("count", "not", "web-2", "resource.name"), alone(3)),
    "all conditions": (
        [
            of_all(
                "count",
                "",
                conditions=[
                    {"k": "severity", "o": "eq", "v": "CRITICAL"},
                    {"k": "raw_data.v", "o": "eq", "v": 4},
                ],
            )
        ],
        alone(1),
    ),
    # several groups
    "groups of groups": (
        [
            group(COUNT, keys=[{"key": "severity", "name": "s"}, {"key": "event_id", "name": "e"}]),
            group({"name": "events", "operator": "sum", "key": "n"}, keys=[{"key": "s", "name": "severity"}]),
        ],
        [{"severity": "CRITICAL", "events": 2}, {"severity": "WARNING", "events": 1}],
    ),
    "the most of a group": ([PER_SEVERITY, of_all("max", "n")], alone(2)),
    # unwind
    "unwind": (
        [{"unwind": {"path": "raw_data.tags"}}, by("raw_data.tags")],
        by_key(("prod", 2), ("db", 1)),
    ),
    "unwind of objects": (
        [{"unwind": {"path": "raw_data.points"}}, by("raw_data.points.n")],
        [{"k": 1, "n": 1}, {"k": 2, "n": 1}, {"n": 1}],
    ),
    "unwind of nothing": ([{"unwind": {"path": "rule.x"}}, {"count": {"name": "n"}}], []),
    "unwind of null": ([{"unwind": {"path": "rule"}}, NAMED], ids(LOAD)),
    # count
    "count rows": ([{"count": {"name": "rows"}}], [{"rows": 3}]),
    "count groups": ([PER_SEVERITY, {"count": {"name": "groups"}}], [{"groups": 2}]),
    # sort
    "sort": ([{"sort": {"key": "event_id"}}, NAMED], ids(PING, LOAD, DISK)),
    "sort down": ([{"sort": {"key": "severity", "desc": True}}, NAMED], ids(LOAD, DISK, PING)),
    "sort puts null first": ([{"sort": {"key": "rule"}}, NAMED], ids(DISK, PING, LOAD)),
    "sort by two": (
        [{"sort": {"keys": [{"key": "severity"}, {"key": "event_id"}]}}, NAMED],
        ids(PING, DISK, LOAD),
    ),
    "sort by key, not keys": (
        [{"sort": {"key": "event_id", "keys": [{"key": "rule"}]}}, NAMED],
        ids(PING, LOAD, DISK),
    ),
    "sort groups by their key": (
        [PER_SEVERITY, {"sort": {"key": "k", "desc": True}}],
        by_key(("WARNING", 1), ("CRITICAL", 2)),
    ),
    "sort groups by a field": (
        [PER_SEVERITY, {"sort": {"key": "n"}}],
        by_key(("WARNING", 1), ("CRITICAL", 2)),
    ),
    "sort of types": ([{"sort": {"key": "raw_data.v"}}, NAMED], ids(LOAD, DISK, PING)),
    # project
    "project": (project("severity"), [{"x": "CRITICAL"}, {"x": "WARNING"}, {"x": "CRITICAL"}]),
    "project leaves out what is missing": (project("raw_data.on"), [{}, {}, {"x": True}]),
    "project keeps the keys of groups": (
        [PER_SEVERITY, *project("n")],
        [{"k": "CRITICAL", "x": 2}, {"k": "WARNING", "x": 1}],
    ),
    "project without the keys": ([PER_SEVERITY, *project("n", exclude_keys=True)], [{"x": 2}, {"x": 1}]),
    "project a key": (
        [PER_SEVERITY, *project("k", exclude_keys=True)],
        [{"x": "CRITICAL"}, {"x": "WARNING"}],
    ),
    "project keeps the null id": ([group(COUNT), *project("n")], [{"_id": None, "x": 3}]),
    "size": ([of_all("add_to_set", "severity"), *project("x", "size")], alone(2)),
    "sum of an array": ([of_all("push", "raw_data.v"), *project("x", "sum")], alone(6.5)),
    "sum of what is no array": (project("raw_data.v", "sum"), [{"x": 4}, {"x": 2.5}, {"x": 0}]),
    "array_to_object": (
        project("raw_data.pairs", "array_to_object"),
        [{"x": None}, {"x": {"x": 1}}, {"x": None}],
    ),
    "object_to_array": (
        project("raw_data.o", "object_to_array"),
        [
            {"x": [{"k": "a", "v": 1}, {"k": "b", "v": 2}]},
            {"x": [{"k": "b", "v": 3}, {"k": "c", "v": None}]},
            {"x": None},
        ],
    ),
    # limit and skip
    "limit": ([{"limit": 2}, NAMED], ids(DISK, LOAD)),
    "a large limit": ([{"limit": 20}, NAMED], ids(DISK, LOAD, PING)),
    "skip": ([{"skip": 2}, NAMED], ids(PING)),
    "skip none": ([{"skip": 0}, NAMED], ids(DISK, LOAD, PING)),
    "skip all": ([{"skip": 4}, NAMED], []),
    "a part of what is sorted": (
        [{"sort": {"key": "event_id"}}, {"skip": 1}, {"limit": 1}, NAMED],
        ids(LOAD),
    ),
    "whole documents": ([{"limit": 1}], [DISK]),
}


@pytest.mark.parametrize(("aggregate", "results"), GOLDEN.values(), ids=GOLDEN.keys())
def test_pipeline_gives(aggregate: list[dict[str, Any]], results: list[dict[str, Any]]) -> None:
    assert list(evaluate(read_stages(aggregate), DOCUMENTS)) == results


@pytest.mark.parametrize("aggregate", [[group(COUNT)], [PER_SEVERITY], [{"count": {"name": "n"}}]])
def test_no_rows_make_no_groups(aggregate: list[dict[str, Any]]) -> None:
    assert list(evaluate(read_stages(aggregate), [])) == []


GROUP_OPERATORS = (
    "['count', 'sum', 'average', 'max', 'min', 'first', 'last', 'push', 'add_to_set', 'merge_objects']"
)
PROJECT_OPERATORS = (
    "['size', 'sum', 'array_to_object', 'object_to_array', 'add', 'subtract', 'multiply', 'divide']"
)


def with_condition(**condition: Any) -> list[dict[str, Any]]:
    return [group({"name": "x", "operator": "count", "conditions": [condition]})]


REFUSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "an empty stage": (
        [{}],
        "Required parameter. (key = aggregate.unwind or aggregate.group or aggregate.count or "
        "aggregate.sort or aggregate.project or aggregate.limit or aggregate.skip)",
    ),
    "unwind without path": ([{"unwind": {}}], "Required parameter. (key = aggregate.unwind.path)"),
    "count without name": ([{"count": {}}], "Required parameter. (key = aggregate.count.name)"),
    "a name with a dot": ([{"count": {"name": "a.b"}}], "The field name 'a.b' cannot contain '.'"),
    "an empty group": (
        [{"group": {}}],
        "Required parameter. (key = aggregate.group.keys || aggregate.group.fields)",
    ),
    "a key without key": (
        [group(keys=[{"name": "s"}])],
        "'aggregate.group.keys' condition requires a key: {'name': 's'}",
    ),
    "a key without name": (
        [group(keys=[{"key": "severity"}])],
        "'aggregate.group.keys' condition requires a name: {'key': 'severity'}",
    ),
    "a date format with a wrong letter": (dates("%Y-%Q"), "Invalid format character '%Q' in format string"),
    "a date format that ends early": (dates("%Y-%"), "Unmatched '%' at end of format string"),
    "a field without operator": (
        [group({"name": "x"})],
        "'aggregate.group.fields' condition's None operator is not supported. "
        f"(supported_operator = {GROUP_OPERATORS})",
    ),
    "an unknown operator": (
        [of_all("avg", "raw_data.v")],
        "'aggregate.group.fields' condition's avg operator is not supported. "
        f"(supported_operator = {GROUP_OPERATORS})",
    ),
    "a field without name": (
        [group({"operator": "count"})],
        "'aggregate.group.fields' condition requires a name: {'operator': 'count'}",
    ),
    "a field without key": (
        [group({"name": "x", "operator": "sum"})],
        "'aggregate.group.fields' condition requires a key: {'name': 'x', 'operator': 'sum'}",
    ),
    "push of nothing": (
        [group({"name": "x", "operator": "push"})],
        "'aggregate.group.fields' condition requires fields: {'name': 'x', 'operator': 'push'}",
    ),
    "push of a field without key": (
        [group({"name": "x", "operator": "push", "fields": [{"name": "y"}]})],
        "'aggregate.group.fields.fields' condition requires a key: "
        "{'name': 'x', 'operator': 'push', 'fields': [{'name': 'y'}]}",
    ),
    "push of a field without name": (
        [group({"name": "x", "operator": "push", "fields": [{"key": "y"}]})],
        "'aggregate.group.fields.fields' condition requires a name: "
        "{'name': 'x', 'operator': 'push', 'fields': [{'key': 'y'}]}",
    ),
    "a condition without key": (
        with_condition(operator="eq", value=1),
        "'aggregate.group.fields.conditions.key' condition requires a key: {'operator': 'eq', 'value': 1}",
    ),
    "a condition without value": (
        with_condition(key="rule", operator="eq", value=None),
        "'aggregate.group.fields.conditions.value' condition requires a value: "
        "{'key': 'rule', 'operator': 'eq', 'value': None}",
    ),
    "a condition without operator": (
        with_condition(key="rule", value=1),
        "'aggregate.group.fields.conditions.operator' condition requires a operator: "
        "{'key': 'rule', 'value': 1}",
    ),
    "a condition with an unknown operator": (
        with_condition(key="rule", operator="in", value=1),
        "'aggregate.group.fields.conditions.operator' condition's in operator is not supported. "
        "(supported_operator = ['eq', 'not', 'gt', 'gte', 'lt', 'lte'])",
    ),
    "sort without key": ([{"sort": {"desc": True}}], "Required parameter. (key = aggregate.sort.key)"),
    "sort by a key without key": (
        [{"sort": {"keys": [{"desc": True}]}}],
        "Required parameter. (key = aggregate.sort.keys.key)",
    ),
    "an empty project": ([{"project": {}}], "Required parameter. (key = aggregate.project.fields)"),
    "project with an unknown operator": (
        project("severity", "concat"),
        "'aggregate.project.fields' condition's concat operator is not supported. "
        f"(supported_operator = {PROJECT_OPERATORS})",
    ),
    "project without name": (
        [{"project": {"fields": [{"key": "severity"}]}}],
        "'aggregate.project.fields' condition requires a name: {'key': 'severity'}",
    ),
    "size without key": (
        [{"project": {"fields": [{"name": "x", "operator": "size"}]}}],
        "'aggregate.project.key' condition requires a key: {'name': 'x', 'operator': 'size'}",
    ),
    "object_to_array without key": (
        [{"project": {"fields": [{"name": "x", "operator": "object_to_array"}]}}],
        "'aggregate.project.fields' condition requires a key: {'name': 'x', 'operator': 'object_to_array'}",
    ),
    "a calculation, which has no fields": (
        project("n", "divide"),
        "'aggregate.project.fields' condition requires a fields: "
        "{'key': 'n', 'name': 'x', 'operator': 'divide'}",
    ),
    "limit 0": ([{"limit": 0}], "the limit must be positive"),
    "a negative limit": ([{"limit": -1}], "the limit must be positive"),
    "a negative skip": ([{"skip": -1}], "Argument to $skip cannot be negative"),
}


@pytest.mark.parametrize(("aggregate", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(aggregate: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(CloudforetError) as caught:
        read_stages(aggregate)
    error = caught.value
    assert (error.status, error.code) == (Status.INTERNAL, "ERROR_DB_QUERY")
    assert error.message == f"Database query failed. (reason = {reason})"


@pytest.mark.parametrize("operator", ["max", "min", "first", "last", "push", "add_to_set", "merge_objects"])
def test_refuses_conditions_of_other_operators(operator: str) -> None:
    field = {
        "name": "x",
        "operator": operator,
        "key": "rule",
        "conditions": [{"key": "rule", "operator": "eq", "value": 1}],
    }
    with pytest.raises(CloudforetError) as caught:
        read_stages([group(field)])
    reason = f"'aggregate.group.fields' condition's conditions not supported: {field}"
    assert caught.value.message == f"Database query failed. (reason = {reason})"


def test_refuses_very_many_stages() -> None:
    assert len(read_stages([{"skip": 1}] * 100)) == 100
    with pytest.raises(CloudforetError) as caught:
        read_stages([{"skip": 1}] * 101)
    assert caught.value.status is Status.INVALID_ARGUMENT
    assert "at most 100 stages" in caught.value.message
