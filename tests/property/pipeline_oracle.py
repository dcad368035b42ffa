"""What a statistics query must answer, written down a second time: loops over lists, and nothing of Tocsin's.

It follows what is documented of the reference's `aggregate`, in its own words, so that a mistake in the
pipeline is no mistake here.
"""

from datetime import datetime
from functools import cmp_to_key
from typing import Any

NOTHING = object()
"""Stands for what is missing, which is not null."""


def answer(aggregate: list[dict[str, Any]], documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evaluate a pipeline, stage by stage, each as a whole.

    Raises:
        ValueError: a document cannot go through it.
    """
    rows = documents
    lifted: list[str] = []
    for stage in aggregate:
        ((name, what),) = stage.items()
        if name == "unwind":
            rows = unwind(rows, what["path"])
        elif name == "group":
            rows = group(rows, what.get("keys", []), what.get("fields", []))
            lifted = [key["name"] for key in what.get("keys", [])] or ["_id"]
        elif name == "count":
            rows = [{what["name"]: len(rows)}] if rows else []
            lifted = []
        elif name == "sort":
            rows = sort(rows, what.get("keys", [what]))
        elif name == "project":
            if what.get("exclude_keys"):
                lifted = []
            rows = [project(row, what["fields"], lifted) for row in rows]
        elif name == "limit":
            rows = rows[:what]
        elif name == "skip":
            rows = rows[what:]
    return rows


def look(value: Any, path: str) -> Any:
    """Find what stands at a path; in an array look into each object."""
    name, *rest = path.split(".", 1)
    if not isinstance(value, dict) or name not in value:
        return NOTHING
    found = value[name]
    if not rest:
        return found
    if isinstance(found, list):
        inner = [look(each, rest[0]) for each in found]
        return [each for each in inner if each is not NOTHING]
    return look(found, rest[0])


def unwind(rows: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        value: Any = row
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            continue
        elements = value if isinstance(value, list) else [value]
        found += [with_element(row, path.split("."), element) for element in elements]
    return found


def with_element(row: dict[str, Any], names: list[str], element: Any) -> dict[str, Any]:
    changed = dict(row)
    changed[names[0]] = with_element(row[names[0]], names[1:], element) if names[1:] else element
    return changed


def group(
    rows: list[dict[str, Any]], keys: list[dict[str, Any]], fields: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    groups: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for row in rows:
        values = {}
        for key in last_of_each_name(keys):
            value = look(row, key["key"])
            if "date_format" in key:
                value = dated(value, key["date_format"])
            if value is not NOTHING:
                values[key["name"]] = value
        for known, members in groups:
            if same(known, values):
                members.append(row)
                break
        else:
            groups.append((values, [row]))
    answers = []
    for values, members in groups:
        row = dict(values) if keys else {"_id": None}
        for field in last_of_each_name(fields):
            row[field["name"]] = gathered(field, members)
        answers.append(row)
    return answers


def last_of_each_name(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({part["name"]: part for part in parts}.values())


def dated(value: Any, date_format: str) -> Any:
    if value is NOTHING or value is None:
        return None
    if not isinstance(value, datetime):
        raise ValueError("no date")
    if date_format in {"year", "month", "day"}:
        return getattr(value, date_format)
    return value.strftime(date_format)


def gathered(field: dict[str, Any], members: list[dict[str, Any]]) -> Any:
    operator = field["operator"]
    if operator in {"count", "sum", "average"}:
        return calculated(field, members)
    if "key" not in field:
        return [pushed(row, field["fields"]) for row in members]
    values = [look(row, field["key"]) for row in members]
    if operator in {"first", "last"}:
        value = values[0 if operator == "first" else -1]
        return None if value is NOTHING else value
    present = [value for value in values if value is not NOTHING]
    if operator == "push":
        return present
    if operator == "add_to_set":
        return once(present)
    known = [value for value in present if value is not None]
    return merged(known) if operator == "merge_objects" else utmost(known, operator)


def calculated(field: dict[str, Any], members: list[dict[str, Any]]) -> Any:
    met = [all(meets(row, condition) for condition in field.get("conditions", [])) for row in members]
    if field["operator"] == "count":
        return met.count(True)
    values = [look(row, field["key"]) if counts else 0 for row, counts in zip(members, met, strict=True)]
    numbers = [value for value in values if is_number(value)]
    total: Any = 0
    for number in numbers:
        total += number
    if field["operator"] == "sum":
        return total
    return total / len(numbers) if numbers else None


def once(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if not any(same(value, other) for other in kept):
            kept.append(value)
    return kept


def merged(values: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in values:
        if not isinstance(value, dict):
            raise ValueError("no object")
        found.update(value)
    return found


def utmost(values: list[Any], operator: str) -> Any:
    best = None
    for value in values:
        if best is None or (compare(value, best) > 0 if operator == "max" else compare(value, best) < 0):
            best = value
    return best


def meets(row: dict[str, Any], condition: dict[str, Any]) -> bool:
    value, wanted, operator = look(row, condition["key"]), condition["value"], condition["operator"]
    if operator in {"eq", "not"}:
        return same(value, wanted) is (operator == "eq")
    if value is NOTHING or kind(value) != kind(wanted):
        return False
    order = compare(value, wanted)
    return bool({"gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[operator])


def pushed(row: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for field in last_of_each_name(fields):
        value = look(row, field["key"])
        if isinstance(value, datetime):
            value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        if value is not NOTHING:
            found[field["name"]] = value
    return found


def project(row: dict[str, Any], fields: list[dict[str, Any]], lifted: list[str]) -> dict[str, Any]:
    found = {name: row[name] for name in lifted if name in row}
    for field in last_of_each_name(fields):
        value = made(look(row, field["key"]), field.get("operator"))
        if value is not NOTHING:
            found[field["name"]] = value
    return found


def made(value: Any, operator: str | None) -> Any:
    if operator is None:
        return value
    if operator == "sum":
        return sum(each for each in (value if isinstance(value, list) else [value]) if is_number(each))
    if operator == "size":
        if not isinstance(value, list):
            raise ValueError("no array")
        return len(value)
    if value is NOTHING or value is None:
        return None
    if operator == "object_to_array":
        if not isinstance(value, dict):
            raise ValueError("no object")
        return [{"k": name, "v": each} for name, each in value.items()]
    if not isinstance(value, list):
        raise ValueError("no array")
    found = {}
    for each in value:
        if not isinstance(each, dict) or set(each) != {"k", "v"} or not isinstance(each["k"], str):
            raise ValueError("no pair")
        found[each["k"]] = each["v"]
    return found


def sort(rows: list[dict[str, Any]], keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def compared(left: dict[str, Any], right: dict[str, Any]) -> int:
        for key in keys:
            values = [look(row, key["key"]) for row in (left, right)]
            order = compare(*(None if value is NOTHING else value for value in values))
            if order:
                return -order if key.get("desc") else order
        return 0

    return sorted(rows, key=cmp_to_key(compared))


def is_number(value: Any) -> bool:
    return type(value) in {int, float}


def kind(value: Any) -> int:
    kinds: list[tuple[type, ...]] = [
        (type(None),), (int, float), (str,), (dict,), (list,), (bool,), (datetime,),
    ]  # fmt: skip
    return next(place for place, types in enumerate(kinds) if type(value) in types)


def same(left: Any, right: Any) -> bool:
    """Say whether two values are equal; 1 is 1.0, but not true."""
    if left is NOTHING or right is NOTHING:
        return left is right
    if kind(left) != kind(right):
        return False
    if isinstance(left, dict):
        return set(left) == set(right) and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def compare(left: Any, right: Any) -> int:
    """Give which comes first: of other types null, number, text, object, array, boolean, date."""
    if kind(left) != kind(right):
        return -1 if kind(left) < kind(right) else 1
    if left is None:
        return 0
    if isinstance(left, dict):
        return compare(
            *([part for name in sorted(each) for part in (name, each[name])] for each in (left, right))
        )
    if isinstance(left, list):
        for one, other in zip(left, right, strict=False):
            if order := compare(one, other):
                return order
        return len(left) - len(right)
    return int(left > right) - int(left < right)
