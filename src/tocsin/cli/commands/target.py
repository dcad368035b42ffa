"""`tocsin target`."""

import time
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli.columns import TARGETS, Item
from tocsin.cli.failures import ExitCode, UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server, values
from tocsin.cli.output import print_items, print_one

if TYPE_CHECKING:
    from tocsin.client.client import Client

app: Final = App(name="target", help="Targets: places to send to.")

TargetName = Annotated[str, Parameter(name="NAME", help="Name or id of the target.")]
Option = Annotated[
    tuple[str, ...],
    Parameter(help="How it is sent to, as NAME=VALUE: latest_only, timeout, at_once; may be given again."),
]

_SECRETS: Final = ("url", "secret")
_OUTCOME: Final = ("state", "attempts", "status", "reason")
"""What a test prints of its delivery."""
_PATIENCE: Final = 12.0
"""Seconds for which a test is waited for: one attempt takes up to 10, unless the target says otherwise."""
_PAUSE: Final = 0.1


@app.command(name="list")
def list_targets(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the targets, the oldest first."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/targets"), TARGETS, output)


@app.command
def create(
    name: str,
    address: Annotated[str, Parameter(name="URL")],
    /,
    *,
    kind: Literal["webhook", "victorops"],
    option: Option = (),
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a target, and print it with the secret that a webhook's messages are signed with.

    Args:
        name: What to call it.
        address: Where to send to.
        kind: How it is spoken to.
    """
    document = {"name": name, "kind": kind, "url": address, "options": values("--option", option)}
    with server.client() as client:
        print_one(client.request("POST", "/api/v1/targets", document=document), output)


@app.command
def show(
    name: TargetName, /, *, secret: bool = False, output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Show a target.

    Args:
        secret: Also its whole address, which may hold a key, and its secret.
    """
    with server.client() as client:
        found: Item = client.request("GET", _path(name))
    shown = found if secret else {each: found[each] for each in found if each not in _SECRETS}
    print_one(shown, output)


@app.command
def change(
    name: TargetName,
    /,
    *,
    rename: str | None = None,
    address: str | None = None,
    new_secret: bool = False,
    option: Option = (),
    enable: Annotated[bool | None, Parameter(negative="--disable")] = None,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Change a target. What is not given stays.

    Args:
        rename: What to call it from now on.
        address: Where to send to from now on.
        new_secret: Sign with a new secret; target show NAME --secret prints it.
        enable: Send to it again, or pass nothing on to it until it is enabled.
    """
    given: dict[str, Any] = {"name": rename, "url": address, "enabled": enable}
    document = {each: value for each, value in given.items() if value is not None}
    if new_secret:
        document["secret"] = ""
    if option:
        document["options"] = values("--option", option)
    if not document:
        raise UsageError("say what to change: tocsin target change --help")
    with server.client() as client:
        print_one(client.request("PATCH", _path(name), document=document), output)


@app.command
def delete(name: TargetName, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete a target that no route names. What was still on its way to it is given up."""
    with server.client() as client:
        client.request("DELETE", _path(name))


@app.command(name="test")
def try_target(name: TargetName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> ExitCode:
    """Send a test to a target, the whole way that all events go, and say how it went.

    Exit code 1 means that the target did not take it, or did not within 12 s.
    What is then still pending is tried again.
    """
    with server.client() as client:
        trial = client.request("POST", f"{_path(name)}/test")
        delivery = _tried(client, trial["delivery_id"])
    print_one({**trial, **{each: delivery[each] for each in _OUTCOME}}, output)
    return ExitCode.OK if delivery["state"] == "delivered" else ExitCode.FAILED


def _tried(client: "Client", delivery_id: str) -> Item:
    """Give a delivery once it was tried, or as it is when that takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        delivery: Item = client.request("GET", f"/api/v1/deliveries/{delivery_id}")
        if delivery["attempts"] or delivery["state"] != "pending" or time.monotonic() > deadline:
            return delivery
        time.sleep(_PAUSE)


def _path(name: str) -> str:
    return f"/api/v1/targets/{quote(name, safe='')}"
