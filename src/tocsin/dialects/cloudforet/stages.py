"""The `aggregate` of a statistics query -> the stages of a pipeline."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tocsin.dialects.cloudforet.errors import CloudforetError, db_query, invalid, required
from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.stages import (
    CONDITIONAL,
    Condition,
    Count,
    Group,
    GroupField,
    GroupKey,
    GroupOperator,
    Limit,
    Project,
    ProjectField,
    ProjectOperator,
    Relation,
    Skip,
    Sort,
    SortKey,
    Stage,
    SubField,
    Unwind,
)

_Given: TypeAlias = Mapping[str, Any]

_MOST: Final = 100
"""So many stages a pipeline may have: each calls the one before it."""
_RELATIONS: Final = [relation.value for relation in Relation]
_GROUP_OPERATORS: Final = [operator.value for operator in GroupOperator]
_CALCULATIONS: Final = ["add", "subtract", "multiply", "divide"]
"""Operators of projected fields that work on a list of fields, which the messages have no room for."""
_PROJECT_OPERATORS: Final = [*(operator.value for operator in ProjectOperator), *_CALCULATIONS]


def read_stages(aggregate: Sequence[_Given]) -> tuple[Stage, ...]:
    """Read the stages of a query, each an object with one member.

    Raises:
        CloudforetError: one of them means nothing.
    """
    if len(aggregate) > _MOST:
        raise invalid("query.aggregate", f"expected at most {_MOST} stages")
    try:
        return tuple(map(_stage, aggregate))
    except PipelineError as error:
        raise db_query(str(error)) from None


def _stage(given: _Given) -> Stage:
    for name, read in _STAGES.items():
        if name in given:
            return read(given[name])
    raise _required(" or ".join(f"aggregate.{name}" for name in _STAGES))


def _unwind(given: _Given) -> Unwind:
    return Unwind(_needed(given, "path", "aggregate.unwind.path"))


def _group(given: _Given) -> Group:
    keys, fields = given.get("keys", ()), given.get("fields", ())
    if not keys and not fields:
        raise _required("aggregate.group.keys || aggregate.group.fields")
    return Group(tuple(map(_group_key, keys)), tuple(map(_group_field, fields)))


def _group_key(given: _Given) -> GroupKey:
    subject = "aggregate.group.keys"
    key, name = _part(given, "key", subject), _part(given, "name", subject)
    return GroupKey(key, name, given.get("date_format", ""))


def _group_field(given: _Given) -> GroupField:
    subject = "aggregate.group.fields"
    operator = GroupOperator(_operator(given, subject, _GROUP_OPERATORS))
    name = _part(given, "name", subject)
    fields = tuple(_sub_field(each, given) for each in given.get("fields", ()))
    conditions = tuple(map(_condition, given.get("conditions", ())))
    key: str = _alias(given, "key") or ""
    if operator is GroupOperator.COUNT:
        return GroupField(operator, name, conditions=conditions)
    if not key and operator is not GroupOperator.PUSH:
        raise _lacks("a key", subject, given)
    if not key and not fields:
        raise _lacks("fields", subject, given)
    if conditions and operator not in CONDITIONAL:
        raise db_query(f"'{subject}' condition's conditions not supported: {given}")
    return GroupField(operator, name, key, () if key else fields, conditions)


def _sub_field(given: _Given, field: _Given) -> SubField:
    subject = "aggregate.group.fields.fields"
    key, name = _alias(given, "key"), _alias(given, "name")
    if not key:
        raise _lacks("a key", subject, field)
    if not name:
        raise _lacks("a name", subject, field)
    return SubField(key, name)


def _condition(given: _Given) -> Condition:
    subject = "aggregate.group.fields.conditions"
    key, value, operator = (_alias(given, part) for part in ("key", "value", "operator"))
    if not key:
        raise _lacks("a key", f"{subject}.key", given)
    if value is None:
        raise _lacks("a value", f"{subject}.value", given)
    if not operator:
        raise _lacks("a operator", f"{subject}.operator", given)
    return Condition(key, Relation(_operator(given, f"{subject}.operator", _RELATIONS)), value)


def _count(given: _Given) -> Count:
    return Count(_needed(given, "name", "aggregate.count.name"))


def _sort(given: _Given) -> Sort:
    if key := given.get("key"):
        return Sort((SortKey(key, given.get("desc", False)),))
    if not given.get("keys"):
        raise _required("aggregate.sort.key")
    return Sort(
        tuple(
            SortKey(_needed(each, "key", "aggregate.sort.keys.key"), each.get("desc", False))
            for each in given["keys"]
        )
    )


def _project(given: _Given) -> Project:
    if not given.get("fields"):
        raise _required("aggregate.project.fields")
    return Project(tuple(map(_project_field, given["fields"])), given.get("exclude_keys", False))


def _project_field(given: _Given) -> ProjectField:
    subject = "aggregate.project.fields"
    operator = _alias(given, "operator")
    if operator:
        _operator(given, subject, _PROJECT_OPERATORS)
    name = _part(given, "name", subject)
    if operator in _CALCULATIONS:
        raise _lacks("a fields", subject, given)
    key = _part(given, "key", "aggregate.project.key" if operator in {"size", "sum"} else subject)
    return ProjectField(key, name, ProjectOperator(operator) if operator else None)


_STAGES: Final[Mapping[str, Callable[[Any], Stage]]] = {
    "unwind": _unwind,
    "group": _group,
    "count": _count,
    "sort": _sort,
    "project": _project,
    "limit": Limit,
    "skip": Skip,
}


def _alias(given: _Given, part: str) -> Any:
    """Give a part that goes by its name or by its first letter; None where it is not there."""
    return given.get(part, given.get(part[0]))


def _part(given: _Given, part: str, subject: str) -> str:
    found: str | None = _alias(given, part)
    if not found:
        raise _lacks(f"a {part}", subject, given)
    return found


def _operator(given: _Given, subject: str, supported: Sequence[str]) -> str:
    operator = str(_alias(given, "operator"))
    if operator not in supported:
        known = f"(supported_operator = {supported})"
        raise db_query(f"'{subject}' condition's {operator} operator is not supported. {known}")
    return operator


def _needed(given: _Given, name: str, key: str) -> str:
    found: str = given.get(name, "")
    if not found:
        raise _required(key)
    return found


def _lacks(what: str, subject: str, given: _Given) -> CloudforetError:
    return db_query(f"'{subject}' condition requires {what}: {given}")


def _required(key: str) -> CloudforetError:
    return db_query(required(key).message)
