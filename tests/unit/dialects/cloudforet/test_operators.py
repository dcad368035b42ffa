"""Every operator: what it holds of, and the values that it does not take."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.operators import read
from tocsin.dialects.cloudforet.paths import reach

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DOCUMENT = {
    "title": "CPU load of Web-1",
    "null": None,
    "n": 3,
    "f": 3.0,
    "yes": True,
    "object": {"x": 1, "y": "a"},
    "tags": ["prod", "Web", None],
    "numbers": [10, 20],
    "samples": [{"v": 10, "w": {"u": "a"}}, {"v": 20}],
    "empty": [],
    "created_at": datetime(2026, 11, 25, 11, tzinfo=UTC),
    "text_date": "2026-11-25T11:00:00Z",
}


def holds(key: str, operator: str, value: Any) -> bool:
    _, test, is_negated = read({"key": key, "value": value, "operator": operator}, NOW)
    return test.predicate()(list(reach(DOCUMENT, key.split(".")))) != is_negated


@pytest.mark.parametrize(
    ("key", "operator", "value"),
    [
        ("title", "eq", "CPU load of Web-1"),
        ("null", "eq", None),
        ("absent", "eq", None),
        ("n", "eq", 3.0),
        ("f", "eq", 3),
        ("yes", "eq", True),
        ("object", "eq", {"y": "a", "x": 1}),
        ("tags", "eq", "prod"),
        ("tags", "eq", None),
        ("samples.v", "eq", 20),
        ("title", "not", "cpu"),
        ("absent", "not", "cpu"),
        ("n", "not", "3"),
        ("n", "gt", 2),
        ("title", "gt", "CPU"),
        ("samples.v", "gt", 15),
        ("null", "gte", None),
        ("absent", "lte", None),
        ("n", "gte", 3),
        ("n", "lt", 3.5),
        ("n", "lte", 3),
        ("numbers", "lte", 10),
        ("null", "exists", True),
        ("empty", "exists", True),
        ("absent", "exists", False),
        ("title", "contain", "web-1"),
        ("title", "contain", ""),
        ("tags", "contain", "WE"),
        ("title", "not_contain", "C.U"),
        ("absent", "not_contain", "x"),
        ("null", "not_contain", "x"),
        ("n", "not_contain", "3"),
        ("title", "in", ["other", "CPU load of Web-1"]),
        ("absent", "in", [None]),
        ("tags", "in", ["prod"]),
        ("title", "not_in", []),
        ("title", "not_in", ["x"]),
        ("title", "contain_in", ["nothing", "LOAD"]),
        ("title", "not_contain_in", ["nothing", "none"]),
        ("absent", "not_contain_in", ["x"]),
        ("samples", "match", {"v": 10}),
        ("samples", "match", {"v": 10, "w.u": "a"}),
        ("samples", "match", {"w": None}),
        ("samples", "match", {}),
        ("title", "regex", "^cpu.*\\d$"),
        ("tags", "regex", "web"),
        ("title", "regex_in", ["^x", "load"]),
        ("created_at", "datetime_gt", "2026-11-25T10:59:59Z"),
        ("created_at", "datetime_gte", "2026-11-25T12:00+01:00"),
        ("created_at", "datetime_lt", "2026-11-26"),
        ("created_at", "datetime_lte", "2026-11-25T11:00:00.000999"),
        ("created_at", "timediff_gt", "now - 61m"),
        ("created_at", "timediff_gte", "now - 1h"),
        ("created_at", "timediff_lt", "now"),
        ("created_at", "timediff_lte", "now/d + 11h"),
    ],
)
def test_what_holds(key: str, operator: str, value: Any) -> None:
    assert holds(key, operator, value)


@pytest.mark.parametrize(
    ("key", "operator", "value"),
    [
        ("title", "eq", 3),
        ("n", "eq", "3"),
        ("n", "eq", True),
        ("yes", "eq", 1),
        ("title", "eq", ""),
        ("null", "eq", ""),
        ("object", "eq", {"x": 1}),
        ("empty.x", "eq", None),
        ("n", "not", 3),
        ("tags", "not", "prod"),
        ("title", "gt", 2),
        ("null", "gt", None),
        ("absent", "lt", None),
        ("n", "gt", None),
        ("n", "gt", 3),
        ("n", "lt", 3),
        ("n", "gte", 4),
        ("n", "lte", 2),
        ("null", "exists", False),
        ("absent", "exists", True),
        ("title", "contain", "C.U"),
        ("n", "contain", "3"),
        ("null", "contain", ""),
        ("title", "not_contain", "CPU"),
        ("title", "in", []),
        ("title", "in", ["cpu load of web-1"]),
        ("title", "not_in", ["CPU load of Web-1"]),
        ("absent", "not_in", [None]),
        ("title", "contain_in", ["a thing"]),
        ("title", "not_contain_in", ["cpu", "nothing"]),
        ("tags", "match", {}),
        ("object", "match", {"x": 1}),
        ("empty", "match", {}),
        ("samples", "match", {"v": 20, "w.u": "a"}),
        ("n", "regex", "3"),
        ("absent", "regex", ".*"),
        ("title", "regex_in", ["^x", "y$"]),
        ("text_date", "datetime_lt", "2027-01-01"),
        ("created_at", "datetime_gt", 5),
        ("created_at", "datetime_gt", None),
        ("created_at", "datetime_lt", True),
        ("created_at", "datetime_gt", "2026-11-25T11:00:00.000999"),
        ("created_at", "timediff_gt", "now - 1h"),
        ("text_date", "timediff_lt", "now"),
    ],
)
def test_what_does_not_hold(key: str, operator: str, value: Any) -> None:
    assert not holds(key, operator, value)


SCALAR = ["eq", "not", "gt", "gte", "lt", "lte", "exists", "contain", "not_contain", "match", "regex"]
DATES = [f"{kind}_{order}" for kind in ("datetime", "timediff") for order in ("gt", "gte", "lt", "lte")]
LISTS = ["in", "not_in", "contain_in", "not_contain_in", "regex_in"]


def refusal(operator: object, value: object, **others: object) -> str:
    with pytest.raises(CloudforetError) as caught:
        read({"key": "title", "value": value, "operator": operator, **others}, NOW)
    return f"{caught.value.status.name} {caught.value}"


@pytest.mark.parametrize("operator", [*SCALAR, *DATES])
def test_a_list_is_not_for_every_operator(operator: str) -> None:
    condition = {"key": "title", "value": ["a"], "operator": operator}
    assert refusal(operator, ["a"]) == (
        "INVALID_ARGUMENT ERROR_OPERATOR_VALUE_TYPE: "
        f"The value of '{operator} operator' does not support list type. ({condition})"
    )


@pytest.mark.parametrize("operator", LISTS)
@pytest.mark.parametrize("value", ["a", None, {}])
def test_some_operators_take_lists_only(operator: str, value: object) -> None:
    condition = {"key": "title", "value": value, "operator": operator}
    assert refusal(operator, value) == (
        "INVALID_ARGUMENT ERROR_OPERATOR_LIST_VALUE_TYPE: "
        f"The value of '{operator} operator' must be a list type. ({condition})"
    )


@pytest.mark.parametrize("value", ["true", 1, None, {}])
def test_exists_takes_true_or_false(value: object) -> None:
    condition = {"key": "title", "value": value, "operator": "exists"}
    assert refusal("exists", value) == (
        "INVALID_ARGUMENT ERROR_OPERATOR_BOOLEAN_TYPE: "
        f"The value of 'exists operator' must be a boolean type. ({condition})"
    )


@pytest.mark.parametrize("value", ["a", 1, None, True])
def test_match_takes_an_object(value: object) -> None:
    condition = {"key": "title", "value": value, "operator": "match"}
    assert refusal("match", value) == (
        "INVALID_ARGUMENT ERROR_OPERATOR_DICT_VALUE_TYPE: "
        f"The value of 'match operator' must be a dictionary type. ({condition})"
    )


def test_match_takes_no_operators_of_mongodb() -> None:
    reason = "The value of match operator takes values, no operators. (key = $gt)"
    wanted = f"INTERNAL ERROR_DB_QUERY: Database query failed. (reason = {reason})"
    assert refusal("match", {"v": [{"$gt": 1}]}) == wanted


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        *((operator, value) for operator in ("contain", "not_contain", "regex") for value in (3, None, True)),
        *((operator, ["a", 3]) for operator in ("contain_in", "not_contain_in", "regex_in")),
    ],
)
def test_a_text_is_looked_for(operator: str, value: object) -> None:
    start = "INTERNAL ERROR_DB_QUERY: Database query failed. (reason = "
    assert refusal(operator, value).startswith(
        f"{start}The value of '{operator} operator' must be a string type."
    )


@pytest.mark.parametrize("operator", ["contain_in", "not_contain_in", "regex_in"])
def test_an_empty_list_of_texts_is_refused(operator: str) -> None:
    assert refusal(operator, []).startswith(
        f"INTERNAL ERROR_UNKNOWN: The value of '{operator} operator' is an empty list."
    )


@pytest.mark.parametrize("operator", ["regex", "regex_in"])
def test_a_bad_regular_expression_is_refused(operator: str) -> None:
    value = "(" if operator == "regex" else ["a", "("]
    start = "INTERNAL ERROR_DB_QUERY: Database query failed. (reason = "
    start += f"The value of {operator} operator is invalid"
    assert refusal(operator, value).startswith(start)


@pytest.mark.parametrize("operator", [operator for operator in DATES if operator.startswith("datetime")])
@pytest.mark.parametrize("value", ["", "yesterday"])
def test_a_bad_date_is_refused(operator: str, value: str) -> None:
    reason = f"The value of {operator} operator is required ISO 8601 format."
    assert refusal(operator, value) == f"INTERNAL ERROR_DB_QUERY: Database query failed. (reason = {reason})"


@pytest.mark.parametrize("operator", [operator for operator in DATES if operator.startswith("timediff")])
@pytest.mark.parametrize("value", ["", "now - 1y", 5, None])
def test_a_bad_span_is_refused(operator: str, value: object) -> None:
    reason = f"The value of {operator} operator is invalid. (value = {value})"
    assert refusal(operator, value) == f"INTERNAL ERROR_DB_QUERY: Database query failed. (reason = {reason})"


@pytest.mark.parametrize("operator", ["", None, "ne", "like", "between", "nin", "EQ"])
def test_there_are_no_other_operators(operator: object) -> None:
    start = "INTERNAL ERROR_DB_QUERY: Database query failed. (reason = Filter operator is not supported."
    assert refusal(operator, "a").startswith(start)


def test_a_condition_needs_a_key() -> None:
    reason = "Filter condition should have key, value and operator."
    assert (
        refusal("eq", "a", key="") == f"INTERNAL ERROR_DB_QUERY: Database query failed. (reason = {reason})"
    )


def test_the_operator_is_checked_first_then_the_list_the_key_and_its_own_value() -> None:
    assert "Filter operator is not supported." in refusal("ne", ["a"], key="")
    assert "ERROR_OPERATOR_VALUE_TYPE" in refusal("exists", ["a"], key="")
    assert "should have key" in refusal("exists", "a", key="")


def test_the_short_names_are_the_same() -> None:
    key, test, is_negated = read({"k": "title", "v": "a", "o": "not"}, NOW)
    assert (key, test, is_negated) == read({"key": "title", "value": "a", "operator": "not"}, NOW)
