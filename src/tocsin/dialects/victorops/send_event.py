"""The two functions of Flux's package `contrib/bonitoo-io/victorops`: one try for each message, no more."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tocsin.dialects.outgoing import check_seconds, encode, open_client, parse_url, post
from tocsin.dialects.victorops.send_message import Message, build_message, check_text

Row = Mapping[str, Any]

# What a mapping need not say.
_DEFAULTS = {"entity_id": "", "entity_display_name": "", "state_message": "", "timestamp": None}
_FIELDS = {"message_type", *_DEFAULTS}


def event(
    url: str,
    message_type: str,
    entity_id: str = "",
    entity_display_name: str = "",
    state_message: str = "",
    timestamp: datetime | float | None = None,
    monitoring_tool: str = "",
    *,
    timeout: float = 10.0,
) -> int:
    """Send one message to a VictorOps REST endpoint, once. Redirects are not followed.

    Args:
        url: the endpoint's URL with API key and routing key.
        message_type: CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT or RECOVERY, in any letter case.
        entity_id: what the alert is about; messages with the same one belong to one incident.
        entity_display_name: the incident's title.
        state_message: the long text.
        timestamp: when this state began: a datetime (UTC if it has no zone) or seconds since 1970; now if
            None. Parts of a second are cut off.
        monitoring_tool: the name of the sender.
        timeout: seconds for each step: to connect, to send, to wait for the answer, to read it.

    Returns:
        The HTTP status of the answer, also if it is a refusal (4xx) or a failure (5xx).

    Raises:
        ValueError: a bad argument; nothing was sent.
        TransportError: no answer came.
    """
    target, seconds = parse_url(url), check_seconds("timeout", timeout)
    message = build_message(
        message_type,
        entity_id=entity_id,
        entity_display_name=entity_display_name,
        state_message=state_message,
        timestamp=timestamp,
        monitoring_tool=monitoring_tool,
    )
    with open_client() as client:
        return post(client, target, encode(message), seconds).status


alert = event


def endpoint(
    url: str, monitoring_tool: str = "", *, timeout: float = 10.0
) -> Callable[[Callable[[Row], Mapping[str, Any]]], Callable[[Iterable[Row]], Iterator[dict[str, Any]]]]:
    """Make a sender for the rows of a table: `endpoint(url)(map_fn)(rows)`.

    `map_fn` is given a row and returns what to send, as a mapping with the names of `event`'s parameters:
    message_type (required), entity_id, entity_display_name, state_message, timestamp. A monitoring_tool in it
    is ignored.

    What comes of it is an iterator. Each step sends the message of one row, in order, and yields a copy of
    the row with two more columns: `_status`, the HTTP status as text, and `_sent`, "true" if the status is
    2xx, else "false". Rows that are not asked for are not sent.

    Args:
        url: the endpoint's URL with API key and routing key.
        monitoring_tool: the name of the sender, in every message.
        timeout: seconds for each step of sending a message, as for `event`.

    Raises:
        ValueError: a bad argument, at once; or, when its row is reached, a mapping that cannot be sent.
        TransportError: no answer came for a row; the rows after it are not sent.
    """
    target, seconds = parse_url(url), check_seconds("timeout", timeout)
    check_text("monitoring_tool", monitoring_tool)

    def with_map_fn(
        map_fn: Callable[[Row], Mapping[str, Any]],
    ) -> Callable[[Iterable[Row]], Iterator[dict[str, Any]]]:
        def send_rows(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
            with open_client() as client:
                for row in rows:
                    message = _message_of(map_fn(row), monitoring_tool)
                    status = post(client, target, encode(message), seconds).status
                    yield {**row, "_status": str(status), "_sent": "true" if 200 <= status < 300 else "false"}

        return send_rows

    return with_map_fn


def _message_of(fields: Mapping[str, Any], monitoring_tool: str) -> Message:
    if not isinstance(fields, Mapping):
        raise ValueError(f"map_fn must return a mapping, not {type(fields).__name__}")
    if unknown := fields.keys() - _FIELDS - {"monitoring_tool"}:
        names = ", ".join(sorted(map(repr, unknown)))
        raise ValueError(f"map_fn returned {names}; it can return {', '.join(sorted(_FIELDS))}")
    if "message_type" not in fields:
        raise ValueError("map_fn must return a message_type")
    return build_message(**{**_DEFAULTS, **fields, "monitoring_tool": monitoring_tool})
