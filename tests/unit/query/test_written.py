import pytest

from tocsin.query.written import Written


def written(raw: str) -> Written:
    return Written(raw, 0, len(raw))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("web-01", "web-01"),
        (r"a\"b", 'a"b'),
        (r"a\\b", r"a\b"),
        (r"a\*b", "a*b"),
        ("a*b", "a*b"),
        (r"C:\temp", r"C:\temp"),
        (r"\\\*", r"\*"),
        ("a\nb", "a\nb"),
        ("a\\", "a\\"),
    ],
)
def test_a_text_is_read(raw: str, text: str) -> None:
    assert written(raw).plain() == text


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("", ("",)),
        ("WEB", ("web",)),
        ("*", ("", "")),
        ("web-*", ("web-", "")),
        ("*a**b*", ("", "a", "b", "")),
        (r"a\*b", ("a*b",)),
        (r"a\\*b", ("a\\", "b")),
        (r"C:\t*", ("c:\\t", "")),
        ("a\n*", ("a\n", "")),
    ],
)
def test_a_pattern_is_read(raw: str, parts: tuple[str, ...]) -> None:
    assert written(raw).pattern().parts == parts


@pytest.mark.parametrize(
    ("raw", "expression"),
    [(r"\d+\.\d*", r"\d+\.\d*"), (r"\\", r"\\"), (r"\*", r"\*"), (r"a\"b", 'a"b'), (r"\\\"", r"\\" + '"')],
)
def test_a_regular_expression_keeps_its_backslashes(raw: str, expression: str) -> None:
    assert written(raw).regex() == expression
