"""The synchronous client of the native API: only what touches the network, all else is in `calls`."""

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from tocsin.client import calls
from tocsin.client.answers import Item, read
from tocsin.client.back_off import BackOff, Patience
from tocsin.client.calls import Call, Moment, NewEvents, Paging
from tocsin.client.errors import ClientError, Unreachable
from tocsin.client.following import PATH, SILENCE_SECONDS, Following, OnBreak
from tocsin.client.records import Alert, Event, Receipt
from tocsin.client.server_address import ServerAddress

T = TypeVar("T")


class Client:
    """Speaks to one Tocsin. A context manager, since it keeps its connection open.

    Redirects are not followed: the token goes to the given address and nowhere else.

    Args:
        url: where the server is, `http://127.0.0.1:8080` or such; '' takes url and token from the
            environment, `TOCSIN_URL` and `TOCSIN_TOKEN`.
        token: a user's token, or the key of a source, which can only send; '' for none.
        timeout: seconds for each step of a request: to connect, to send, to wait for the answer.
        patience: seconds during which `send` begins further attempts; 0 for a single one.

    Raises:
        ValueError: the URL is not one of http or https, or the token has characters that no token has.
    """

    def __init__(
        self, url: str = "", token: str = "", *, timeout: float = 30.0, patience: float = 60.0
    ) -> None:
        self._address = ServerAddress.of(url, token)
        self._patience = patience
        self._http = httpx2.Client(
            base_url=self._address.base,
            headers=self._address.headers,
            timeout=timeout,
            follow_redirects=False,
            verify=self._address.trust,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def send(self, events: NewEvents, *, idempotency_key: str = "") -> list[Receipt]:
        """Send events, all in one request, and again while the server cannot take them now.

        Each attempt has the same Idempotency-Key, so that what was recorded although its answer got lost is
        not recorded twice.

        Args:
            events: one event, or several: mappings in the native shape, with at least `key` and `title`.
            idempotency_key: to repeat an earlier call; one is made for each call without it.

        Returns:
            What became of each, in their order. They are on disk, apart from those that are rejected.

        Raises:
            TypeError: an event is no mapping, or has a value that JSON does not know.
            Refused: the server does not take the request, or not this one event; or not within the patience.
            Unreachable: no answer came within the patience.
        """
        from stamina import retry_context  # noqa: PLC0415 - takes long to load, and only sending needs it

        call = calls.sending(events, idempotency_key)
        for attempt in retry_context(Patience(self._patience, BackOff()), attempts=None, timeout=None):
            with attempt:
                receipts = self._make(call)
        return receipts

    def events(
        self,
        query: str = "",
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        """Give the events that match, the newest first; pages are asked for as they are needed.

        Args:
            query: an expression, '' for all.
            since: only what occurred then or later: a time, or a text such as `-2h`.
            until: only what occurred before.
            limit: how many at most, None for all.

        Raises:
            ClientError: as `request` raises, with each page.
        """
        found = self.pages(calls.EVENTS, calls.search(query, since, until), limit=limit)
        return (Event.read(each) for each in found)

    def event(self, event_id: str) -> Event:
        """Give one event; its `document` also holds its alert, its receipt and its payload.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.event(event_id))

    def alerts(self, query: str = "", *, limit: int | None = None) -> Iterator[Alert]:
        """Give the alerts that match, those that were opened last first.

        Args:
            query: an expression, '' for all.
            limit: how many at most, None for all.

        Raises:
            ClientError: as `request` raises, with each page.
        """
        return (Alert.read(each) for each in self.pages(calls.ALERTS, calls.search(query), limit=limit))

    def alert(self, alert_id: str) -> Alert:
        """Give one alert with its timeline.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.alert(alert_id))

    def acknowledge(self, alert_id: str, comment: str = "", *, until: Moment | None = None) -> Alert:
        """Say that somebody is on it.

        Args:
            alert_id: of the alert.
            comment: what to write beside it.
            until: when the acknowledgement ends, None: not before the alert is resolved.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.action(alert_id, "acknowledge", comment, until))

    def unacknowledge(self, alert_id: str, comment: str = "") -> Alert:
        """Take an acknowledgement back.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.action(alert_id, "unacknowledge", comment))

    def resolve(self, alert_id: str, comment: str = "") -> Alert:
        """Resolve an alert by hand.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.action(alert_id, "resolve", comment))

    def note(self, alert_id: str, comment: str) -> Alert:
        """Write a note on an open alert.

        Raises:
            ClientError: as `request` raises.
        """
        return self._make(calls.action(alert_id, "note", comment))

    def tail(
        self,
        query: str = "",
        *,
        after: int | None = None,
        back_off: BackOff | None = None,
        on_break: OnBreak | None = None,
    ) -> Iterator[Event]:
        """Give events as they are recorded, without end and without a gap.

        A connection that breaks is made again and goes on after the last event; the first one must succeed.

        Args:
            query: an expression that the events match, '' for all.
            after: the `seq` of the last event that is known already; None begins now, at this call.
            back_off: how long to wait before the connection is made again.
            on_break: called with the failure and the seconds that are waited then.

        Raises:
            Unreachable: the first connection failed.
            NotAllowed, Refused: the server does not want to go on.
        """
        if after is None:
            after = next((each.seq for each in self.events(limit=1)), 0)
        return self._follow(Following(query, after, back_off, on_break))

    def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        document: object = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Make one request, of any kind.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: from the root of the server: `/api/v1/events`.
            parameters: of the query.
            document: what to send as JSON.
            body: what to send as it is, in place of a document.
            content_type: of `body`.

        Returns:
            The JSON value of the answer, None where it is empty.

        Raises:
            Unreachable: no answer came, or one that is not Tocsin's.
            NotAllowed: the token does not open this.
            Refused: the server says why not.
        """
        return self._make(calls.anything(method, path, parameters, document, body, content_type))

    def pages(
        self, path: str, parameters: Mapping[str, str | int] | None = None, *, limit: int | None = None
    ) -> Iterator[Item]:
        """Give the items of any list, page after page as they are needed.

        Args:
            path: of the list.
            parameters: of the query; `limit` and `cursor` are set here.
            limit: how many items at most, None for all.

        Raises:
            ClientError: as `request` raises, with each page.
        """
        paging = Paging(path, parameters, limit, self._address.host)
        while (call := paging.following()) is not None:
            yield from paging.take(self._make(call))

    def _make(self, call: Call[T]) -> T:
        with self._address.connection():
            response = self._http.request(call.method, call.path, **call.options)
        return call.read(response)

    def _follow(self, following: Following) -> Iterator[Event]:
        while True:
            try:
                yield from self._listen(following)
                failure: ClientError = Unreachable("the server ended the stream")
            except ClientError as broken:
                failure = broken
            time.sleep(following.break_off(failure))

    def _listen(self, following: Following) -> Iterator[Event]:
        """Give events while one connection lasts."""
        with (
            self._address.connection(),
            self._http.sse(PATH, params=following.parameters, timeout=SILENCE_SECONDS) as source,
        ):
            if not following.is_opened(source.response):
                source.response.read()
                read(source.response)
                raise Unreachable(f"{self._address.host} answered with something that is no stream")
            for message in source:
                if (event := following.hear(message)) is not None:
                    yield event
