"""`tocsin alerts`."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter, validators

from tocsin.cli import moments
from tocsin.cli.columns import ALERTS, EVENTS
from tocsin.cli.failures import ExitCode, UsageError, tell
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import chosen, print_items, print_one

app: Final = App(
    name="alerts", help="List alerts and work on them.\n\nWithout a command it is tocsin alerts list."
)

AlertId = Annotated[str, Parameter(help="Id of the alert, as the list shows it.")]
Comment = Annotated[str, Parameter(help="What to write beside it.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Which:
    """Many alerts, in place of the id of one."""

    query: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True,
            help="Act on every alert that this expression finds and that is not resolved, in place of one.",
        ),
    ] = None
    expect: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=0),
            help="How many alerts that must be. Without it they are counted and nothing is done.",
        ),
    ] = None


ONE: Final = Which()


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
        code = print_items(found, ALERTS, output)
    if code == ExitCode.FAILED and len(query) > 1 and query[1].startswith("alert-"):
        _tell_what_was_meant(query[0])
    return code


def _tell_what_was_meant(word: str) -> None:
    """A command that is spelled wrong, before an alert's id, is a word to look for."""
    from difflib import get_close_matches

    commands = [name for name in app if not name.startswith("-")]
    if near := get_close_matches(word, commands, n=1):
        tell(f"nothing found; did you mean tocsin alerts {near[0]}?")


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
    alert_id: AlertId | None = None,
    /,
    *,
    which: Which = ONE,
    comment: Comment = "",
    until: str = "",
    until_change: bool = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Acknowledge an alert, or all that an expression finds: somebody is on it.

    Args:
        until: When it ends: 2h (from now) or 2026-11-22T08:30:00Z. Without it, not before the alert is
            resolved.
        until_change: It ends when the severity changes, for better or worse.
    """
    end = moments.ahead("--until", until) if until else None
    document = {"comment": comment, "until": end, "until_change": until_change}
    return _act(server, output, alert_id, which, "acknowledge", document)


@app.command
def unack(
    alert_id: AlertId | None = None,
    /,
    *,
    which: Which = ONE,
    comment: Comment = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Take an acknowledgement back, or all that an expression finds: open again."""
    return _act(server, output, alert_id, which, "unacknowledge", {"comment": comment})


@app.command
def resolve(
    alert_id: AlertId | None = None,
    /,
    *,
    which: Which = ONE,
    comment: Comment = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Resolve an alert by hand, or all that an expression finds."""
    return _act(server, output, alert_id, which, "resolve", {"comment": comment})


@app.command
def assign(
    *words: Annotated[
        str,
        Parameter(
            name="ALERT_ID [WHO]",
            help="Id of the alert, and who is to see to it: '' for nobody, else you. With --query only WHO.",
        ),
    ],
    which: Which = ONE,
    comment: Comment = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Say who is to see to an alert, or to all that an expression finds."""
    if len(words) not in ({1, 2} if which.query is None else {1}):
        raise UsageError("name ALERT_ID and who is to see to it, or --query and WHO")
    alert_id, *others = words if which.query is None else (None, *words)
    assigned = {"assignee": others[0]} if others else {}
    return _act(server, output, alert_id, which, "assign", {"comment": comment} | assigned)


@app.command
def note(
    *words: Annotated[
        str,
        Parameter(name="ALERT_ID COMMENT", help="Id of the alert and what to write; with --query only that."),
    ],
    which: Which = ONE,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Write a note on an open alert, or on all that an expression finds."""
    wanted = 2 if which.query is None else 1
    if len(words) != wanted:
        raise UsageError("a note needs ALERT_ID and COMMENT, or --query and COMMENT")
    alert_id = words[0] if which.query is None else None
    return _act(server, output, alert_id, which, "note", {"comment": words[-1]})


def _act(
    server: Server,
    output: Output,
    alert_id: str | None,
    which: Which,
    action: str,
    document: dict[str, Any],
) -> int:
    """Act on one alert, or on many; exit code 1 means that some were missed."""
    if (alert_id is None) == (which.query is None):
        raise UsageError("name either ALERT_ID or --query")
    if which.query is None and which.expect is not None:
        raise UsageError("--expect needs --query")
    with server.client() as client:
        if alert_id is not None:
            print_one(client.request("POST", f"{_path(alert_id)}/{action}", document=document), output)
            return ExitCode.OK
        asked = document | {"q": which.query, "action": action, "expected": which.expect}
        result = client.request("POST", "/api/v1/alerts/bulk", document=asked)
    if which.expect is None:
        found = result["matched"]
        raise UsageError(f"{found} alerts match, and nothing was done: repeat it with --expect {found}")
    print_one(result, output)
    return ExitCode.OK if result["done"] == result["matched"] else ExitCode.FAILED


def _path(alert_id: str) -> str:
    return f"/api/v1/alerts/{quote(alert_id, safe='')}"
