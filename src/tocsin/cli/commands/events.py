"""`tocsin events`."""

from typing import Annotated

from cyclopts import Parameter

from tocsin.cli import moments
from tocsin.cli.columns import EVENTS
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import print_items


def events(
    *query: Query,
    limit: Limit = 50,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    since: str = "",
    until: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List events, the newest first.

    Exit code 1 means that no event matches.

    Args:
        everything: List all that match, however many.
        since: Only what occurred then or later: 2h, 7d, 2026-11-22T08:30:00Z.
        until: Only what occurred before.
    """
    parameters = {"q": joined(query)}
    if since:
        parameters["from"] = moments.ago("--since", since)
    if until:
        parameters["to"] = moments.ago("--until", until)
    with server.client() as client:
        found = client.pages("/api/v1/events", parameters, limit=None if everything else limit)
        return print_items(found, EVENTS, output)
