"""`tocsin route`."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli.columns import NEAR_MISSES, ROUTES, Item
from tocsin.cli.failures import ExitCode, UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Query, Server, joined, pairs
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(name="route", help="Routes: which events go to which targets.")

RouteName = Annotated[str, Parameter(name="NAME", help="Name or id of the route.")]
EveryEvent = Annotated[
    bool | None,
    Parameter(negative="--changes-only", help="Take all that matches, or only what changes its alert."),
]
Fallback = Annotated[
    bool | None,
    Parameter(negative="--no-fallback", help="Take what no other route takes, or all that matches."),
]
Position = Annotated[int | None, Parameter(help="Its place among the routes, the smallest first.")]


@app.command(name="list")
def list_routes(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the routes in their order."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/routes"), ROUTES, output)


@app.command
def create(
    name: str,
    /,
    *query: Query,
    to: Annotated[tuple[str, ...], Parameter(name="--to")] = (),
    every_event: EveryEvent = None,
    fallback: Fallback = None,
    position: Position = None,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a route. Without an expression it takes all events.

    Args:
        name: What to call it.
        to: Name or id of a target; may be given again.
    """
    document = _given(every_event=every_event, fallback=fallback, position=position)
    document |= {"name": name, "expression": joined(query), "targets": list(to)}
    with server.client() as client:
        print_one(client.request("POST", "/api/v1/routes", document=document), output)


@app.command
def show(name: RouteName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Show a route."""
    with server.client() as client:
        print_one(client.request("GET", _path(name)), output)


@app.command
def change(
    name: RouteName,
    /,
    *,
    rename: str | None = None,
    expression: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    to: Annotated[tuple[str, ...], Parameter(name="--to")] = (),
    every_event: EveryEvent = None,
    fallback: Fallback = None,
    position: Position = None,
    enable: Annotated[bool | None, Parameter(negative="--disable")] = None,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Change a route. What is not given stays.

    Args:
        rename: What to call it from now on.
        expression: Which events it takes from now on; '' for all.
        to: Name or id of a target, in place of all that it has; may be given again.
        enable: Let it take events again, or none until it is enabled.
    """
    document = _given(
        name=rename,
        expression=expression,
        targets=list(to) or None,
        every_event=every_event,
        fallback=fallback,
        position=position,
        enabled=enable,
    )
    if not document:
        raise UsageError("say what to change: tocsin route change --help")
    with server.client() as client:
        print_one(client.request("PATCH", _path(name), document=document), output)


@app.command
def delete(name: RouteName, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete a route. What it passed on already stays on its way."""
    with server.client() as client:
        client.request("DELETE", _path(name))


@app.command(name="test")
def try_routes(
    *,
    event: str = "",
    key: str = "test",
    title: str = "test",
    kind: str | None = None,
    severity: str | None = None,
    host: str | None = None,
    service: str | None = None,
    source: str | None = None,
    label: Annotated[tuple[str, ...], Parameter(name=("--label", "-l"))] = (),
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Say which routes would take an event, and what just missed it. Nothing is sent.

    The event is one that was recorded, or one with the fields that are given.
    Exit code 1 means that no route takes it, or that it is silenced.

    Args:
        event: Id of an event that was recorded.
        key: What the event is about.
        title: What it tells.
        kind: What happened. [default: problem]
        severity: How bad it is.
        host: The host that it is about.
        service: The service that it is about.
        source: Id of the source that it belongs to.
        label: NAME=VALUE to keep beside it; may be given again.
    """
    described = _given(kind=kind, severity=severity, host=host, service=service, source_id=source)
    labels = pairs("--label", label)
    if event and (described or labels):
        raise UsageError("--event: that event has its own fields")
    posted = {"key": key, "title": title, "labels": labels, **described}
    with server.client() as client:
        document = {"event_id": event} if event else {"event": posted}
        found: Item = client.request("POST", "/api/v1/routes/test", document=document)
    _print_test(found, output)
    return ExitCode.OK if found["routes"] and not found["silences"] else ExitCode.FAILED


def _print_test(found: Item, output: Output) -> None:
    if chosen(output) != "table":
        print_one(found, output)
        return
    from tocsin.cli.table import print_heading

    for silence in found["silences"]:
        print(f"silenced by {silence}: nothing is passed on")
    if found["remark"]:
        print(found["remark"])
    if found["routes"]:
        print_items(found["routes"], ROUTES, "table")
    else:
        print("no route takes it")
    if found["near_misses"]:
        print_heading("just missed")
        print_items(found["near_misses"], NEAR_MISSES, "table")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _path(name: str) -> str:
    return f"/api/v1/routes/{quote(name, safe='')}"
