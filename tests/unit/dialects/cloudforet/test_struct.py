import json
import math
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct, Value

from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.struct import fill_struct, fill_value, plain_struct, plain_value

DOCUMENT: dict[str, Any] = {
    "text": "täxt",
    "$dollar": {"a.b": 1, "": 2.5},
    "none": None,
    "yes": True,
    "list": [1, [], {}, [None]],
}


def nested(depth: int) -> dict[str, Any]:
    """Give so many objects in one another."""
    return {"a": nested(depth - 1)} if depth > 1 else {}


def test_what_is_written_is_read_again() -> None:
    struct = Struct()
    fill_struct(struct, DOCUMENT)
    assert plain_struct(struct) == DOCUMENT


@pytest.mark.parametrize(("number", "plain"), [(3.0, 3), (-3.0, -3), (2.5, 2.5), (1e300, 1e300)])
def test_a_whole_number_becomes_an_integer(number: float, plain: float) -> None:
    read = plain_value(Value(number_value=number))
    assert (read, type(read)) == (plain, type(plain))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_of_json_is_refused(number: float) -> None:
    with pytest.raises(CloudforetError, match="no JSON"):
        plain_struct(Struct(fields={"n": Value(number_value=number)}))


def test_an_integer_beyond_all_doubles_is_a_text() -> None:
    value = Value()
    fill_value(value, 10**400)
    assert value.string_value == str(10**400)


def test_readers_can_take_whatever_is_deep() -> None:
    struct = Struct()
    fill_struct(struct, nested(64))
    read = plain_struct(Struct.FromString(struct.SerializeToString()))
    depth = 0
    at: Any = read
    while isinstance(at, dict) and at:
        at, depth = at["a"], depth + 1
    assert depth > 25
    assert json.loads(at) == nested(64 - depth)


def test_what_is_no_json_is_a_fault() -> None:
    with pytest.raises(TypeError, match="set is no type of JSON"):
        fill_value(Value(), {1})
