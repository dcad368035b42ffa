"""The VictorOps REST endpoint: `POST /integrations/{vendor}/{version}/alert[/{api_key}[/{routing_key}]]`.

Senders know exactly 200 as success, and some give up for good at a 404: so a disabled key is a 403 and any
trouble of Tocsin's own a 503 with Retry-After.
"""

from typing import Final
from urllib.parse import unquote

import structlog
from litestar.types import HTTPScope, Receive, Send

from tocsin.dialects import json_body
from tocsin.dialects.asgi import Gone, Refused, answer, encode, header, read_body, retry_after
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.victorops.parse import body_keys, parse
from tocsin.hub.errors import RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.hub.hub import Hub
from tocsin.model.receipt import Outcome
from tocsin.model.source import Source
from tocsin.model.submission import WHOLE, Payload, Refusal, Submission

_log: Final = structlog.get_logger("tocsin.victorops")
FORMAT: Final = "victorops"
PREFIX: Final = "/integrations/"
_NO_KEY_YET_BYTES: Final = 64 * 1024
"""Bytes of a message whose key is in its body: until that is read, anybody may have sent it."""
_NO_SUCH_KEY: Final = "unknown API key: look at the URL"
_SUCCESS: Final = b'{"result":"success","entity_id":%s}'


class VictorOps:
    """The endpoint as an ASGI application.

    Args:
        hub: what authenticates and records.
        body_limit: bytes of one message.
        body_seconds: how long a sender may take for it.
    """

    def __init__(self, hub: Hub, *, body_limit: int, body_seconds: float) -> None:
        self._hub = hub
        self._body_limit = body_limit
        self._body_seconds = body_seconds

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            entity_id = await self._take(scope, receive)
        except Gone:
            return
        except Refused as refused:
            await self._fail(send, refused.status, refused.code, str(refused))
        except BadPayload as fault:
            await self._fail(send, 400, "bad_payload", str(fault))
        except Unauthenticated:
            await self._fail(send, 404, "unknown_key", _NO_SUCH_KEY)
        except SourceDisabled as fault:
            await self._fail(send, 403, "source_disabled", str(fault))
        except RateExceeded as fault:
            await self._fail(send, 429, "too_many", str(fault), fault.retry_after)
        except Unavailable as fault:
            await self._fail(send, 503, "unavailable", str(fault), fault.retry_after)
        except Exception:  # a fault of ours: the sender must try again, and not give up
            _log.exception("victorops_failed")
            await self._fail(send, 503, "internal", "Tocsin failed: try again", 5)
        else:
            await answer(send, 200, _SUCCESS % encode(entity_id))

    async def _take(self, scope: HTTPScope, receive: Receive) -> str:
        access_key, routing_key = _keys(scope)
        source = await self._hub.authentication.find_source(access_key) if access_key else None
        limit = self._body_limit if source is not None else min(self._body_limit, _NO_KEY_YET_BYTES)
        body = await read_body(scope, receive, limit=limit, seconds=self._body_seconds)
        if source is not None:
            self._hub.rates.take(source, 1)
        try:
            document = json_body.decode(body)
            if source is None:
                access_key, in_body = body_keys(document)
                source = await self._hub.authentication.find_source(access_key)
                routing_key = routing_key or in_body
                self._hub.rates.take(source, 1)
            signal = parse(document, routing_key)
        except BadPayload as fault:
            if source is not None:
                await self._keep_rejected(source, scope, body, routing_key, str(fault))
            raise
        entity_id = signal.key
        submission = Submission(source, _payload(scope, body, routing_key), [signal])
        receipt = (await self._hub.recorder.record(submission))[0]
        if receipt.outcome is Outcome.REJECTED:
            raise BadPayload(receipt.reason)
        return entity_id

    async def _keep_rejected(
        self, source: Source, scope: HTTPScope, body: bytes, routing_key: str, reason: str
    ) -> None:
        payload = _payload(scope, body, routing_key)
        await self._hub.recorder.record(Submission(source, payload, [], [Refusal(WHOLE, reason)]))

    async def _fail(
        self, send: Send, status: int, code: str, message: str, seconds: int | None = None
    ) -> None:
        self._hub.metrics.rejected.labels(code).inc()
        headers = [retry_after(seconds)] if seconds is not None else []
        if status == 405:
            headers.append((b"allow", b"POST"))
        body = encode({"result": "failure", "message": message})
        await answer(send, status, body, headers=headers)


def _payload(scope: HTTPScope, body: bytes, routing_key: str) -> Payload:
    context = {"routing_key": routing_key} if routing_key else {}
    return Payload(FORMAT, header(scope, b"content-type"), context, body)


def _keys(scope: HTTPScope) -> tuple[str, str]:
    """Give the API key and routing key that the path names, '' for what it leaves out."""
    parts = [unquote(part) for part in _raw_path(scope).removeprefix(PREFIX).rstrip("/").split("/")]
    if len(parts) not in {3, 4, 5} or parts[2] != "alert":
        raise Refused(404, "no such path: /integrations/VENDOR/VERSION/alert/API_KEY/ROUTING_KEY is expected")
    if scope["method"] != "POST":
        raise Refused(405, "only POST is taken here")
    access_key, routing_key = [*parts[3:], "", ""][:2]
    # A path can say %00, which is part of no text.
    return access_key, routing_key.replace("\x00", "")


def _raw_path(scope: HTTPScope) -> str:
    """Give the path as it was sent: a routing key may hold an escaped slash."""
    return (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
