import time

import pytest

from tocsin.query.regex import MAX_LENGTH, compile_regex


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("isk", "disk", True),
        ("^isk", "disk", False),
        ("DISK", "disk", False),
        ("(?i)DISK", "disk", True),
        ("^$", "", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        (r"^\d+$", "123", True),
        ("ß", "Straße", True),
        (r"\*", "a*", True),
    ],
)
def test_an_expression_is_found_anywhere(expression: str, text: str, found: bool) -> None:
    assert compile_regex(expression)(text) is found


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a(", "expected a regular expression: missing ): a("),
        ("(?=a)", "expected a regular expression: invalid perl operator: (?="),
        (r"(a)\1", r"expected a regular expression: invalid escape sequence: \1"),
        (r"\pL{400}", "expected a regular expression: pattern too large - compile failed"),
        ("x" * (MAX_LENGTH + 1), "expected a regular expression of at most 500 characters"),
    ],
)
def test_what_is_no_expression_is_told(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a regular expression") as caught:
        compile_regex(expression)
    assert str(caught.value) == message


def test_the_longest_expression_is_taken() -> None:
    assert compile_regex("x" * MAX_LENGTH)("x" * MAX_LENGTH)


def test_an_expression_that_others_choke_on_is_quick() -> None:
    find = compile_regex("(x+x+)+y")
    begin = time.perf_counter()
    assert not find("x" * 100_000)
    assert time.perf_counter() - begin < 1
