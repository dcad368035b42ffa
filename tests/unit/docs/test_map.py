"""The map leads to every page, and every piece of JSON, TOML and Python on the pages can be read."""

import ast
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.docs.pages import DOCS, README, Page, every_page

PAGES = [README, *every_page()]
UNNAMED = {"victorops-endpoint.md", "victorops-library.md", "python-library.md", "query-language.md"}
"""Pages with signatures and patterns, which are in no language."""
BLOCKS = [(path, block) for path in PAGES for block in Page(path).blocks()]
READERS: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads, "python": ast.parse}


def test_the_map_leads_to_every_page() -> None:
    targets = re.findall(r"\]\(([^()\s#]+)\)", Page("index.md").text)
    linked = {(DOCS / target).resolve() for target in targets}
    assert [path for path in every_page() if path not in linked and path.name != "index.md"] == []


def test_the_readme_leads_to_the_map() -> None:
    assert "(docs/index.md)" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_has_one_title(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("language", "text"), [(block.language, block.text) for _, block in BLOCKS if block.language in READERS]
)
def test_a_block_can_be_read(language: str, text: str) -> None:
    assert READERS[language](text) is not None


@pytest.mark.parametrize(("path", "block"), BLOCKS, ids=lambda each: getattr(each, "name", None))
def test_every_block_names_its_language(path: Path, block: tuple[str, str, str]) -> None:
    assert block[0] or path.name in UNNAMED
