"""Times as Opsview's clients write them: in the server's zone, or in seconds since 1970."""

import re
from datetime import datetime
from typing import Final

from tocsin.dialects.opsview.errors import bad_parameter

_SECOND: Final = 1_000_000
_EPOCH: Final = re.compile(r"[0-9]{1,11}")
_LOCAL: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


def read_time(name: str, text: str) -> int:
    """Read a moment.

    Args:
        name: of the parameter, for the message.
        text: 'YYYY-MM-DD HH:MM:SS', without seconds too, in the server's zone; or seconds since 1970.

    Returns:
        Microseconds UTC, of a whole second.

    Raises:
        OpsviewError: it is no moment.
    """
    written = text.strip()
    if _EPOCH.fullmatch(written):
        return int(written) * _SECOND
    for pattern in _LOCAL:
        try:
            # A moment without a zone is one of the server's.
            return int(datetime.strptime(written, pattern).timestamp()) * _SECOND  # noqa: DTZ007
        except (ValueError, OverflowError, OSError):
            continue
    raise bad_parameter(name, "expected a time as 2011-11-01 18:43:22, or seconds since 1970")
