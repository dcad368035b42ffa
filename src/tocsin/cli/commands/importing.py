"""`tocsin import`."""

from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from tocsin.cli.columns import Item
from tocsin.cli.failures import ExitCode, UsageError, tell
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_one

if TYPE_CHECKING:
    from tocsin.client.client import Client

app: Final = App(name="import", help="History from the logs of other systems.")

_PATH: Final = "/api/v1/history"
_TOGETHER: Final = 2_000
"""So many events in one request."""
_SHOWN: Final = 100
"""So many bad lines are shown; all are counted."""
_PATIENCE_SECONDS: Final = 60.0


@app.command(name="nagios-log")
def nagios_log(
    files: Annotated[tuple[str, ...], Parameter(name="FILE")] = (),
    /,
    *,
    source: str = "first",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Record what nagios.log files say: state changes, acknowledgements, downtimes.

    Files of Nagios, Opsview, Naemon or Icinga 1, as they are or compressed by
    gzip, in any order. Events have the times of the log; they open no alerts
    and are passed on to nobody. What stands there already is not recorded
    again, so a command that was interrupted can be given once more. Printed is
    how many lines there were, and what became of them. Exit code 1 means that
    some cannot be read: these are shown.

    Args:
        files: Files, all at once: downtimes can begin in one and end in another.
        source: Name or id of the source that the events belong to.
    """
    from tocsin.cli import retrying
    from tocsin.cli.log_files import lines
    from tocsin.dialects.nagios.fields import BadLine
    from tocsin.dialects.nagios.history import History
    from tocsin.dialects.nagios.log import read_line
    from tocsin.model.past import LOG_LINE

    if not files:
        raise UsageError("name at least one FILE")
    retrying.say_so()
    history = History()
    counts = {"lines": 0, "recorded": 0, "known": 0, "other": 0, "bad": 0}
    waiting: list[Item] = []
    with server.client() as client:
        for line in lines(files):
            counts["lines"] += 1
            try:
                entry = read_line(line.text) if line.text.strip() else None
            except BadLine as fault:
                counts["bad"] += 1
                if counts["bad"] <= _SHOWN:
                    tell(f"{line.place}: {fault}")
                continue
            item = None if entry is None else history.tell(entry)
            if item is None:
                counts["other"] += 1
                continue
            item["labels"] = {**item.get("labels", {}), LOG_LINE: line.identity}
            waiting.append(item)
            if len(waiting) == _TOGETHER:
                _send(client, source, waiting, counts)
                waiting = []
        if waiting:
            _send(client, source, waiting, counts)
    if counts["bad"] > _SHOWN:
        tell(f"{counts['bad'] - _SHOWN} more lines cannot be read")
    print_one(counts, output)
    return ExitCode.FAILED if counts["bad"] else ExitCode.OK


def _send(client: "Client", source: str, items: list[Item], counts: dict[str, int]) -> None:
    from stamina import retry_context

    from tocsin.client.back_off import BackOff, Patience

    # What was recorded although its answer got lost stands there already the next time.
    for attempt in retry_context(Patience(_PATIENCE_SECONDS, BackOff()), attempts=None, timeout=None):
        with attempt:
            answer: dict[str, Any] = client.request(
                "POST", _PATH, parameters={"source": source}, document=items
            )
    for name in ("recorded", "known"):
        counts[name] += answer[name]
