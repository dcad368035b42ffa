"""`tocsin rejected`."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from tocsin.cli.columns import RECEIPTS, REJECTED
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Server
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(
    name="rejected",
    help="What was sent and not recorded, and why.\n\nWithout a command it is tocsin rejected list.",
)

RejectedId = Annotated[str, Parameter(help="Id as the list shows it.")]

_PATH: Final = "/api/v1/rejected"


@app.default
@app.command(name="list")
def list_rejected(
    *, source: str = "", limit: Limit = 50, output: Output = None, server: Server = DEFAULT_SERVER
) -> int:
    """List what was rejected, the newest first.

    Exit code 1 means that there is nothing.

    Args:
        source: Only what that source sent, by name or id.
    """
    with server.client() as client:
        found = client.pages(_PATH, {"source": source} if source else {}, limit=limit)
        return print_items(found, REJECTED, output)


@app.command
def show(rejected_id: RejectedId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Show one with the request that it came with."""
    with server.client() as client:
        found = client.request("GET", f"{_PATH}/{rejected_id}")
    if chosen(output) == "table":
        from tocsin.cli.table import print_fields, print_heading

        payload = found.pop("payload")
        print_fields(found)
        print_heading("request")
        print_fields(payload)
    else:
        print_one(found, output)


@app.command
def replay(rejected_id: RejectedId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """Take what was rejected of its request as if it came now, and show the receipts."""
    with server.client() as client:
        receipts = client.request("POST", f"{_PATH}/{rejected_id}/replay")["receipts"]
    return print_items(receipts, RECEIPTS, output)


@app.command
def delete(rejected_id: RejectedId, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete one, and the others of its request."""
    with server.client() as client:
        client.request("DELETE", f"{_PATH}/{rejected_id}")
