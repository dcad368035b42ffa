"""`POST /in/{source_id}/{access_key}`: any format, as the source says or as the payload looks."""

from collections.abc import Iterable
from typing import Final

from litestar.types import HTTPScope, Receive, Send

from tocsin.api.intake import Intake
from tocsin.api.shapes import Receipts, receipt_item
from tocsin.dialects.asgi import Gone, Refused, answer, encode, retry_after
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.hub.hub import Hub

PREFIX: Final = "/in/"


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
            receipts = await self._take(scope, receive)
        except Gone:
            return
        except Refused as refused:
            await self._fail(send, refused.status, "refused", str(refused))
        except BadPayload as fault:
            await _problem(send, 400, "bad_payload", str(fault))
        except Unauthenticated:
            await self._fail(send, 404, "unknown_key", "unknown source or key: look at the URL")
        except SourceDisabled as fault:
            await self._fail(send, 403, "source_disabled", str(fault))
        except RateExceeded as fault:
            await self._fail(send, 429, "too_many", str(fault), [retry_after(fault.retry_after)])
        except Unavailable as fault:
            await self._fail(send, 503, "unavailable", str(fault), [retry_after(fault.retry_after)])
        else:
            await answer(send, 200, receipts)

    async def _take(self, scope: HTTPScope, receive: Receive) -> bytes:
        parts = scope["path"].removeprefix(PREFIX).rstrip("/").split("/")
        if len(parts) != 2:
            raise Refused(404, "no such path: /in/SOURCE_ID/ACCESS_KEY is expected")
        if scope["method"] != "POST":
            raise Refused(405, "only POST is taken here")
        source_id, access_key = parts
        source = self._hub.authentication.source(access_key, source_id)
        receipts = await self._intake.deliver(scope, receive, source, {})
        return encode(Receipts([receipt_item(receipt) for receipt in receipts]))

    async def _fail(
        self, send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        self._hub.metrics.rejected.labels(code).inc()
        await _problem(send, status, code, detail, headers)


async def _problem(
    send: Send, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    body = encode({"status": status, "code": code, "detail": detail})
    extra = [*headers, (b"allow", b"POST")] if status == 405 else headers
    await answer(send, status, body, content_type=b"application/problem+json", headers=extra)
