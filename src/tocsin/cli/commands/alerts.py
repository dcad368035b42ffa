"""`tocsin alerts`."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli import moments
from tocsin.cli.columns import ALERTS, EVENTS
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(
    name="alerts", help="List alerts and work on them.\n\nWithout a command it is tocsin alerts list."
)

AlertId = Annotated[str, Parameter(help="Id of the alert, as the list shows it.")]
Comment = Annotated[str, Parameter(help="What to write beside it.")]


@app.default
@app.command(name="list")
def list_alerts(
    *query: Query,
    limit: Limit = 50,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List alerts, the newest first.

    Exit code 1 means that no alert matches.

    Args:
        everything: List all that match, however many.
    """
    with server.client() as client:
        found = client.pages("/api/v1/alerts", {"q": joined(query)}, limit=None if everything else limit)
        return print_items(found, ALERTS, output)


@app.command
def show(alert_id: AlertId, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Show one alert with its newest events."""
    with server.client() as client:
        found = client.request("GET", _path(alert_id))
    if chosen(output) == "table":
        from tocsin.cli.table import print_fields, print_heading

        timeline = found.pop("timeline")
        print_fields(found)
        print_heading("timeline")
        print_items(timeline, EVENTS, "table")
    else:
        print_one(found, output)


@app.command
def ack(
    alert_id: AlertId,
    /,
    *,
    comment: Comment = "",
    until: str = "",
    until_change: bool = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Acknowledge an alert: somebody is on it.

    Args:
        until: When it ends: 2h (from now) or 2026-11-22T08:30:00Z. Without it, not before the alert is
            resolved.
        until_change: It ends when the severity changes, for better or worse.
    """
    end = moments.ahead("--until", until) if until else None
    document = {"comment": comment, "until": end, "until_change": until_change}
    _act(server, output, alert_id, "acknowledge", document)


@app.command
def unack(
    alert_id: AlertId, /, *, comment: Comment = "", output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Take an acknowledgement back: the alert is open again."""
    _act(server, output, alert_id, "unacknowledge", {"comment": comment})


@app.command
def resolve(
    alert_id: AlertId, /, *, comment: Comment = "", output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Resolve an alert by hand."""
    _act(server, output, alert_id, "resolve", {"comment": comment})


@app.command
def note(
    alert_id: AlertId, comment: Comment, /, *, output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Write a note on an open alert."""
    _act(server, output, alert_id, "note", {"comment": comment})


def _act(server: Server, output: Output, alert_id: str, action: str, document: dict[str, Any]) -> None:
    with server.client() as client:
        print_one(client.request("POST", f"{_path(alert_id)}/{action}", document=document), output)


def _path(alert_id: str) -> str:
    return f"/api/v1/alerts/{quote(alert_id, safe='')}"
