"""The stages that a pipeline is made of. A dialect makes them of its own words; whoever can answer them may.

Keys are paths, names joined by dots, into the rows that a stage is given; names are in the rows it gives.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from tocsin.query.pipeline.dates import date_writer
from tocsin.query.pipeline.errors import PipelineError


class GroupOperator(StrEnum):
    """What a group says of its rows. What is missing in a row counts for nothing, save for FIRST and LAST."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MAX = "max"
    MIN = "min"
    FIRST = "first"
    LAST = "last"
    PUSH = "push"
    ADD_TO_SET = "add_to_set"
    MERGE_OBJECTS = "merge_objects"


CONDITIONAL: Final[frozenset[GroupOperator]] = frozenset(
    {GroupOperator.COUNT, GroupOperator.SUM, GroupOperator.AVERAGE}
)
"""The operators that can have conditions."""


class ProjectOperator(StrEnum):
    """What a projected field is made of."""

    SIZE = "size"
    SUM = "sum"
    ARRAY_TO_OBJECT = "array_to_object"
    OBJECT_TO_ARRAY = "object_to_array"


class Relation(StrEnum):
    """How a condition compares. Order is within a type; values of two types are unequal, and in no order."""

    EQUAL = "eq"
    UNEQUAL = "not"
    GREATER = "gt"
    GREATER_EQUAL = "gte"
    LESS = "lt"
    LESS_EQUAL = "lte"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a row meets or does not."""

    key: str
    relation: Relation
    value: Any


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A key of groups.

    Attributes:
        date_format: what of the moment there makes the group, as `date_writer` knows it; '' for the value
            as it is.

    Raises:
        PipelineError: name or format cannot be.
    """

    key: str
    name: str
    date_format: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.date_format:
            date_writer(self.date_format)


@dataclass(frozen=True, slots=True)
class SubField:
    """A field of the objects that PUSH gathers. A moment is a text there, to the second.

    Raises:
        PipelineError: the name cannot be.
    """

    key: str
    name: str

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class GroupField:
    """Something that is said of a group.

    Attributes:
        key: of what; '' for COUNT, and for PUSH of objects.
        fields: for PUSH of objects, what is in them.
        conditions: for COUNT, SUM and AVERAGE: a row that does not meet all of them counts as 0.

    Raises:
        PipelineError: the name cannot be.
    """

    operator: GroupOperator
    name: str
    key: str = ""
    fields: tuple[SubField, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class Unwind:
    """A row for each element of the array at a path; a value that is no array is its own element.

    Rows with null, nothing or an empty array there are left out.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """One row for all rows that are equal in the keys. It has the keys, and the fields.

    A key that is missing in the rows is missing in the group. Without keys all rows are one group, whose
    row has `_id`, which is null. No rows make no group.
    """

    keys: tuple[GroupKey, ...]
    fields: tuple[GroupField, ...]

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the keys in its rows."""
        return tuple(key.name for key in self.keys) or ("_id",)


@dataclass(frozen=True, slots=True)
class Count:
    """One row with the number of rows; none if there is none.

    Raises:
        PipelineError: the name cannot be.
    """

    name: str

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class SortKey:
    """What rows are sorted by; null and what is missing come first, and last if descending."""

    key: str
    desc: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order. Rows that are equal in all keys stay as they came."""

    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class ProjectField:
    """A field of projected rows.

    Attributes:
        operator: what is made of the value at the key; None for the value itself.
    """

    key: str
    name: str
    operator: ProjectOperator | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """Each row with nothing but these fields, and the keys of the group that it is.

    Attributes:
        exclude_keys: leave the keys of the group out, for the stages after this one too.
    """

    fields: tuple[ProjectField, ...]
    exclude_keys: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """The first rows.

    Raises:
        PipelineError: the number is not positive.
    """

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise PipelineError("the limit must be positive")


@dataclass(frozen=True, slots=True)
class Skip:
    """All but the first rows.

    Raises:
        PipelineError: the number is negative.
    """

    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise PipelineError("Argument to $skip cannot be negative")


Stage: TypeAlias = Unwind | Group | Count | Sort | Project | Limit | Skip


def reads(stages: Sequence[Stage]) -> frozenset[str] | None:
    """Give the names of the fields that a pipeline reads of the rows it is given; None for all of them."""
    found: set[str] = set()
    for stage in stages:
        found.update(key.partition(".")[0] for key in _keys(stage))
        if isinstance(stage, Group | Count | Project):
            return frozenset(found)
    return None


def _keys(stage: Stage) -> Iterable[str]:
    match stage:
        case Unwind(path):
            yield path
        case Group(keys, fields):
            yield from (key.key for key in keys)
            for each in fields:
                yield from (inner.key for inner in each.fields)
                yield from (condition.key for condition in each.conditions)
                if each.key:
                    yield each.key
        case Sort(keys):
            yield from (key.key for key in keys)
        case Project(fields):
            yield from (each.key for each in fields)
        case Count() | Limit() | Skip():
            pass


def _check_name(name: str) -> None:
    if "." in name:
        raise PipelineError(f"The field name '{name}' cannot contain '.'")
