"""The help of every command, as it stands in the reference.

`python -m tests.unit.cli.reference` writes it there anew.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from cyclopts import App
from rich.console import Console

from tocsin.cli.app import app
from tocsin.cli.overview import first_page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cli.md"
WIDTH = 80

_BLOCK = re.compile(r"^```text\n\$ (tocsin[^\n]*) --help\n.*?^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Give every command, `tocsin` itself first."""
    return ["tocsin", *_below(app, "tocsin")]


def _below(parent: App, path: str) -> Iterator[str]:
    for name in sorted(name for name in parent if not name.startswith("-")):
        yield f"{path} {name}"
        yield from _below(parent[name], f"{path} {name}")


def help_of(command: str) -> str:
    """Give what `COMMAND --help` prints on a terminal of 80 columns."""
    words = command.split()[1:]
    if not words:
        return first_page()
    said = io.StringIO()
    app([*words, "--help"], console=Console(file=said, width=WIDTH, force_terminal=False))
    return said.getvalue()


def block(command: str) -> str:
    """Give the help of a command as a block of the page."""
    lines = [line.rstrip() for line in help_of(command).strip("\n").splitlines()]
    while not lines[-1]:
        lines.pop()
    return "\n".join(["```text", f"$ {command} --help", *lines, "```"])


def documented(page: str) -> dict[str, str]:
    """Give the blocks that stand on a page, by command."""
    return {found[1]: found[0] for found in _BLOCK.finditer(page)}


def refreshed(page: str) -> str:
    """Put the present help into the blocks of a page."""
    return _BLOCK.sub(lambda found: block(found[1]), page)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
