"""`tocsin silence`."""

from typing import Annotated, Final, Literal
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli import moments
from tocsin.cli.columns import ALERTS, EVENTS, SILENCES, Item
from tocsin.cli.failures import UsageError
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(name="silence", help="Silences: what is recorded and not passed on for a while.")

SilenceId = Annotated[str, Parameter(name="ID", help="Id of the silence, as the list shows it.")]


@app.command(name="list")
def list_silences(
    *,
    state: Literal["pending", "active", "expired"] | None = None,
    expiring: str = "",
    limit: Limit = 50,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List silences: of active or pending ones the next to end first, else the last to end.

    Exit code 1 means that there is none.

    Args:
        state: Only those that stand so.
        expiring: Only those that hold now and end before: 1h (from now) or 2026-11-22T08:30:00Z.
    """
    parameters: dict[str, str] = {}
    if expiring:
        parameters["ends_before"] = moments.ahead("--expiring", expiring)
        state = state or "active"
    if state:
        parameters["state"] = state
    with server.client() as client:
        return print_items(client.pages("/api/v1/silences", parameters, limit=limit), SILENCES, output)


@app.command
def create(
    *query: Query,
    until: str,
    begin: Annotated[str, Parameter(name="--from")] = "",
    comment: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a silence for all events that an expression matches.

    Args:
        until: When it ends: 2h (from now) or 2026-11-22T08:30:00Z.
        begin: When it begins, likewise. Without it, now.
        comment: Why.
    """
    document = {
        "expression": _expression(query),
        "starts_at": moments.ahead("--from", begin) if begin else None,
        "ends_at": moments.ahead("--until", until),
        "comment": comment,
    }
    with server.client() as client:
        print_one(client.request("POST", "/api/v1/silences", document=document), output)


@app.command
def show(silence_id: SilenceId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Show a silence."""
    with server.client() as client:
        print_one(client.request("GET", _path(silence_id)), output)


@app.command
def expire(silence_id: SilenceId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """End a silence now. What it held back and is still open is passed on at once."""
    with server.client() as client:
        print_one(client.request("POST", f"{_path(silence_id)}/expire"), output)


@app.command
def preview(*query: Query, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Say which open alerts a silence would match now, and which events of the last 24 hours."""
    document = {"expression": _expression(query)}
    with server.client() as client:
        found: Item = client.request("POST", "/api/v1/silences/preview", document=document)
    if chosen(output) != "table":
        print_one(found, output)
        return
    from tocsin.cli.table import print_heading

    for name, title, columns in (
        ("open_alerts", "open alerts", ALERTS),
        ("events_of_24_hours", "events of the last 24 hours", EVENTS),
    ):
        print_heading(f"{title}: {found[name]['count']}")
        if found[name]["items"]:
            print_items(found[name]["items"], columns, "table")


def _expression(query: tuple[str, ...]) -> str:
    """Put an expression together: one has to be given, so that nobody silences everything by a slip.

    Raises:
        UsageError: there is none.
    """
    if not query:
        raise UsageError("say what to silence, as an expression; '' is everything")
    return joined(query)


def _path(silence_id: str) -> str:
    return f"/api/v1/silences/{quote(silence_id, safe='')}"
