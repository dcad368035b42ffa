"""`POST /in/{source_id}/{access_key}`: any format, as the source says or as the payload looks."""

from collections.abc import Iterable
from typing import Final

import structlog
from litestar.types import HTTPScope, Receive, Send

from tocsin.api.intake import Intake
from tocsin.api.problems import members, problem
from tocsin.api.shapes import Receipts, receipt_item
from tocsin.dialects.asgi import Gone, Refused, answer, encode, retry_after
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.hub.hub import Hub
from tocsin.model.source import Source

PREFIX: Final = "/in/"
_log: Final = structlog.get_logger("tocsin.inlet")


class Inlet:
    """The inlet as an ASGI application.

    Args:
        hub: what authenticates.
        intake: what parses and records.
    """

    def __init__(self, hub: Hub, intake: Intake) -> None:
        self._hub = hub
        self._intake = intake

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request: 200 with receipts after the commit."""
        try:
            source = await self._find(scope)
        except Refused as refused:
            await self._fail(send, refused.status, refused.code, str(refused))
        except Unauthenticated:
            await self._fail(send, 404, "unknown_key", "unknown source or key: look at the URL")
        except SourceDisabled as fault:
            await self._fail(send, 403, "source_disabled", str(fault))
        except Unavailable as fault:
            await self._fail(send, 503, "unavailable", str(fault), [retry_after(fault.retry_after)])
        else:
            await self._deliver(scope, receive, send, source)

    async def _find(self, scope: HTTPScope) -> Source:
        parts = scope["path"].removeprefix(PREFIX).rstrip("/").split("/")
        if len(parts) != 2 or not all(parts):
            raise Refused(404, "no such path: /in/SOURCE_ID/ACCESS_KEY is expected")
        if scope["method"] != "POST":
            raise Refused(405, "only POST is taken here")
        source_id, access_key = parts
        return await self._hub.authentication.find_source(access_key, source_id)

    async def _deliver(self, scope: HTTPScope, receive: Receive, send: Send, source: Source) -> None:
        try:
            receipts = await self._intake.deliver(scope, receive, source, {})
        except Gone:
            return
        except Refused as refused:  # this and the next two are counted where they are found
            await _problem(send, refused.status, refused.code, str(refused))
        except BadPayload as fault:
            await _problem(send, 400, "bad_payload", str(fault))
        except RateExceeded as fault:
            await _problem(send, 429, "too_many", str(fault), [retry_after(fault.retry_after)])
        except Unavailable as fault:
            await self._fail(send, 503, "unavailable", str(fault), [retry_after(fault.retry_after)])
        except Exception:  # a fault of ours: the sender must try again, and not give up
            _log.exception("inlet_failed")
            await self._fail(send, 503, "internal", "Tocsin failed: try again", [retry_after(5)])
        else:
            body = encode(Receipts([receipt_item(receipt) for receipt in receipts]))
            await answer(send, 200, body)

    async def _fail(
        self, send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        self._hub.metrics.rejected.labels(code).inc()
        await _problem(send, status, code, detail, headers)


async def _problem(
    send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    body = encode(members(problem(status, detail, code=code)))
    extra = [*headers, (b"allow", b"POST")] if status == 405 else headers
    await answer(send, status, body, content_type=b"application/problem+json", headers=extra)
