"""`tocsin send`."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast

from cyclopts import Parameter

from tocsin.cli.columns import RECEIPTS, Item
from tocsin.cli.failures import CommandError, ExitCode, UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server, pairs, refuse_option
from tocsin.cli.output import print_items, print_live, print_one
from tocsin.cli.standard_input import Readable, batches

if TYPE_CHECKING:
    from tocsin.client.client import Client

_PATH: Final = "/api/v1/events"

Kind = Literal["problem", "info", "recovery", "acknowledgement", "error"]
Severity = Literal["critical", "error", "warning", "info", "none", "not_available"]


def send(
    key: Annotated[str, Parameter(allow_leading_hyphen=True)] = "",
    title: str = "",
    /,
    *,
    kind: Kind | None = None,
    severity: Severity | None = None,
    host: str = "",
    service: str = "",
    description: str = "",
    label: Annotated[tuple[str, ...], Parameter(name=("--label", "-l"))] = (),
    source_id: str = "",
    victorops_url: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Send events to a Tocsin, or one message to VictorOps.

    Without KEY and TITLE, or with - in their place, events come from standard
    input: a JSON object, an array of them, or one in each line (NDJSON), with
    the fields of the native API. What became of each event is printed once it
    is on disk. Exit code 1 means that at least one was rejected.

    Args:
        key: What the event is about. Events with the same key join one alert.
        title: What is to be told, in a line.
        kind: What happened. [default: problem]
        severity: How bad it is. [default: critical for a problem or an error]
        host: The host that it is about.
        service: The service on it; without one, the host itself.
        description: More to tell.
        label: NAME=VALUE to keep beside it; may be given again.
        source_id: Id of the source that it belongs to. [default: that of "first"]
        victorops_url: Send it to this VictorOps REST endpoint, with no Tocsin.
    """
    refuse_option(key)
    given: dict[str, Any] = {
        "kind": kind,
        "severity": severity,
        "host": host,
        "service": service,
        "description": description,
        "labels": pairs("--label", label),
        "source_id": source_id,
    }
    item = {name: value for name, value in given.items() if value}
    if key in {"", "-"} and not title:
        return _send_standard_input(item, key, victorops_url, server, output)
    if not key or not title:
        raise UsageError("an event has a KEY and a TITLE")
    item = {"key": key, "title": title} | item
    if victorops_url:
        return _send_to_victorops(victorops_url, item, output)
    with server.client() as client:
        (receipt,) = client.request("POST", _PATH, document=item)["receipts"]
    print_items([receipt], RECEIPTS, output)
    return ExitCode.FAILED if _is_rejected(receipt) else ExitCode.OK


def _send_standard_input(item: Item, key: str, victorops_url: str, server: Server, output: Output) -> int:
    if item or victorops_url:
        raise UsageError("these options describe one event: give its KEY and TITLE too")
    if not key and is_terminal():
        raise UsageError("KEY and TITLE are missing; to type events as JSON, give - in their place")
    with server.client() as client:
        receipts = _Receipts(client)
        code = print_live(receipts, RECEIPTS, output)
    if code == ExitCode.FAILED:
        raise CommandError("there was no event to send")
    return ExitCode.FAILED if receipts.rejected else ExitCode.OK


def is_terminal() -> bool:
    """Say whether somebody would have to type the events."""
    return sys.stdin.isatty()


class _Receipts:
    """The receipts of what comes from standard input, as the server gives them.

    Attributes:
        rejected: whether an event was rejected, of those that were sent so far.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self.rejected = False

    def __iter__(self) -> Iterator[Item]:
        # The annotation of `buffer` is wider than what a process is given.
        for batch in batches(cast("Readable", sys.stdin.buffer)):
            answer = self._client.request("POST", _PATH, body=batch.body, content_type=batch.content_type)
            for receipt in answer["receipts"]:
                self.rejected = self.rejected or _is_rejected(receipt)
                yield receipt | {"index": batch.first + receipt["index"]}


def _is_rejected(receipt: Item) -> bool:
    return bool(receipt["outcome"] == "rejected")


def _send_to_victorops(url: str, item: Item, output: Output) -> ExitCode:
    from tocsin.cli.to_victorops import send as send_to_victorops

    result = send_to_victorops(url, item)
    print_one(result, output)
    return ExitCode.OK if result["accepted"] else ExitCode.FAILED
