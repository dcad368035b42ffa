import sys

import pytest

from tocsin.query.pattern import Pattern


@pytest.mark.parametrize(
    ("parts", "text", "matches"),
    [
        (("web-01",), "web-01", True),
        (("web-01",), "web-011", False),
        (("web-", ""), "web-", True),
        (("web-", ""), "web-01", True),
        (("web-", ""), "my-web-01", False),
        (("", "-01"), "web-01", True),
        (("", "-01"), "web-01x", False),
        (("", "eb", ""), "web", True),
        (("", "eb", ""), "wb", False),
        (("a", "a"), "a", False),
        (("a", "a"), "aa", True),
        (("a", "b", "c"), "axbxc", True),
        (("a", "b", "c"), "acb", False),
        (("", "ab", "ab", ""), "abxab", True),
        (("", "ab", "ab", ""), "abab", True),
        (("", "ab", "ab", ""), "aab", False),
        (("a", "bc", "c"), "abc", False),
        (("",), "", True),
        (("",), "x", False),
        (("", ""), "", True),
        (("", ""), "x\ny", True),
        (("50%", ""), "50% used", True),
        (("50%", ""), "500 used", False),
        (("a_b",), "axb", False),
        (("a*b",), "a*b", True),
        (("a*b",), "axb", False),
    ],
)
def test_a_pattern_matches_the_whole_text(parts: tuple[str, ...], text: str, matches: bool) -> None:
    assert Pattern(parts).matches(text) is matches


def test_letter_case_does_not_count() -> None:
    assert Pattern(("STRASSE",)).matches("Straße".casefold())
    assert Pattern(("ΌΣΟΣ",)).matches("όσος".casefold())
    assert not Pattern(("i",)).matches("İ".casefold())


def test_patterns_that_mean_the_same_are_equal() -> None:
    assert Pattern(("Web", "", "", "X")) == Pattern(("web", "x"))
    assert Pattern(("", "", "")).parts == ("", "")
    assert hash(Pattern(("A",))) == hash(Pattern(("a",)))


def test_a_pattern_knows_what_it_is() -> None:
    assert not Pattern(("a",)).has_wildcard
    assert Pattern(("a", "")).has_wildcard
    assert Pattern(("", "")).matches_everything
    assert not Pattern(("",)).matches_everything


def test_folding_goes_character_by_character_and_only_once() -> None:
    """What is folded at write time and in parts must meet what is folded whole and at query time."""
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    folded = [character.casefold() for character in characters]
    assert [each for each in folded if each.casefold() != each] == []
    assert "".join(characters).casefold() == "".join(folded)
