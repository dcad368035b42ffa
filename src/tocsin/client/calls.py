"""Every request of the clients and what its answer means, without I/O: both clients make them alike."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeAlias, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2

from tocsin.client.answers import Item, Page, read, read_page
from tocsin.client.errors import Unreachable
from tocsin.client.records import Alert, Event, Receipt

T = TypeVar("T")

NewEvents: TypeAlias = Mapping[str, Any] | Iterable[Mapping[str, Any]]
"""What to send: one event in the native shape, or several."""

Moment: TypeAlias = datetime | str
"""A time: UTC where it has no zone, or a text that the API understands, such as `-2h`."""

EVENTS: Final = "/api/v1/events"
ALERTS: Final = "/api/v1/alerts"
PAGE_LIMIT: Final = 1000
"""The most items that the server gives at once."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        method: of HTTP.
        path: from the root of the server.
        meaning: what the JSON value of the answer says, None for an empty answer.
        options: of httpx2's `request`: params, json, content, headers.
    """

    method: str
    path: str
    meaning: Callable[[Any], T]
    options: Mapping[str, Any] = field(default_factory=dict)

    def read(self, response: httpx2.Response) -> T:
        """Read an answer whose body was read.

        Raises:
            ClientError: as `answers.read` does.
        """
        return self.meaning(read(response))


def anything(
    method: str,
    path: str,
    parameters: Mapping[str, str | int] | None,
    document: object,
    body: bytes | None,
    content_type: str,
) -> Call[Any]:
    """Make a request whose answer is given as it comes."""
    headers = {} if body is None else {"Content-Type": content_type}
    options = {"params": parameters, "json": document, "content": body, "headers": headers}
    return Call(method, path, lambda content: content, options)


def sending(events: NewEvents, idempotency_key: str) -> Call[list[Receipt]]:
    """Post events, all in one request.

    Args:
        events: in the native shape; times may be `datetime`.
        idempotency_key: what makes a repetition known as one; '' makes one.

    Raises:
        TypeError: an event is no mapping, or has a value that JSON does not know.
    """
    items: object = events
    if not isinstance(events, Mapping):
        items = list(events)
        for each in items:
            if not isinstance(each, Mapping):
                raise TypeError(f"an event is a mapping, not a {type(each).__name__}")
    headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key or uuid4().hex}
    body = json.dumps(items, default=_as_json, ensure_ascii=False).encode(errors="replace")
    return Call("POST", EVENTS, _receipts, {"content": body, "headers": headers})


def event(event_id: str) -> Call[Event]:
    """Ask for one event."""
    return Call("GET", f"{EVENTS}/{quote(event_id, safe='')}", Event.read)


def alert(alert_id: str) -> Call[Alert]:
    """Ask for one alert."""
    return Call("GET", _alert_path(alert_id), Alert.read)


def action(alert_id: str, name: str, comment: str, until: Moment | None = None) -> Call[Alert]:
    """Act on an alert: acknowledge, unacknowledge, resolve, note."""
    document = {"comment": comment} | ({} if until is None else {"until": as_text(until)})
    return Call("POST", f"{_alert_path(alert_id)}/{name}", Alert.read, {"json": document})


def search(query: str, since: Moment | None = None, until: Moment | None = None) -> dict[str, str | int]:
    """Make the parameters of a search."""
    parameters: dict[str, str | int] = {"q": query}
    for name, bound in (("from", since), ("to", until)):
        if bound is not None:
            parameters[name] = as_text(bound)
    return parameters


class Paging:
    """Where a reader of a list is.

    Args:
        path: of the list.
        parameters: of the query; `limit` and `cursor` are set here.
        limit: how many items at most, None for all.
        host: who is asked, for complaints.
    """

    def __init__(
        self, path: str, parameters: Mapping[str, str | int] | None, limit: int | None, host: str
    ) -> None:
        self._path = path
        self._parameters = dict(parameters or {})
        self._left = limit
        self._host = host
        self._is_over = limit is not None and limit <= 0

    def following(self) -> Call[Page] | None:
        """Ask for the next page, None after the last one."""
        if self._is_over:
            return None
        most = PAGE_LIMIT if self._left is None else min(self._left, PAGE_LIMIT)
        parameters = self._parameters | {"limit": most}
        return Call("GET", self._path, lambda content: read_page(content, self._host), {"params": parameters})

    def take(self, page: Page) -> list[Item]:
        """Take a page; give its items."""
        self._parameters["cursor"] = page.following
        if self._left is not None:
            self._left -= len(page.items)
        self._is_over = not page.following or (self._left is not None and self._left <= 0)
        return page.items


def as_text(moment: Moment) -> str:
    """Give a time as the API reads it."""
    if isinstance(moment, str):
        return moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _alert_path(alert_id: str) -> str:
    return f"{ALERTS}/{quote(alert_id, safe='')}"


def _receipts(content: object) -> list[Receipt]:
    listed = content.get("receipts") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise Unreachable("the answer holds no receipts: is the address right?")
    return [Receipt.read(each) for each in listed]


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return as_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"JSON does not know a {type(value).__name__}")
