"""`tocsin deliveries`."""

from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from tocsin.cli.columns import ATTEMPTS, DELIVERIES
from tocsin.cli.failures import UsageError
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Server
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(
    name="deliveries",
    help="Deliveries: what goes to targets, and how it went.\n\n"
    "Without a command it is tocsin deliveries list.",
)

DeliveryId = Annotated[str, Parameter(help="Id of the delivery, as the list shows it.")]

_PATH: Final = "/api/v1/deliveries"


@app.default
@app.command(name="list")
def list_deliveries(
    *,
    state: Literal["pending", "delivered", "dead", "overtaken", "unsuited"] | None = None,
    dead: bool = False,
    target: str = "",
    alert: str = "",
    event: str = "",
    limit: Limit = 50,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List deliveries, those of the newest events first.

    Exit code 1 means that there is none.

    Args:
        state: Only those in that state.
        dead: Only those that were given up: short for --state dead.
        target: Only those to that target, by name or id.
        alert: Only those of the events of that alert, by its id.
        event: Only those of that event, by its id.
    """
    narrowed = {"state": "dead" if dead else state or "", "target": target, "alert": alert, "event": event}
    with server.client() as client:
        found = client.pages(_PATH, {name: value for name, value in narrowed.items() if value}, limit=limit)
        return print_items(found, DELIVERIES, output)


@app.command
def show(delivery_id: DeliveryId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Show one delivery with each of its attempts."""
    with server.client() as client:
        found = client.request("GET", f"{_PATH}/{delivery_id}")
    if chosen(output) == "table":
        from tocsin.cli.table import print_fields, print_heading

        log = found.pop("log")
        print_fields(found)
        if log:
            print_heading("attempts")
            print_items(log, ATTEMPTS, "table")
    else:
        print_one(found, output)


@app.command
def retry(
    delivery_id: Annotated[str, Parameter(help="Id of a dead delivery.")] = "",
    /,
    *,
    dead: bool = False,
    target: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Try a dead delivery again, or all of a target.

    Args:
        dead: All that were given up, of the target that is named.
        target: Name or id of that target.
    """
    if bool(delivery_id) == dead or dead != bool(target):
        raise UsageError("say which: tocsin deliveries retry ID, or --dead --target NAME")
    with server.client() as client:
        if dead:
            print_one(client.request("POST", f"{_PATH}/retry", document={"target": target}), output)
        else:
            print_one(client.request("POST", f"{_PATH}/{delivery_id}/retry"), output)
