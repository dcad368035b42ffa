"""`tocsin rejected`."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from tocsin.cli.columns import RECEIPTS, REJECTED, Item
from tocsin.cli.failures import ExitCode, UsageError, tell
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Server
from tocsin.cli.output import chosen, print_items, print_one
from tocsin.client.client import Client
from tocsin.client.errors import Refused

app: Final = App(
    name="rejected",
    help="What was sent and not recorded, and why.\n\nWithout a command it is tocsin rejected list.",
)

RejectedId = Annotated[str, Parameter(help="Id as the list shows it.")]

_PATH: Final = "/api/v1/rejected"
_NOT_REPLAYED: Final = "not_replayed"


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
def replay(
    rejected_id: Annotated[str, Parameter(help="Id as the list shows it.")] = "",
    /,
    *,
    source: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Take what was rejected of a request as if it came now, and show the receipts.

    Exit code 1 means that something of it is refused again: it stays among the rejected.

    Args:
        source: Everything that this source sent, by name or id, in place of one by its id.
    """
    if bool(rejected_id) == bool(source):
        raise UsageError("say what to take again: one by its id, or all of a source with --source")
    receipts: list[Item] = []
    refused = 0
    with server.client() as client:
        for each in [rejected_id] if rejected_id else _requests(client, source):
            try:
                receipts += client.request("POST", f"{_PATH}/{each}/replay")["receipts"]
            except Refused as failure:
                if rejected_id or failure.problem.code != _NOT_REPLAYED:
                    raise
                tell(f"{each}: {failure}")
                refused += 1
    print_items(receipts, RECEIPTS, output)
    again = any(receipt["outcome"] == "rejected" for receipt in receipts)
    return ExitCode.FAILED if refused or again or not receipts else ExitCode.OK


def _requests(client: Client, source: str) -> list[str]:
    """Give one item of each request of a source of which something was rejected, the oldest first."""
    found = list(client.pages(_PATH, {"source": source}, limit=None))
    return list({each["payload_id"]: each["id"] for each in reversed(found)}.values())


@app.command
def delete(rejected_id: RejectedId, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete one, and the others of its request."""
    with server.client() as client:
        client.request("DELETE", f"{_PATH}/{rejected_id}")
