"""`tocsin stat`."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from cyclopts import Parameter, validators

from tocsin.cli import moments
from tocsin.cli.columns import Column, Item, field, moment
from tocsin.cli.failures import UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Query, Server, joined
from tocsin.cli.output import chosen, print_items
from tocsin.query.fields import EVENT_FIELDS

_BAR: Final = 30
"""How many characters the longest bar has."""
_REST: Final = "(the rest)"

Groups = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1000))]


def stat(
    *query: Query,
    by: str = "severity",
    bucket: str = "",
    since: str = "",
    until: str = "",
    limit: Groups = 20,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Count events, in groups and by time.

    The greatest groups come first, or the oldest time; the rest stands behind them. Exit code 1 means that no
    event matches.

    Args:
        by: What to group by, with commas between: severity,host,labels.team. Empty for one number.
        bucket: Count by time as well, in stretches of so long: 5m, 1h, 1d.
        since: Only what occurred then or later: 2h, 7d, 2026-11-22T08:30:00Z.
        until: Only what occurred before.
        limit: How many groups at most.
    """
    keys = _keys(by)
    parameters: dict[str, str | int] = {"q": joined(query), "by": by, "bucket": bucket, "limit": limit}
    if since:
        parameters["from"] = moments.ago("--since", since)
    if until:
        parameters["to"] = moments.ago("--until", until)
    with server.client() as client:
        found = client.request("GET", "/api/v1/events/count", parameters=parameters)
    items = [_item(each, keys, bool(bucket)) for each in found["items"]]
    if chosen(output) == "table":
        return print_items(items, _columns(items, keys, bool(bucket)), output)
    return print_items(items, (), output)


def _keys(by: str) -> list[str]:
    """Read what to group by.

    Raises:
        UsageError: it names no field, though the server would look for a label of that name.
    """
    keys = [name.strip() for name in by.split(",")] if by.strip() else []
    for name in keys:
        if not name.startswith("labels.") and name not in EVENT_FIELDS.by_name:
            raise UsageError(f"--by {by}: '{name}' is no field; a label is written labels.NAME")
    return keys


def _item(found: Any, keys: Sequence[str], by_time: bool) -> Item:
    """Make one flat item of a count; null stands for the values of the rest."""
    values = found["values"] or dict.fromkeys(keys)
    start = {"start": found["start"]} if by_time else {}
    return {**start, **{key: values[key] for key in keys}, "count": found["count"]}


def _columns(items: Sequence[Item], keys: Sequence[str], by_time: bool) -> list[Column]:
    most = max((item["count"] for item in items), default=0)

    def key_of(name: str) -> Column:
        return Column(name, lambda item: _REST if item[name] is None else str(item[name]))

    def bar(item: Item) -> str:
        return "\N{FULL BLOCK}" * max(1, round(int(item["count"]) / most * _BAR))

    starts = [moment("start", "time")] if by_time else []
    return [*starts, *map(key_of, keys), field("count"), Column("", bar, share=1)]
