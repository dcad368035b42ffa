"""Times as people give them: `2h`, or what expressions take too."""

import re
import time
from typing import Final

from tocsin.cli.failures import UsageError
from tocsin.query.times import format_time, parse_time

_SPAN: Final = re.compile(r"[0-9]{1,9}[smhdw]")


def now() -> int:
    """Give the time, microseconds UTC."""
    return time.time_ns() // 1000


def ago(option: str, text: str) -> str:
    """Read a time in the past; `2h` is two hours ago.

    Returns:
        The time after RFC 3339.

    Raises:
        UsageError: it is no time.
    """
    return _read(option, text, "-")


def ahead(option: str, text: str) -> str:
    """Read a time in the future; `2h` is in two hours. Otherwise as `ago`."""
    return _read(option, text, "+")


def _read(option: str, text: str, direction: str) -> str:
    try:
        written = f"{direction}{text}" if _SPAN.fullmatch(text) else text
        return format_time(parse_time(written, now(), relative_as="2h"))
    except ValueError as failure:
        raise UsageError(f"{option} {text}: {failure}") from None
