"""A job that reports its failure, and its recovery."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar, cast

from tocsin.client import fitting
from tocsin.client.answers import Item
from tocsin.client.async_client import AsyncClient
from tocsin.client.client import Client
from tocsin.client.errors import ClientError

P = ParamSpec("P")
R = TypeVar("R")

_log: Final = logging.getLogger("tocsin.job")


class job:  # noqa: N801 - used as a function is: `with job("backup db1"):`
    """Reports how a block, or a function, ends: a problem if it fails, a recovery if it does not.

    `with`, `async with`, or a decorator of a function or an async function. The error goes on as it would
    without; a Tocsin that cannot be told is a warning of the logger `tocsin.job` and changes nothing.

    Every `Exception` is a failure, and so is `sys.exit` with anything but success. What is interrupted or
    cancelled from outside is not reported.

    Args:
        name: what the job is called. It is the key too, so failures in a row join one alert, and the first
            success resolves it.
        client: whom to tell: for async code an `AsyncClient`, else a `Client`; None makes one that takes
            address and token from the environment, `TOCSIN_URL` and `TOCSIN_TOKEN`.
        severity: of its failure.
        host: the host that it is about, '' for none. The job is a service on it.
        labels: to keep beside it.
    """

    def __init__(
        self,
        name: str,
        *,
        client: Client | AsyncClient | None = None,
        severity: str = "critical",
        host: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._client = client
        self._about: Item = {
            "key": fitting.key(name),
            "host": fitting.name(host),
            # Without a service, the failure of a job would be the host's own: it would count as down.
            "service": fitting.name(name) if host else "",
            # What JSON does not know would let the report fail, and the job with it.
            "labels": {str(label): str(value) for label, value in (labels or {}).items()},
        }
        self._severity = severity

    def __enter__(self) -> Self:
        if isinstance(self._client, AsyncClient):
            raise TypeError("job: an AsyncClient needs `async with`")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        event = self._event(failure)
        if event is None:
            return
        try:
            with ExitStack() as stack:
                client = self._client or stack.enter_context(Client())
                cast("Client", client).send(event)
        except (ClientError, ValueError) as untold:
            self._warn(untold)

    async def __aenter__(self) -> Self:
        if isinstance(self._client, Client):
            raise TypeError("job: a Client would hold up async code: give an AsyncClient")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        event = self._event(failure)
        if event is None:
            return
        try:
            async with AsyncExitStack() as stack:
                client = self._client or await stack.enter_async_context(AsyncClient())
                await cast("AsyncClient", client).send(event)
        except (ClientError, ValueError) as untold:
            self._warn(untold)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Report how each call of a function ends."""
        if iscoroutinefunction(function):
            awaited = cast("Callable[P, Awaitable[Any]]", function)

            @wraps(function)
            async def asynchronous(*args: P.args, **named: P.kwargs) -> Any:
                async with self:
                    return await awaited(*args, **named)

            return cast("Callable[P, R]", asynchronous)

        @wraps(function)
        def synchronous(*args: P.args, **named: P.kwargs) -> R:
            with self:
                return function(*args, **named)

        return synchronous

    def _event(self, failure: BaseException | None) -> Item | None:
        """Say what to report, None for nothing."""
        if failure is None or (isinstance(failure, SystemExit) and failure.code in {None, 0}):
            return self._about | {"kind": "recovery", "title": fitting.title(f"{self._name} succeeded")}
        if not isinstance(failure, Exception | SystemExit):
            return None
        what = traceback.format_exception_only(failure)[-1].strip()
        return self._about | {
            "kind": "problem",
            "severity": self._severity,
            "title": fitting.title(f"{self._name} failed: {what}"),
            "description": fitting.description("".join(traceback.format_exception(failure))),
        }

    def _warn(self, untold: Exception) -> None:
        _log.warning("the end of %s was not reported: %s", self._name, untold)
