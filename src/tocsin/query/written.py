"""What stands after an operator, or alone: how its backslashes and wildcards are read."""

import re
from dataclasses import dataclass
from typing import Final

from tocsin.query.pattern import Pattern

_CHARACTER: Final = re.compile(r'\\([\\"*])|.', re.DOTALL)
_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of an expression, without the quotation marks around it.

    A backslash takes its meaning from a following `"`, `*` or backslash; before any other character it is an
    ordinary one.

    Attributes:
        raw: the characters as they stand.
        position: where it begins in the expression, counted from 0, quotation mark included.
        length: how many characters it takes there, quotation marks included.
    """

    raw: str
    position: int
    length: int

    def plain(self) -> str:
        """Give the text that is meant."""
        return _CHARACTER.sub(lambda found: found[1] or found[0], self.raw)

    def pattern(self) -> Pattern:
        """Give the pattern that is meant: each `*` without a backslash is a wildcard."""
        parts = [""]
        for found in _CHARACTER.finditer(self.raw):
            if found[0] == "*":
                parts.append("")
            else:
                parts[-1] += found[1] or found[0]
        return Pattern(tuple(parts))

    def regex(self) -> str:
        r"""Give the regular expression that is meant: only `\"` loses its backslash."""
        return _PAIR.sub(lambda found: '"' if found[1] == '"' else found[0], self.raw)
