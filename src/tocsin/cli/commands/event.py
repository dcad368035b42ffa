"""`tocsin event`."""

import sys
from base64 import b64decode
from urllib.parse import quote

from tocsin.cli.columns import Item
from tocsin.cli.failures import CommandError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import chosen, print_one


def event(
    event_id: str, /, *, raw: bool = False, output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Show one event with its alert, receipt and payload.

    Args:
        event_id: Id of the event, as lists show it.
        raw: Print the payload alone, byte for byte as it came in.
    """
    with server.client() as client:
        found = client.request("GET", f"/api/v1/events/{quote(event_id, safe='')}")
    if raw:
        _write_payload(found)
    elif chosen(output) == "table":
        from tocsin.cli.table import print_fields, print_heading

        parts = {name: found.pop(name) for name in ("receipt", "alert", "payload")}
        print_fields(found)
        for name, part in parts.items():
            if part is not None:
                print_heading(name)
                print_fields(part)
    else:
        print_one(found, output)


def _write_payload(found: Item) -> None:
    payload = found["payload"]
    if payload is None:
        raise CommandError("the payload of this event is gone")
    body: bytes = b64decode(payload["body_base64"]) or payload["body"].encode()
    sys.stdout.buffer.write(body)
