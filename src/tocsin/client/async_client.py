"""The client of the native API for async code: `Client` with its methods awaited, on asyncio and trio."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
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


class AsyncClient:
    """Speaks to one Tocsin. An async context manager, since it keeps its connections open.

    Arguments, results and errors are those of `Client`.

    Args:
        url: where the server is; '' takes url and token from the environment.
        token: a user's token, or the key of a source.
        timeout: seconds for each step of a request.
        patience: seconds during which `send` begins further attempts.

    Raises:
        ValueError: the URL is not one of http or https, or the token has characters that no token has.
    """

    def __init__(
        self, url: str = "", token: str = "", *, timeout: float = 30.0, patience: float = 60.0
    ) -> None:
        self._address = ServerAddress.of(url, token)
        self._patience = patience
        self._http = httpx2.AsyncClient(
            base_url=self._address.base,
            headers=self._address.headers,
            timeout=timeout,
            follow_redirects=False,
            verify=self._address.trust,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def send(self, events: NewEvents, *, idempotency_key: str = "") -> list[Receipt]:
        """Send events, as `Client.send` does."""
        from stamina import retry_context  # noqa: PLC0415 - takes long to load, and only sending needs it

        call = calls.sending(events, idempotency_key)
        async for attempt in retry_context(Patience(self._patience, BackOff()), attempts=None, timeout=None):
            with attempt:
                receipts = await self._make(call)
        return receipts

    async def events(
        self,
        query: str = "",
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Event]:
        """Give the events that match, as `Client.events` does."""
        async for each in self.pages(calls.EVENTS, calls.search(query, since, until), limit=limit):
            yield Event.read(each)

    async def event(self, event_id: str) -> Event:
        """Give one event, as `Client.event` does."""
        return await self._make(calls.event(event_id))

    async def alerts(self, query: str = "", *, limit: int | None = None) -> AsyncIterator[Alert]:
        """Give the alerts that match, as `Client.alerts` does."""
        async for each in self.pages(calls.ALERTS, calls.search(query), limit=limit):
            yield Alert.read(each)

    async def alert(self, alert_id: str) -> Alert:
        """Give one alert with its timeline."""
        return await self._make(calls.alert(alert_id))

    async def acknowledge(self, alert_id: str, comment: str = "", *, until: Moment | None = None) -> Alert:
        """Say that somebody is on it, as `Client.acknowledge` does."""
        return await self._make(calls.action(alert_id, "acknowledge", comment, until))

    async def unacknowledge(self, alert_id: str, comment: str = "") -> Alert:
        """Take an acknowledgement back."""
        return await self._make(calls.action(alert_id, "unacknowledge", comment))

    async def resolve(self, alert_id: str, comment: str = "") -> Alert:
        """Resolve an alert by hand."""
        return await self._make(calls.action(alert_id, "resolve", comment))

    async def note(self, alert_id: str, comment: str) -> Alert:
        """Write a note on an open alert."""
        return await self._make(calls.action(alert_id, "note", comment))

    async def tail(
        self,
        query: str = "",
        *,
        after: int | None = None,
        back_off: BackOff | None = None,
        on_break: OnBreak | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Give events as they are recorded, as `Client.tail` does; without `after` from the first step on."""
        if after is None:
            after = 0
            async for newest in self.events(limit=1):
                after = newest.seq
        following = Following(query, after, back_off, on_break)
        while True:
            try:
                async with aclosing(self._listen(following)) as events:
                    async for event in events:
                        yield event
                failure: ClientError = Unreachable("the server ended the stream")
            except ClientError as broken:
                failure = broken
            await anyio.sleep(following.break_off(failure))

    async def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        document: object = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Make one request of any kind, as `Client.request` does."""
        return await self._make(calls.anything(method, path, parameters, document, body, content_type))

    async def pages(
        self, path: str, parameters: Mapping[str, str | int] | None = None, *, limit: int | None = None
    ) -> AsyncIterator[Item]:
        """Give the items of any list, as `Client.pages` does."""
        paging = Paging(path, parameters, limit, self._address.host)
        while (call := paging.following()) is not None:
            for item in paging.take(await self._make(call)):
                yield item

    async def _make(self, call: Call[T]) -> T:
        with self._address.connection():
            response = await self._http.request(call.method, call.path, **call.options)
        return call.read(response)

    async def _listen(self, following: Following) -> AsyncGenerator[Event, None]:
        """Give events while one connection lasts."""
        with self._address.connection():
            async with self._http.sse(PATH, params=following.parameters, timeout=SILENCE_SECONDS) as source:
                if not following.is_opened(source.response):
                    await source.response.aread()
                    read(source.response)
                    raise Unreachable(f"{self._address.host} answered with something that is no stream")
                async for message in source:
                    if (event := following.hear(message)) is not None:
                        yield event
