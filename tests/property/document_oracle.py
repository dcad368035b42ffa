"""What a query of Cloudforet asks for, evaluated over plain documents in the plainest way."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from operator import ge, gt, le, lt
from typing import Any

import re2

ABSENT = object()
ALIASES = {"user_projects": "project_id", "resource_id": "resource.resource_id"}
DATES = ("created_at", "occurred_at")
NEGATED = {"not": "eq", "not_in": "in", "not_contain": "contain", "not_contain_in": "contain_in"}
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def contains(text: str, word: str) -> bool:
    """Say whether a word stands in a text, in any letter case."""
    return word.casefold() in text.casefold()


def finds(text: str, regex: str) -> bool:
    """Say whether a regular expression is found in a text, in any letter case."""
    return re2.search(f"(?i){regex}", text) is not None


SEARCHES = {"contain": contains, "contain_in": contains, "regex": finds, "regex_in": finds}


def matches(document: Mapping[str, Any], query: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a query asks for a document."""
    some = [*query.get("filter_or", [])]
    words = query.get("keyword", "").split()
    if words:
        some += [{"key": key, "value": words, "operator": "contain_in"} for key in ("event_id", "title")]
    every = all(holds(document, condition, now) for condition in query.get("filter", []))
    return every and (not some or any(holds(document, condition, now) for condition in some))


def holds(document: Mapping[str, Any], condition: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a condition holds of a document."""
    key, value, operator = (condition[name] for name in ("key", "value", "operator"))
    key = ALIASES.get(key, key)
    reached = list(reach(document, names(key)))
    if operator in NEGATED:
        return not holds(document, {**condition, "operator": NEGATED[operator]}, now)
    if operator == "exists":
        return value is any(each is not ABSENT for each in reached)
    if operator == "match":
        return any(has_element(array, value, now) for array in reached if isinstance(array, list))
    found = [None if each is ABSENT else each for each in spread(reached)]
    texts = [each for each in found if isinstance(each, str)]
    wanted = value if isinstance(value, list) else [value]
    if operator in SEARCHES:
        return any(SEARCHES[operator](text, each) for text in texts for each in wanted)
    if operator.startswith("timediff_"):
        wanted = [ago(value, now)]
    elif key in DATES or operator.startswith("datetime_"):
        wanted = [moment(each) if isinstance(each, str) else each for each in wanted]
        if operator.startswith("datetime_"):
            wanted = [each for each in wanted if isinstance(each, datetime)]
    relation = operator.rpartition("_")[2]
    return any(
        stands(each, "eq" if relation == "in" else relation, bound) for each in found for bound in wanted
    )


def names(key: str) -> list[str]:
    """Split a path. What stands in additional_info is flat."""
    first, _, rest = key.partition(".")
    return [first, rest] if first == "additional_info" and rest else key.split(".")


def reach(value: Any, path: list[str]) -> Iterable[Any]:
    """Walk a path."""
    if not path:
        return [value]
    if isinstance(value, list):
        is_index = path[0].isdigit()
        objects = [one for one in value if isinstance(one, dict) and (not is_index or path[0] in one)]
        inner = [each for one in objects for each in reach(one, path)]
        if is_index and int(path[0]) < len(value):
            inner += reach(value[int(path[0])], path[1:])
        return inner
    return reach(value.get(path[0], ABSENT), path[1:]) if isinstance(value, dict) else [ABSENT]


def spread(reached: Iterable[Any]) -> Iterable[Any]:
    """Give the elements of arrays beside the arrays."""
    return [each for one in reached for each in ([*one, one] if isinstance(one, list) else [one])]


def has_element(array: list[Any], wanted: Mapping[str, Any], now: datetime) -> bool:
    """Say whether one object of an array has all the values."""
    conditions = [{"key": key, "value": value, "operator": "eq"} for key, value in wanted.items()]
    objects = [each for each in array if isinstance(each, dict)]
    return any(all(holds(each, condition, now) for condition in conditions) for each in objects)


def kind(value: Any) -> str:
    """Name the type of a value, numbers being of one."""
    return "number" if type(value) in {int, float} else type(value).__name__


def stands(value: Any, relation: str, bound: Any) -> bool:
    """Say whether two values stand in a relation; those of different types never do."""
    if kind(value) != kind(bound):
        return False
    if relation == "eq" or value is None:
        return relation in {"eq", "gte", "lte"} and bool(value == bound)
    return bool({"gt": gt, "gte": ge, "lt": lt, "lte": le}[relation](value, bound))


def moment(text: str) -> datetime | str:
    """Read a date as it is stored, if it is one."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    return read.replace(microsecond=read.microsecond // 1000 * 1000)


def ago(text: str, now: datetime) -> datetime:
    """Read `now - 2h`."""
    base, sign, span = text.split(" ")
    assert base == "now"
    seconds = int(span[:-1]) * UNITS[span[-1]]
    found = now + timedelta(seconds=seconds if sign == "+" else -seconds)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def parts(value: Any) -> Any:
    """Give what sorts a resource: its parts."""
    return [part or "" for part in value.values()] if isinstance(value, dict) else value


def in_order(documents: list[dict[str, Any]], sort: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Sort documents, which come with the oldest first."""
    keys = [sort] if sort.get("key") else sort.get("keys", [])
    if not keys:
        return documents[::-1]

    def compare(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
        for key in keys:
            path = names(ALIASES.get(key["key"], key["key"]))
            left, right = (next(iter(reach(each, path))) for each in (one, other))
            left, right = ((each is not None and each is not ABSENT, parts(each)) for each in (left, right))
            if left[0] != right[0] or (left[0] and left[1] != right[1]):
                return (1 if left > right else -1) * (-1 if key.get("desc") else 1)
        return 0

    found = documents[::-1] if keys[-1].get("desc") else documents
    return sorted(found, key=cmp_to_key(compare))
