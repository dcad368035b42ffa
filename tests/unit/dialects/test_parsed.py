"""What stands for a payload that its format does not understand."""

import re

from tocsin.dialects.parsed import TITLE_LIMIT, not_understood


def test_it_is_a_critical_error_with_a_key_of_its_own() -> None:
    first, second = not_understood("no title"), not_understood("no title")
    assert (first.kind, first.severity, first.key_made) == ("error", "critical", True)
    assert first.title == "payload not understood: no title"
    assert re.fullmatch(r"error-[0-9a-f]{12}", first.key)
    assert first.key != second.key


def test_a_long_reason_is_cut() -> None:
    assert len(not_understood("x" * 5000).title) == TITLE_LIMIT
