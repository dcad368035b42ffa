"""What a projected field is made of."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.stages import ProjectOperator
from tocsin.query.pipeline.values import MISSING, added, is_number, type_name


def _size(value: Any) -> int:
    if not isinstance(value, list):
        raise PipelineError(f"The argument to $size must be an array, but was of type: {type_name(value)}")
    return len(value)


def _sum(value: Any) -> int | float:
    nothing: int | float = 0
    return reduce(added, filter(is_number, value if isinstance(value, list) else [value]), nothing)


def _array_to_object(value: Any) -> dict[str, Any] | None:
    if value is None or value is MISSING:
        return None
    if not isinstance(value, list):
        raise PipelineError(f"$arrayToObject requires an array input, found: {type_name(value)}")
    return dict(map(_pair, value))


def _pair(element: Any) -> tuple[str, Any]:
    match element:
        case {"k": str() as name, "v": value} if len(element) == 2:
            return name, value
        case [str() as name, value]:
            return name, value
        case _:
            raise PipelineError(
                "$arrayToObject requires objects with k and v, or arrays of a name and a value, as elements"
            )


def _object_to_array(value: Any) -> list[dict[str, Any]] | None:
    if value is None or value is MISSING:
        return None
    if not isinstance(value, dict):
        raise PipelineError(f"$objectToArray requires a document input, found: {type_name(value)}")
    return [{"k": name, "v": each} for name, each in value.items()]


PROJECTIONS: Final[Mapping[ProjectOperator | None, Callable[[Any], Any]]] = {
    None: lambda value: value,
    ProjectOperator.SIZE: _size,
    ProjectOperator.SUM: _sum,
    ProjectOperator.ARRAY_TO_OBJECT: _array_to_object,
    ProjectOperator.OBJECT_TO_ARRAY: _object_to_array,
}
"""What is made of the value at a field's key, by operator; each may raise PipelineError."""
