"""What a check found."""

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        status: ok; warn, it works but look at it; fail, it does not work.
        check: what was looked at.
        detail: what was found.
        advice: what to do, '' where nothing is to be done.
    """

    status: Literal["ok", "warn", "fail"]
    check: str
    detail: str
    advice: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether something does not work."""
        return self.status == "fail"

    def item(self) -> dict[str, str]:
        """Give it as it is printed."""
        return asdict(self)


def ok(check: str, detail: str) -> Finding:
    """Say that all is well."""
    return Finding("ok", check, detail)


def warn(check: str, detail: str, advice: str) -> Finding:
    """Say that something works, but should be looked at."""
    return Finding("warn", check, detail, advice)


def fail(check: str, detail: str, advice: str) -> Finding:
    """Say that something does not work."""
    return Finding("fail", check, detail, advice)
