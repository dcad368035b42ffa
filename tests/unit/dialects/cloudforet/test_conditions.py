"""Queries become trees: what an engine can answer exactly are comparisons, the rest is judged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.dialects.cloudforet.conditions import LISTED, asked_for, sorted_as
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.event_info import RawData
from tocsin.dialects.cloudforet.keys import Keys
from tocsin.query.fields import EVENT_FIELDS, Field, FieldType, label_field
from tocsin.query.order import SortKey
from tocsin.query.pattern import Pattern
from tocsin.query.tree import (
    All,
    And,
    Comparison,
    Expression,
    Judged,
    Not,
    Operator,
    Or,
    conjunction,
    disjunction,
    leaves,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOON = 1_795_608_000_000_000
OCCURRED_AT = Field("occurred_at", FieldType.TIME, "occurred_at")
NOTHING = Or(())
REGION = label_field("region")


def field(name: str) -> Field:
    return EVENT_FIELDS.by_name[name]


def keys() -> Keys:
    return Keys("default", RawData())


def tree_of(query: dict[str, Any], **parameters: Any) -> Expression:
    return asked_for(query, parameters, keys(), NOW)


def term(key: str, value: object, operator: str = "eq") -> Expression:
    """Give the term that one condition becomes."""
    return asked_for({"filter": [{"k": key, "v": value, "o": operator}]}, {}, keys(), NOW)


def equal(name: str, value: str | int) -> Expression:
    return Comparison(field(name), Operator.EQUAL, value)


def contains(name: str, word: str) -> Expression:
    return Comparison(field(name), Operator.MATCHES, Pattern(("", word, "")))


def time(field_: Field, operator: Operator, moment: int) -> Expression:
    return Comparison(field_, operator, moment)


RECORDED = field("recorded")
ONE_OF_TWO = Comparison(field("key"), Operator.ONE_OF, ("a", "b"))
EXACT: list[tuple[str, str, Any, Expression]] = [
    ("event_id", "eq", "event-00000000002a", equal("id", 42)),
    ("event_id", "eq", "event-00000000002A", NOTHING),
    ("event_id", "eq", "alert-00000000002a", NOTHING),
    ("event_id", "eq", "", NOTHING),
    ("event_id", "contain", "disk", NOTHING),
    ("event_id", "contain", "2A", contains("id", "2a")),
    ("alert_id", "contain_in", ["disk", "T-0"], contains("alert_id", "t-0")),
    ("event_id", "exists", True, All()),
    ("alert_id", "eq", "alert-000000000007", equal("alert_id", 7)),
    ("alert_id", "eq", "alert-000000000000", NOTHING),
    ("alert_id", "eq", "", equal("alert_id", 0)),
    ("alert_id", "eq", None, NOTHING),
    ("event_key", "eq", "db/main", equal("key", "db/main")),
    ("event_key", "eq", "", equal("key", "")),
    ("event_key", "in", ["a", "b", 3, None], ONE_OF_TWO),
    ("event_key", "in", [], NOTHING),
    ("event_key", "not_in", ["a", "b"], Not(ONE_OF_TWO)),
    ("event_key", "exists", False, NOTHING),
    ("event_key", "match", {}, NOTHING),
    ("event_type", "eq", "RECOVERY", equal("type", "RECOVERY")),
    ("event_type", "eq", "", NOTHING),
    ("event_type", "regex", "^(al|rec)", Comparison(field("type"), Operator.ONE_OF, ("ALERT", "RECOVERY"))),
    ("severity", "eq", "CRITICAL", equal("severity", "critical")),
    ("severity", "eq", "critical", NOTHING),
    ("severity", "gt", "NOT", Comparison(field("severity"), Operator.ONE_OF, ("warning", "not_available"))),
    ("severity", "contain", "avail", equal("severity", "not_available")),
    ("title", "contain", "CPU", contains("title", "cpu")),
    ("title", "not_contain", "CPU", Not(contains("title", "cpu"))),
    ("title", "contain_in", ["a", "b"], Or((contains("title", "a"), contains("title", "b")))),
    ("title", "not_contain_in", ["a", "b"], Not(Or((contains("title", "a"), contains("title", "b"))))),
    ("title", "eq", 3, NOTHING),
    ("title", "not", 3, Not(NOTHING)),
    ("title", "regex", "^cpu", Comparison(field("title"), Operator.REGEX, "(?i)^cpu")),
    ("title", "datetime_gt", "2026-11-25", NOTHING),
    ("description", "eq", None, equal("description", "")),
    ("description", "eq", "", NOTHING),
    ("description", "gte", None, equal("description", "")),
    ("description", "exists", True, All()),
    ("description", "contain", "x", And((Not(equal("description", "")), contains("description", "x")))),
    ("provider", "eq", "", equal("provider", "")),
    ("provider", "eq", None, NOTHING),
    ("rule", "eq", "disk", equal("rule", "disk")),
    ("image_url", "not", "u", Not(equal("image_url", "u"))),
    ("webhook_id", "eq", "source-1", equal("source_id", "source-1")),
    ("user_projects", "in", ["p", "q"], Comparison(field("project_id"), Operator.ONE_OF, ("p", "q"))),
    ("resource_id", "eq", "i-1", equal("resource.id", "i-1")),
    ("resource.resource_id", "eq", "i-1", equal("resource.id", "i-1")),
    ("resource.resource_type", "eq", "server", equal("resource.type", "server")),
    ("resource.name", "eq", None, equal("resource.name", "")),
    ("domain_id", "eq", "default", All()),
    ("domain_id", "not", "default", Not(All())),
    ("domain_id", "eq", "other", NOTHING),
    ("additional_info.region", "eq", "eu", Comparison(REGION, Operator.EQUAL, "eu")),
    ("additional_info.region", "contain", "E", Comparison(REGION, Operator.MATCHES, Pattern(("", "e", "")))),
    ("additional_info.a.b", "eq", "eu", Comparison(label_field("a.b"), Operator.EQUAL, "eu")),
    ("created_at", "gt", "2026-11-25T12:00:00Z", time(RECORDED, Operator.GREATER_EQUAL, NOON + 1_000)),
    ("created_at", "gte", "2026-11-25T12:00:00Z", time(RECORDED, Operator.GREATER_EQUAL, NOON)),
    ("created_at", "lt", "2026-11-25T12:00:00Z", time(RECORDED, Operator.LESS, NOON)),
    ("created_at", "lte", "2026-11-25T12:00:00Z", time(RECORDED, Operator.LESS, NOON + 1_000)),
    ("created_at", "datetime_lte", "2026-11-25T12:00Z", time(RECORDED, Operator.LESS, NOON + 1_000)),
    ("created_at", "timediff_gt", "now", time(RECORDED, Operator.GREATER_EQUAL, NOON + 1_000)),
    ("created_at", "gt", "no date", NOTHING),
    ("created_at", "eq", "no date", NOTHING),
    ("created_at", "not", "no date", Not(NOTHING)),
    ("created_at", "gt", 5, NOTHING),
    ("created_at", "eq", None, NOTHING),
    ("created_at", "contain", "2026", NOTHING),
    ("created_at", "exists", True, All()),
    ("occurred_at", "eq", None, time(OCCURRED_AT, Operator.EQUAL, 0)),
    ("occurred_at", "datetime_lt", "2026-11-25T12:00:00Z", time(OCCURRED_AT, Operator.LESS, NOON)),
    ("nope", "regex", "a", NOTHING),
    ("resource.nope", "regex_in", ["a"], NOTHING),
]


@pytest.mark.parametrize(("key", "operator", "value", "wanted"), EXACT)
def test_what_an_engine_answers(key: str, operator: str, value: Any, wanted: Expression) -> None:
    assert term(key, value, operator) == conjunction([LISTED, wanted])


@pytest.mark.parametrize(
    ("key", "operator", "value", "reads"),
    [
        ("raw_data", "exists", True, ("payload", "payload_index")),
        ("raw_data.a.b", "eq", 3, ("payload", "payload_index")),
        ("additional_info", "eq", {}, ("labels",)),
        ("additional_info.region", "eq", None, ("labels",)),
        ("additional_info.region", "eq", "", ("labels",)),
        ("additional_info.region", "exists", False, ("labels",)),
        ("additional_info.region", "regex", "e", ("labels",)),
        ("resource", "eq", {"name": "x"}, ("resource_id", "resource_type", "resource_name")),
        ("title", "gt", "a", ("title",)),
        ("event_id", "gt", "event-00000000002a", ("seq",)),
        ("created_at", "in", [str(NOW + timedelta(n)) for n in range(101)], ("recorded_at",)),
    ],
)
def test_what_is_judged(key: str, operator: str, value: Any, reads: tuple[str, ...]) -> None:
    judged = [leaf for leaf in leaves(term(key, value, operator)) if isinstance(leaf, Judged)]
    assert [leaf.reads for leaf in judged] == [reads]


def test_filters_are_joined_by_and_alternatives_by_or() -> None:
    conditions = [{"k": "title", "v": word, "o": "eq"} for word in "abcd"]
    a, b, c, d = (equal("title", word) for word in "abcd")
    tree = tree_of({"filter": conditions[:2], "filter_or": conditions[2:]})
    assert tree == conjunction([LISTED, a, b, disjunction([c, d])])


def test_an_empty_query_asks_for_everything_that_cloudforet_knows() -> None:
    assert tree_of({}) == LISTED


def test_every_parameter_filters() -> None:
    parameters = {
        "event_id": "event-000000000001",
        "event_key": "key",
        "event_type": "ALERT",
        "severity": "INFO",
        "resource_id": "i-1",
        "provider": "aws",
        "account": "42",
        "alert_id": "alert-000000000002",
        "webhook_id": "source-1",
        "project_id": "project-1",
    }
    wanted: list[tuple[str, str | int]] = [
        ("id", 1),
        ("key", "key"),
        ("type", "ALERT"),
        ("severity", "info"),
        ("resource.id", "i-1"),
    ]
    more: list[tuple[str, str | int]] = [
        ("provider", "aws"),
        ("account", "42"),
        ("alert_id", 2),
        ("source_id", "source-1"),
    ]
    terms = [equal(name, value) for name, value in [*wanted, *more, ("project_id", "project-1")]]
    assert tree_of({}, domain_id="default", **parameters) == conjunction([LISTED, *terms])


def test_a_keyword_is_any_word_in_title_or_id_and_one_more_alternative() -> None:
    title = contains("title", "disk")
    assert tree_of({"keyword": " disk "}) == conjunction([LISTED, title])
    both = disjunction([contains("title", "disk"), contains("title", "full")])
    assert tree_of({"keyword": "disk full"}) == conjunction([LISTED, both])
    assert tree_of({"keyword": "  "}) == LISTED
    either = disjunction([contains("id", "2a"), contains("title", "2a"), title])
    assert tree_of({"keyword": "2a disk"}) == conjunction([LISTED, either])
    other = {"k": "rule", "v": "x", "o": "eq"}
    wanted = disjunction([equal("rule", "x"), title])
    assert tree_of({"keyword": "disk", "filter_or": [other]}) == conjunction([LISTED, wanted])


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("nope", "nope"),
        ("nope.x", "nope"),
        ("alert.state", "alert"),
        ("resource.nope", "nope"),
        ("title.x", "x"),
        ("_id", "_id"),
    ],
)
def test_an_unknown_field_is_refused(key: str, named: str) -> None:
    with pytest.raises(CloudforetError) as caught:
        term(key, "a")
    reason = f'Cannot resolve field "{named}"'
    assert str(caught.value) == f"ERROR_DB_QUERY: Database query failed. (reason = {reason})"


def test_operators_are_checked_before_fields() -> None:
    conditions = [{"k": "nope", "v": "a", "o": "eq"}, {"k": "title", "v": "a", "o": "in"}]
    with pytest.raises(CloudforetError, match="ERROR_OPERATOR_LIST_VALUE_TYPE"):
        tree_of({"filter": conditions})


def test_a_query_has_a_limit_but_a_list_of_values_has_none() -> None:
    many = [str(number) for number in range(1_001)]
    assert isinstance(term("title", many, "in"), And)
    with pytest.raises(CloudforetError, match=r"ERROR_INVALID_PARAMETER.*at most 1000 conditions"):
        term("title", many, "contain_in")
    with pytest.raises(CloudforetError, match="at most 1000 conditions"):
        tree_of({"filter": [{"k": "title", "v": "a", "o": "eq"}] * 1_001})


def by(name: str, *, is_descending: bool = False, unit: int = 1) -> SortKey:
    return SortKey(field(name), is_descending, unit)


RESOURCE = tuple(by(f"resource.{part}") for part in ("id", "type", "name"))


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ({}, ()),
        ({"key": "created_at", "desc": True}, ()),
        ({"key": "created_at"}, (by("seq"),)),
        ({"keys": [{"key": "created_at"}, {"key": "rule"}]}, (by("recorded", unit=1_000), by("rule"))),
        ({"key": "severity", "desc": True}, (by("severity", is_descending=True),)),
        (
            {"keys": [{"key": "title"}, {"key": "event_id", "desc": True}]},
            (by("title"), by("id", is_descending=True)),
        ),
        ({"key": "rule", "keys": [{"key": "title"}]}, (by("rule"),)),
        ({"key": "resource_id"}, (by("resource.id"),)),
        ({"key": "resource"}, RESOURCE),
        ({"key": "additional_info.region"}, (SortKey(REGION),)),
        ({"key": "nope"}, ()),
        ({"key": "domain_id"}, ()),
        ({"desc": True}, ()),
    ],
)
def test_what_is_sorted_by(sort: dict[str, Any], wanted: tuple[SortKey, ...]) -> None:
    assert sorted_as(sort, keys()) == wanted


@pytest.mark.parametrize("key", ["raw_data", "raw_data.a", "additional_info", 'additional_info.a"b'])
def test_raw_data_is_not_sorted_by(key: str) -> None:
    with pytest.raises(CloudforetError, match=r"ERROR_DB_QUERY: .*not sorted by raw_data"):
        sorted_as({"key": key}, keys())
