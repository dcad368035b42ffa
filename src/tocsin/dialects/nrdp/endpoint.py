"""NRDP's endpoint: `POST /nrdp/`, a form with token, and cmd=submitcheck with XMLDATA or JSONDATA, or
cmd=submitcmd with command.

Senders read the status in the body, 0 for success and -1 for failure; the status of HTTP says the same.
"""

from typing import Any, Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import structlog
from litestar.types import HTTPScope, Receive, Send

from tocsin.dialects import json_body
from tocsin.dialects.asgi import Gone, Refused, answer, encode, read_body, retry_after
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.nrdp.parse import FORMAT, of_xml, parse
from tocsin.dialects.parsed import Parsed, Reader, refused
from tocsin.hub.errors import RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.hub.hub import Hub
from tocsin.model.source import Source
from tocsin.model.submission import WHOLE, Payload, Refusal, Submission

_log: Final = structlog.get_logger("tocsin.nrdp")
PREFIX: Final = "/nrdp"
_FIELDS: Final = 20
_COMMAND: Final = "submitcmd"
_XML: Final = b"text/xml; charset=utf-8"


class Nrdp:
    """The endpoint as an ASGI application.

    Args:
        hub: what authenticates and records.
        read_commands: reads external commands of Nagios.
        body_limit: bytes of one request; until it is read, anybody may have sent it.
        body_seconds: how long a sender may take for it.
    """

    def __init__(self, hub: Hub, read_commands: Reader, *, body_limit: int, body_seconds: float) -> None:
        self._hub = hub
        self._read_commands = read_commands
        self._body_limit = body_limit
        self._body_seconds = body_seconds

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        form = _Form({})
        try:
            form = await self._read(scope, receive)
            taken = await self._take(form)
        except Gone:
            return
        except Refused as refused:
            await self._fail(send, form, refused.status, refused.code, str(refused))
        except BadPayload as fault:
            await self._fail(send, form, 400, "bad_payload", str(fault))
        except Unauthenticated:
            await self._fail(send, form, 403, "unknown_key", "BAD TOKEN: it is no source's access key")
        except SourceDisabled as fault:
            await self._fail(send, form, 403, "source_disabled", str(fault))
        except RateExceeded as fault:
            await self._fail(send, form, 429, "too_many", str(fault), fault.retry_after)
        except Unavailable as fault:
            await self._fail(send, form, 503, "unavailable", str(fault), fault.retry_after)
        except Exception:  # a fault of ours: the sender must try again
            _log.exception("nrdp_failed")
            await self._fail(send, form, 503, "internal", "Tocsin failed: try again", 5)
        else:
            await _say(send, form, 200, 0, "OK", taken)

    async def _read(self, scope: HTTPScope, receive: Receive) -> "_Form":
        if scope["path"].rstrip("/") != PREFIX:
            raise Refused(404, "no such path: /nrdp/ is expected")
        if scope["method"] != "POST":
            raise Refused(405, "only POST is taken here")
        body = await read_body(scope, receive, limit=self._body_limit, seconds=self._body_seconds)
        try:
            given = parse_qs(
                b"&".join(filter(None, (body.strip(), scope["query_string"]))).decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_FIELDS,
            )
        except UnicodeDecodeError:
            raise BadPayload("the form is not UTF-8") from None
        except ValueError:
            raise BadPayload(f"the form has more than {_FIELDS} fields") from None
        return _Form({name: values[0] for name, values in given.items()})

    async def _take(self, form: "_Form") -> str:
        """Record what a form brings; say what of it was taken.

        What is refused beside results that are taken is kept among the rejected: were it a failure, the
        sender would send all of them once more, and each would count twice.
        """
        source = await self._hub.authentication.find_source(form.text("token"))
        parsed = self._understand(source, form)
        self._hub.rates.take(source, max(1, len(parsed.signals)))
        payload = Payload(parsed.format, form.kept_type, {}, form.kept())
        await self._hub.recorder.record(Submission(source, payload, parsed.signals, parsed.refusals))
        if not parsed.signals:
            raise BadPayload(refused(parsed.refusals))
        taken = f"{len(parsed.signals)} {'commands' if form.is_command else 'checks'} processed"
        if not parsed.refusals:
            return f"{taken}."
        return f"{taken}, {len(parsed.refusals)} not taken: {parsed.refusals[0].reason}"

    def _understand(self, source: Source, form: "_Form") -> Parsed:
        if form.is_command:
            return self._read_commands(form.kept())
        try:
            return parse(form.document(), {}, source.options.format_options)
        except BadPayload as fault:
            return Parsed(FORMAT, [], [Refusal(WHOLE, str(fault))])

    async def _fail(
        self,
        send: Send,
        form: "_Form",
        status: int,
        code: str,
        message: str,
        seconds: int | None = None,
    ) -> None:
        self._hub.metrics.rejected.labels(code).inc()
        headers = [retry_after(seconds)] if seconds is not None else []
        if status == 405:
            headers.append((b"allow", b"POST"))
        await _say(send, form, status, -1, message, "", headers)


class _Form:
    """A form that was sent. Its token is in nothing that is kept or shown."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given

    @property
    def is_json(self) -> bool:
        """Whether the sender speaks JSON; else it is answered in XML."""
        return "JSONDATA" in self._given or "json" in self._given

    @property
    def is_command(self) -> bool:
        """Whether it holds external commands; else results."""
        return self.text("cmd") == _COMMAND

    def text(self, name: str) -> str:
        """Give a field; '' where it is missing."""
        return self._given.get(name, "")

    def document(self) -> Any:
        """Read the results.

        Raises:
            BadPayload: there are none, or they cannot be read.
        """
        if self.text("cmd") != "submitcheck":
            raise BadPayload(f"cmd: only submitcheck and {_COMMAND} are taken here")
        if "JSONDATA" in self._given or "json" in self._given:
            return json_body.decode((self.text("JSONDATA") or self.text("json")).encode())
        if "XMLDATA" in self._given:
            return of_xml(self.text("XMLDATA"))
        raise BadPayload("JSONDATA or XMLDATA is missing")

    @property
    def kept_type(self) -> str:
        """The media type of what is kept of it."""
        return "text/plain" if self.is_command else "application/json"

    def kept(self) -> bytes:
        """Give what is kept of it: results in JSON where they can be read, else as they came."""
        if self.is_command:
            return self.text("command").encode()
        try:
            return encode(self.document())
        except BadPayload:
            return (self.text("JSONDATA") or self.text("XMLDATA") or self.text("json")).encode()


async def _say(
    send: Send,
    form: _Form,
    status: int,
    number: int,
    message: str,
    output: str,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    if form.is_json:
        result: dict[str, Any] = {"status": number, "message": message}
        if output:
            result["meta"] = {"output": output}
        await answer(send, status, encode({"result": result}), headers=headers or [])
        return
    more = f"<meta><output>{escape(output)}</output></meta>" if output else ""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<result><status>{number}</status>'
        f"<message>{escape(message)}</message>{more}</result>\n"
    )
    await answer(send, status, body.encode(), content_type=_XML, headers=headers or [])
