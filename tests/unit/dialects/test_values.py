"""JSON values as text, and their types in words."""

import pytest

from tocsin.dialects.values import text_of, type_name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-(2**70), str(-(2**70))),
        (1.0, "1.0"),
        (1e-07, "1e-07"),
        ([1, "ü", None], '[1,"ü",null]'),
        ({"a": {"b": 2**70}}, '{"a":{"b":1180591620717411303424}}'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_any_value_has_a_text(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({}, "an object"),
        ([], "an array"),
        ("", "a text"),
        (False, "true or false"),
        (None, "null"),
        (1, "a number"),
        (1.5, "a number"),
    ],
)
def test_types_are_named_as_json_names_them(value: object, name: str) -> None:
    assert type_name(value) == name
