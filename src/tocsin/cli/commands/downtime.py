"""`tocsin downtime`."""

from typing import Annotated, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli import moments
from tocsin.cli.columns import DOWNTIMES
from tocsin.cli.failures import UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Query, Server, joined
from tocsin.cli.output import print_items, print_one

app: Final = App(name="downtime", help="Downtimes of hosts and services: trouble that is expected.")


@app.command(name="list")
def list_downtimes(*query: Query, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List downtimes that wait or run: those over the hosts and services that an expression matches.

    Exit code 1 means that there is none.
    """
    with server.client() as client:
        found = client.request("GET", "/api/v1/downtimes", parameters={"q": joined(query)})
        return print_items(found["items"], DOWNTIMES, output)


@app.command
def create(
    *query: Query,
    until: str,
    comment: str,
    begin: Annotated[str, Parameter(name="--from")] = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Put the hosts and services that an expression matches into a downtime, a host with its services.

    Args:
        until: When it ends: 2h (from now) or 2026-11-22T08:30:00Z.
        comment: Why.
        begin: When it begins, likewise. Without it, now.
    """
    if not query:
        raise UsageError("say which hosts and services, as an expression")
    document = {
        "expression": joined(query),
        "starts_at": moments.ahead("--from", begin) if begin else None,
        "ends_at": moments.ahead("--until", until),
        "comment": comment,
    }
    with server.client() as client:
        print_one(client.request("POST", "/api/v1/downtimes", document=document), output)


@app.command
def cancel(
    downtime_id: Annotated[str, Parameter(name="ID", help="Id of the downtime, as the list shows it.")],
    /,
    *,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Cancel a downtime. One that runs ends now; one that has not begun never was."""
    with server.client() as client:
        client.request("DELETE", f"/api/v1/downtimes/{quote(downtime_id, safe='')}")
