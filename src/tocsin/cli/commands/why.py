"""`tocsin why`."""

from typing import Final
from urllib.parse import quote

from tocsin.cli.columns import field
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items

_ALERT: Final = "alert-"
_LINES: Final = (field("about"), field("says", share=1))


def why(event_id: str, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """Say what happened to an event, and why.

    Args:
        event_id: Id of the event, as lists show it. Of an alert it is the event that opened it.
    """
    # Both ids have the number of that event.
    event_id = event_id.replace(_ALERT, "event-", 1) if event_id.startswith(_ALERT) else event_id
    with server.client() as client:
        found = client.request("GET", f"/api/v1/events/{quote(event_id, safe='')}/why")
    return print_items(found["lines"], _LINES, output)
