"""A query -> the one expression that says which events it asks for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tocsin.dialects.cloudforet.errors import db_query, invalid
from tocsin.dialects.cloudforet.keys import MILLISECOND, Keys
from tocsin.dialects.cloudforet.operators import Condition, Contains, Finds, Test, read
from tocsin.query.fields import EVENT_FIELDS, FieldType
from tocsin.query.order import SortKey
from tocsin.query.tree import Expression, Not, Or, conjunction, disjunction, one_of

LISTED: Final = one_of(EVENT_FIELDS.by_name["type"], ("ALERT", "RECOVERY", "ERROR"))
"""The events that Cloudforet knows; acknowledgements and downtime are none of them."""

_PARAMETERS: Final = (
    *("event_id", "event_key", "event_type", "severity", "resource_id", "provider", "account"),
    *("alert_id", "webhook_id", "project_id"),
)
_RECORDED: Final = EVENT_FIELDS.by_name["recorded"]
_USUAL: Final = [SortKey(EVENT_FIELDS.by_name["seq"], True)]
_KEYWORD_FIELDS: Final = ("event_id", "title")
_MOST: Final = 1_000
"""So many conditions, with their words and regular expressions, a query may have."""


def asked_for(
    query: Mapping[str, Any], parameters: Mapping[str, Any], keys: Keys, now: datetime
) -> Expression:
    """Give the expression for the events that a query asks for: all of `filter`, and one of `filter_or` and
    the keyword.

    Args:
        query: of which it takes filter, filter_or and keyword.
        parameters: the request around it, whose own parameters filter too.
        keys: what the conditions can name.
        now: what relative times count from, UTC.

    Raises:
        CloudforetError: a condition is none, or names a field that events do not have.
    """
    own = [_equal(name, parameters[name]) for name in _PARAMETERS if name in parameters]
    words = str(query.get("keyword", "")).split()
    keyword: list[Condition] = [
        {"key": name, "value": words, "operator": "contain_in"} for name in _KEYWORD_FIELDS if words
    ]
    filters = [read(condition, now) for condition in [*own, *query.get("filter", [])]]
    alternatives = [read(condition, now) for condition in [*query.get("filter_or", []), *keyword]]
    _refuse_too_many(test for _, test, _ in (*filters, *alternatives))
    every = [_term(keys, *each) for each in filters]
    some = [_term(keys, *each) for each in alternatives]
    return conjunction([LISTED, *every, *([disjunction(some)] if some else [])])


def sorted_as(sort: Mapping[str, Any], keys: Keys) -> tuple[SortKey, ...]:
    """Give the order that a query asks for; nothing for the usual one, the newest first.

    A key that no event has sorts nothing, and so it is left out.

    Args:
        sort: key and desc, or several of them as keys; a key that stands alone wins.
        keys: what it can name.

    Raises:
        CloudforetError: a key leads to what cannot be sorted.
    """
    wanted: Sequence[Mapping[str, Any]] = [sort] if sort.get("key") else sort.get("keys", [])
    order: list[SortKey] = []
    for each in wanted:
        path, is_descending = each.get("key", ""), bool(each.get("desc"))
        key = keys.find(path)
        if key is None:
            continue
        if key.sorted_by is None:
            raise db_query(f"Events are not sorted by raw_data or by a whole object. (key = {path})")
        order += (
            SortKey(field, is_descending, MILLISECOND if field.type is FieldType.TIME else 1)
            for field in key.sorted_by
        )
    if order and order[-1].field is _RECORDED:
        # Events are numbered in the order in which they are recorded, so at the end both sort alike.
        order[-1] = SortKey(EVENT_FIELDS.by_name["seq"], order[-1].is_descending)
    return () if order == _USUAL else tuple(order)


def unresolved(path: str, keys: Keys) -> str:
    """Say that events have no such field, by the part of a dotted path that leads nowhere."""
    name, _, rest = path.partition(".")
    return f'Cannot resolve field "{rest or name if keys.find(name) else name}"'


def _equal(name: str, value: object) -> Condition:
    return {"key": name, "value": value, "operator": "in" if isinstance(value, list) else "eq"}


def _term(keys: Keys, path: str, test: Test, is_negated: bool) -> Expression:
    key = keys.find(path)
    if key is not None:
        term = key.term(test)
    elif isinstance(test, Finds):
        term = Or(())
    else:
        raise db_query(unresolved(path, keys))
    return Not(term) if is_negated else term


def _refuse_too_many(tests: Iterable[Test]) -> None:
    if sum(map(_size, tests)) > _MOST:
        raise invalid("query", f"expected at most {_MOST} conditions, words and regular expressions")


def _size(test: Test) -> int:
    match test:
        case Contains(texts) | Finds(texts):
            return len(texts)
        case _:
            return 1
