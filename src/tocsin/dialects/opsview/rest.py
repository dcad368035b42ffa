"""The API over HTTP: `/rest/...`."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from litestar.types import HTTPScope, Receive, Send

from tocsin.dialects.asgi import Gone, Refused, answer, header, read_body, retry_after
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opsview import bodies, formats
from tocsin.dialects.opsview.caller import NOBODY, find_caller
from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.parameters import of_form
from tocsin.dialects.opsview.router import Document, Request, Route, Router
from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import (
    Forbidden,
    InUse,
    Missing,
    RateExceeded,
    Taken,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
)

PREFIX: Final = "/rest"

_PUBLIC_BYTES: Final = 64 * 1024
"""Bytes of a request that anybody may send."""
_QUICK_BYTES: Final = 64 * 1024
"""Bytes that are read on the event loop, and not in a thread."""
_NO_STORE: Final = (b"cache-control", b"no-store")
_log: Final = structlog.get_logger("tocsin.opsview")


class Rest:
    """The endpoints as an ASGI application.

    Args:
        authentication: what knows who asks.
        routes: what is answered.
        body_limit: bytes of one request.
        body_seconds: how long a sender may take for it.
    """

    def __init__(
        self, authentication: Authentication, routes: Iterable[Route], *, body_limit: int, body_seconds: float
    ) -> None:
        self._authentication = authentication
        self._router = Router(routes)
        self._body_limit = body_limit
        self._body_seconds = body_seconds

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        written = formats.wanted(header(scope, b"accept"))
        status, headers = 200, [_NO_STORE]
        try:
            with _told(scope):
                document = await self._answer(scope, receive)
                # Whatever is not JSON takes long to write.
                write = asyncio.to_thread(written.write, document) if written is not formats.JSON else None
                body = formats.JSON.write(document) if write is None else await write
        except Gone:
            return
        except OpsviewError as fault:
            status = fault.status
            body = written.write({"message": fault.message, "detail": fault.detail})
            if fault.retry_after:
                headers.append(retry_after(fault.retry_after))
            if fault.allowed:
                headers.append((b"allow", ", ".join(fault.allowed).encode()))
        await answer(send, status, body, content_type=written.media_type, headers=headers)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Document:
        operation, below = self._router.find(_method(scope), _path(scope))
        caller, limit = NOBODY, min(self._body_limit, _PUBLIC_BYTES)
        if operation.action is not None:
            caller = await find_caller(self._authentication, scope, operation.action)
            limit = self._body_limit
        body = await read_body(scope, receive, limit=limit, seconds=self._body_seconds)
        content_type = header(scope, b"content-type")
        if len(body) <= _QUICK_BYTES:
            document, given = bodies.read(content_type, body)
        else:
            document, given = await asyncio.to_thread(bodies.read, content_type, body)
        in_url = of_form(scope["query_string"])
        client = scope["client"]
        address = client[0] if client else ""
        return await operation.handle(Request(caller, below, in_url.under(given), in_url, document, address))


def _path(scope: HTTPScope) -> str:
    path: str = scope["path"].removeprefix(PREFIX)
    if path and not path.startswith("/"):
        raise OpsviewError(404, "there is no such path")
    return path


def _method(scope: HTTPScope) -> str:
    """Give the method that is meant: a POST can carry another, for clients that can send no other."""
    method: str = scope["method"]
    tunneled = header(scope, b"x-tunneled-method").strip().upper() if method == "POST" else ""
    return tunneled or method


@contextmanager
def _told(scope: HTTPScope) -> Iterator[None]:
    """Tell what fails in a block in Opsview's shape.

    Raises:
        OpsviewError: it failed.
        Gone: there is nobody to tell.
    """
    try:
        yield
    except (OpsviewError, Gone):
        raise
    except Refused as refused:
        raise OpsviewError(refused.status, str(refused)) from None
    except (BadPayload, TooMany) as fault:
        raise OpsviewError(400, str(fault)) from None
    except (Taken, InUse) as fault:
        raise OpsviewError(400, str(fault)) from None
    except Unauthenticated as fault:
        raise OpsviewError(401, str(fault)) from None
    except Forbidden as fault:
        raise OpsviewError(403, str(fault)) from None
    except Missing as fault:
        raise OpsviewError(404, str(fault)) from None
    except RateExceeded as fault:
        raise OpsviewError(429, str(fault), retry_after=fault.retry_after) from None
    except TooSlow as fault:
        raise OpsviewError(503, str(fault)) from None
    except Unavailable as fault:
        raise OpsviewError(503, str(fault), retry_after=fault.retry_after) from None
    except Exception:
        _log.exception("opsview_failed", path=scope["path"])
        raise OpsviewError(500, "something went wrong here", "it is in Tocsin's log") from None
