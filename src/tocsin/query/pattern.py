"""A pattern with wildcards, as `field:value` writes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal parts with a wildcard between each two: any run of characters, also none.

    The whole text must match, and letter case does not count. `web-*` is `Pattern(("web-", ""))`, `web` alone
    is `Pattern(("web",))`, and `*` is `Pattern(("", ""))`, which matches every text. As the pattern is made,
    its parts are case-folded and neighbouring wildcards become one, so that equal patterns compare equal.

    Attributes:
        parts: at least one; only the first and the last may be empty.
    """

    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        first, *rest = (part.casefold() for part in self.parts)
        parts = (first, *filter(None, rest[:-1]), *rest[-1:])
        object.__setattr__(self, "parts", parts)

    @property
    def has_wildcard(self) -> bool:
        """Say whether a wildcard stands in it; without one it is a plain comparison."""
        return len(self.parts) > 1

    @property
    def matches_everything(self) -> bool:
        """Say whether it is a wildcard and nothing else."""
        return self.parts == ("", "")

    def matches(self, folded: str) -> bool:
        """Say whether a text matches.

        Args:
            folded: the text after `str.casefold`.
        """
        first, *rest = self.parts
        if not rest:
            return folded == first
        *middle, last = rest
        end = len(folded) - len(last)
        position = len(first)
        if end < position or not folded.startswith(first) or not folded.endswith(last):
            return False
        # The leftmost place is always good enough: it leaves the most room for the parts that follow.
        for part in middle:
            found = folded.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True
