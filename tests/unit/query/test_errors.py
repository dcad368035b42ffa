import pytest

from tocsin.query.errors import QueryError


def test_an_error_says_what_and_where_as_people_count() -> None:
    assert str(QueryError("expected a term", 0)) == "expected a term (character 1)"


@pytest.mark.parametrize(
    ("text", "position", "length", "shown"),
    [
        ("severity>=warnin", 10, 6, "severity>=warnin\n          ^^^^^^"),
        ("a OR", 4, 1, "a OR\n    ^"),
        ("", 0, 1, "\n^"),
        ("first\nsecond (third\nlast", 13, 1, "second (third\n       ^"),
        ("a\tb (", 4, 1, "a b (\n    ^"),
        ('x "a\nb', 2, 4, 'x "a\n  ^^'),
        ("a\n", 2, 1, "\n^"),
    ],
)
def test_the_pointer_stands_under_what_is_wrong(text: str, position: int, length: int, shown: str) -> None:
    assert QueryError("expected something else", position, length).pointer(text) == shown


def test_at_least_one_character_is_wrong() -> None:
    assert QueryError("expected a term", 3, 0).length == 1
