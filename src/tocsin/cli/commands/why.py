"""`tocsin why`."""

from typing import Final
from urllib.parse import quote

from tocsin.cli.columns import field
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items

_LINES: Final = (field("about"), field("says", share=1))


def why(event_id: str, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """Say what happened to an event, and why.

    Args:
        event_id: Id of the event, as lists show it.
    """
    with server.client() as client:
        found = client.request("GET", f"/api/v1/events/{quote(event_id, safe='')}/why")
    return print_items(found["lines"], _LINES, output)
