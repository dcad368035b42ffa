"""The server's time zone, in which Opsview's API reads and writes dates."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

_DATABASE: Final = "zoneinfo/"
_LOCALTIME: Final = Path("/etc/localtime")
_SECOND: Final = timedelta(seconds=1)


def zone_name() -> str:
    """Give the name of the server's zone: what TZ says, else what the system is set to."""
    given = os.environ.get("TZ", "").lstrip(":")
    named = given or str(_LOCALTIME.resolve())
    _, found, name = named.partition(_DATABASE)
    if found:
        return name
    return given or time.tzname[0]


def zone_offset(moment: datetime) -> int:
    """Give the seconds by which a moment's zone is ahead of UTC then."""
    return (moment.utcoffset() or timedelta()) // _SECOND


def written(moment: int) -> str:
    """Give a moment, microseconds UTC, as the server's clocks show it: 'YYYY-MM-DD HH:MM:SS'."""
    return datetime.fromtimestamp(moment // 1_000_000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
