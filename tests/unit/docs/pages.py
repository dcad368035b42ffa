"""The pages of the documentation, read for their tests: sections, tables, blocks of code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[3]
DOCS = CHECKOUT / "docs"
README = CHECKOUT / "README.md"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code: its language, its text, and the heading that it stands under."""

    language: str
    text: str
    heading: str


class Page:
    """A page of Markdown.

    Args:
        path: the file; where it is relative, within docs.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = DOCS / path
        self.text = self.path.read_text(encoding="utf-8")

    def headings(self) -> list[str]:
        """Give every heading, without its marks."""
        return re.findall(r"^#+ +(.+)$", _BLOCK.sub("", self.text), re.MULTILINE)

    def section(self, heading: str) -> str:
        """Give what stands under a heading, up to the next one of any level."""
        found = re.search(
            rf"^#+ +{re.escape(heading)}\n(.*?)(?=^#+ |\Z)", self.text, re.MULTILINE | re.DOTALL
        )
        assert found, f"{self.path} has no section {heading}"
        return found[1]

    def rows(self, heading: str = "") -> list[list[str]]:
        """Give the rows of every table of a section, or of the whole page, without their heads."""
        text = self.section(heading) if heading else self.text
        lines = text.splitlines()
        return [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for number, line in enumerate(lines)
            if line.startswith("|") and not _is_head(lines, number)
        ]

    def blocks(self) -> list[Block]:
        """Give every block of code, in order."""
        return list(_blocks(self.text))


def _is_head(lines: list[str], number: int) -> bool:
    """Say whether a line is the head of a table, or the rule below it."""
    return any(line.startswith("|---") for line in lines[number : number + 2])


def _blocks(text: str) -> Iterator[Block]:
    headings = [(found.start(), found[1]) for found in re.finditer(r"^#+ +(.+)$", text, re.MULTILINE)]
    for found in _BLOCK.finditer(text):
        above = [heading for start, heading in headings if start < found.start()]
        yield Block(found[1], found[2], above[-1] if above else "")


def code(cell: str) -> str:
    """Give the code of a cell that is nothing but code."""
    assert re.fullmatch(r"`[^`]+`", cell), cell
    return cell.strip("`").replace(r"\|", "|")


def every_page() -> list[Path]:
    """Give every page of the documentation."""
    return sorted(DOCS.rglob("*.md"))
