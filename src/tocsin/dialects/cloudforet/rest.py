"""The methods over HTTP as Cloudforet's gateways give them, and the intake of its webhooks.

`POST /monitoring/v1/RESOURCE/VERB` and `/monitoring/RESOURCE/VERB` take and give JSON. Senders post to
`/monitoring/v1/webhook/WEBHOOK_ID/ACCESS_KEY/events`, and look at nothing but whether it is a 200.
"""

import re
from typing import Final

from litestar.types import HTTPScope, Receive, Send

from tocsin.dialects import json_body
from tocsin.dialects.asgi import Gone, Refused, answer, encode, header, read_body, retry_after
from tocsin.dialects.cloudforet.errors import CloudforetError, invalid
from tocsin.dialects.cloudforet.event import Events
from tocsin.dialects.cloudforet.messages import read_json, write_json
from tocsin.dialects.cloudforet.methods import Method
from tocsin.dialects.cloudforet.service import Service, told
from tocsin.dialects.errors import BadPayload

PREFIX: Final = "/monitoring/"
CHECK: Final = "/check"
"""Where Cloudforet's own intake says that it runs."""

_VERSIONED: Final = "/monitoring/v1/"
_WEBHOOK: Final = re.compile("/monitoring/v1/webhook/(?P<webhook_id>[^/]+)/(?P<access_key>[^/]+)/events/?")
_BEARER: Final = "bearer "
_EMPTY: Final = b"{}"
_SERVING: Final = b'{"status":"SERVING"}'
_NO_CODE: Final = "ERROR_UNKNOWN"


class Rest:
    """The endpoints as an ASGI application.

    Args:
        service: what answers.
        events: takes what webhooks are sent.
        body_limit: bytes of one request.
        body_seconds: how long a sender may take for it.
    """

    def __init__(self, service: Service, events: Events, *, body_limit: int, body_seconds: float) -> None:
        self._service = service
        self._events = events
        self._body_limit = body_limit
        self._body_seconds = body_seconds
        self._methods: dict[str, Method] = {}
        for method in service.methods:
            self._methods[method.path] = method
            self._methods[PREFIX + method.path.removeprefix(_VERSIONED)] = method

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await self._answer(scope, receive)
        except Gone:
            return
        except Refused as refused:
            await _fail(send, refused.status, _NO_CODE, str(refused))
        except CloudforetError as fault:
            await _fail(send, fault.status.http, fault.code, fault.message, fault.retry_after)
        else:
            await answer(send, 200, body)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> bytes:
        path = scope["path"]
        if path == CHECK:
            return _SERVING
        if webhook := _WEBHOOK.fullmatch(path):
            _only_post(scope)
            return await self._take(scope, receive, **webhook.groupdict())
        if method := self._methods.get(path):
            _only_post(scope)
            return await self._call(scope, receive, method)
        raise Refused(404, "there is no such path")

    async def _call(self, scope: HTTPScope, receive: Receive, method: Method) -> bytes:
        body = await self._read(scope, receive)
        try:
            document = json_body.decode(body) if body.strip() else {}
        except BadPayload as fault:
            raise invalid("", str(fault)) from None
        request = read_json(method.request, document)
        return encode(write_json(method.response, await self._service.call(method, request, _token(scope))))

    async def _take(self, scope: HTTPScope, receive: Receive, webhook_id: str, access_key: str) -> bytes:
        with told("webhook"):
            source = await self._events.find_webhook(webhook_id, access_key)
        try:
            body = await self._read(scope, receive)
        except Refused as refused:
            self._events.count(refused.code)
            raise
        with told("webhook"):
            await self._events.record(source, body, header(scope, b"content-type"))
        return _EMPTY

    async def _read(self, scope: HTTPScope, receive: Receive) -> bytes:
        return await read_body(scope, receive, limit=self._body_limit, seconds=self._body_seconds)


def _only_post(scope: HTTPScope) -> None:
    if scope["method"] != "POST":
        raise Refused(405, "only POST is taken here")


def _token(scope: HTTPScope) -> str:
    given = header(scope, b"authorization")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""


async def _fail(send: Send, status: int, code: str, message: str, seconds: int = 0) -> None:
    headers = [retry_after(seconds)] if seconds else []
    if status == 405:
        headers.append((b"allow", b"POST"))
    await answer(send, status, encode({"detail": {"code": code, "message": message}}), headers=headers)
