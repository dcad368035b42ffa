"""`google.protobuf.Struct`, which is JSON whose numbers are doubles, <-> plain values."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import msgspec
from google.protobuf.struct_pb2 import ListValue, NullValue, Struct, Value

from tocsin.dialects.cloudforet.errors import invalid

_WHOLE_LIMIT: Final = 2.0**63
_DEPTH_LIMIT: Final = 28
"""How many objects may stand in each other: each takes three of the hundred levels that readers of protobuf
allow, and the answer around them some more.
"""


def plain_struct(struct: Struct) -> dict[str, Any]:
    """Read an object. Whole numbers become integers, which they were before they became doubles.

    Raises:
        CloudforetError: a number is none of JSON (NaN, Infinity).
    """
    return {name: plain_value(value) for name, value in struct.fields.items()}


def plain_value(value: Value) -> Any:
    """Read any value.

    Raises:
        CloudforetError: a number is none of JSON (NaN, Infinity).
    """
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return plain_struct(value.struct_value)
        case "list_value":
            return [plain_value(each) for each in value.list_value.values]
        case _:
            return None


def fill_struct(struct: Struct, values: Mapping[str, Any]) -> None:
    """Write an object. What is nested too deep for readers of protobuf is written as JSON in a text."""
    _fill_struct(struct, values, _DEPTH_LIMIT)


def fill_value(target: Value, value: object) -> None:
    """Write any value, as `fill_struct` does."""
    _fill_value(target, value, _DEPTH_LIMIT)


def _fill_struct(struct: Struct, values: Mapping[str, Any], depth: int) -> None:
    for name, value in values.items():
        _fill_value(struct.fields[name], value, depth - 1)


def _fill_list(target: ListValue, values: list[Any], depth: int) -> None:
    for value in values:
        _fill_value(target.values.add(), value, depth - 1)


def _fill_value(target: Value, value: object, depth: int) -> None:
    match value:
        case str():
            target.string_value = value
        case bool():
            target.bool_value = value
        case int() | float():
            _fill_number(target, value)
        case None:
            target.null_value = NullValue.NULL_VALUE
        case dict() | list() if not depth:
            target.string_value = msgspec.json.encode(value).decode()
        case dict():
            target.struct_value.SetInParent()
            _fill_struct(target.struct_value, value, depth)
        case list():
            target.list_value.SetInParent()
            _fill_list(target.list_value, value, depth)
        case _:
            raise TypeError(f"{type(value).__name__} is no type of JSON")


def _number(number: float) -> int | float:
    if not isfinite(number):
        raise invalid("", "a number is NaN or infinite, which is no JSON")
    return int(number) if number.is_integer() and abs(number) < _WHOLE_LIMIT else number


def _fill_number(target: Value, number: float) -> None:
    try:
        target.number_value = float(number)
    except OverflowError:  # an integer beyond the range of doubles
        target.string_value = str(number)
