"""Texts for a spreadsheet."""

import pytest

from tocsin.model.spreadsheet import cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", '=HYPERLINK("http://x")']
)
def test_what_looks_like_a_formula_is_none(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "2026-11-26", "'=1", "db1/disk"])
def test_other_texts_stay(text: str) -> None:
    assert cell(text) == text
