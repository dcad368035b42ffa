"""What comes in by the native API and by `/in/`: bodies -> submissions -> receipts."""

from collections.abc import Collection, Mapping
from typing import Final

from litestar.types import HTTPScope, Receive
from msgspec.structs import replace

from tocsin.api.idempotency import hash_of, is_repeated, once_of
from tocsin.dialects.asgi import Refused, header, read_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.native import parse as native
from tocsin.dialects.parsed import Parsed
from tocsin.dialects.reception import AUTO, Reception, nothing_lost
from tocsin.hub.errors import Missing
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal
from tocsin.model.receipt import Receipt
from tocsin.model.rejected import Replay
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import WHOLE, Once, Payload, Refusal, Submission
from tocsin.store.errors import NotFound

_NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class Intake:
    """Takes what senders post, in whichever format.

    Args:
        hub: what authenticates and records.
        reception: takes payloads for their sources.
        body_limit: bytes of one request.
        body_seconds: how long a sender may take for it.
    """

    def __init__(self, hub: Hub, reception: Reception, *, body_limit: int, body_seconds: float) -> None:
        self._hub = hub
        self._reception = reception
        self._body_limit = body_limit
        self._body_seconds = body_seconds

    async def post(
        self, scope: HTTPScope, receive: Receive, principal: Principal, idempotency_key: str | None = None
    ) -> tuple[list[Receipt], bool]:
        """Take a request in the native shape.

        Args:
            scope: the request.
            receive: ASGI's.
            principal: who sends it.
            idempotency_key: what makes it known if it comes again, None for nothing.

        Returns:
            A receipt for each item, in order; and whether they are those of an earlier request.

        Raises:
            ProblemDetailsException: this is no key.
            BadPayload: the request as a whole is not understood; it is kept among the rejected.
            KeyReused: an earlier request with this key had another body.
            Refused, RateExceeded, Unavailable: it is not taken, or not now.
        """
        default, why_not = self._default(principal)
        body = await self._read(scope, receive)
        payload = Payload(native.FORMAT, header(scope, b"content-type"), {}, body)
        try:
            items = _items(payload)
            submissions = self._by_source(items, default, why_not, principal, payload)
            refusals = submissions[0].refusals
            if items.single and refusals:
                raise BadPayload(refusals[0].reason)
        except BadPayload as fault:
            await self._reception.keep_rejected(default, payload, fault)
            raise
        once = None
        if idempotency_key is not None:
            once = once_of(idempotency_key, principal, scope["path"], payload.content_type, body)
        for submission in submissions:
            submission.once = once
        receipts = await self._reception.record(submissions)
        return receipts, is_repeated(once)

    async def deliver(
        self, scope: HTTPScope, receive: Receive, source: Source, context: Mapping[str, str]
    ) -> list[Receipt]:
        """Take a request in the format of its source.

        What the format does not understand becomes an event of kind error, item by item, unless its sender
        reads the answer.

        Raises:
            BadPayload: it is not JSON, or its sender reads the answer and nothing of it is understood; it is
                kept among the rejected.
            Refused, RateExceeded, Unavailable: it is not taken, or not now.
        """
        body = await self._read(scope, receive)
        payload = Payload(source.format, header(scope, b"content-type"), dict(context), body)
        return await self._reception.deliver(source, payload, lambda parsed: nothing_lost(_not_empty(parsed)))

    async def attempt(
        self, scope: HTTPScope, receive: Receive, source: Source
    ) -> tuple[Submission, list[Refusal]]:
        """Understand a request as `deliver` would. Nothing is recorded, kept or counted.

        Returns:
            What would be recorded, and what of the request its format does not understand: that is recorded
            as events of kind error, or refused where the sender reads the answer.

        Raises:
            BadPayload: it is not JSON.
            Refused: it is too large or too slow.
        """
        body = await read_body(scope, receive, limit=self._body_limit, seconds=self._body_seconds)
        payload = Payload(source.format, header(scope, b"content-type"), {}, body)
        parsed = _not_empty(self._reception.understand(source, payload))
        signals = nothing_lost(parsed)
        return Submission(source, replace(payload, format=parsed.format), signals), parsed.refusals

    async def replay(
        self,
        payload: Payload,
        source: Source,
        indexes: Collection[int],
        principal: Principal,
        replay: Replay,
    ) -> list[Receipt]:
        """Take again what was rejected of a request: all of it and once, or nothing.

        Args:
            payload: the request.
            source: which sent it.
            indexes: which of its items were rejected, the others were recorded then; `WHOLE` among them where
                all were.
            principal: who asks for it.
            replay: what goes from the rejected as it is recorded.

        Raises:
            BadPayload: it is not understood still.
            NotFound: its source takes nothing, or one that it names.
            RateExceeded, Unavailable: it is not taken now.
        """
        if not source.enabled:
            raise NotFound(f"the source {source.name} is disabled")
        if payload.format == native.FORMAT:
            submissions = self._by_source(_items(payload), source, "", principal, payload)
        else:
            parsed = self._reception.read(source, payload)
            payload = replace(payload, format=parsed.format)
            submissions = [Submission(source, payload, parsed.signals, parsed.refusals)]
        # Two who ask at the same time get the same answer.
        once = Once(hash_of(b"replay", replay.rejected.payload_id.encode()), "")
        wanted = []
        for each in submissions:
            for refusal in each.refusals:
                if refusal.index == WHOLE:
                    raise BadPayload(refusal.reason)
                if WHOLE in indexes or refusal.index in indexes:
                    raise BadPayload(f"item {refusal.index}: {refusal.reason}")
            signals = [s for s in each.signals if WHOLE in indexes or s.index in indexes]
            if signals:
                wanted.append(Submission(each.source, payload, signals, once=once, replay=replay))
        if not wanted:
            raise BadPayload("it holds no event")
        return await self._reception.record(wanted)

    async def _read(self, scope: HTTPScope, receive: Receive) -> bytes:
        try:
            return await read_body(scope, receive, limit=self._body_limit, seconds=self._body_seconds)
        except Refused as refused:
            self._reception.count(refused.code)
            raise

    def _default(self, principal: Principal) -> tuple[Source, str]:
        """Give the source of what names none, and why it takes nothing; '' where it does."""
        if principal.source is not None:
            return principal.source, ""
        try:
            first = self._hub.authentication.first_source(principal.domain_id)
        except Missing as fault:
            nobody = Source("", principal.domain_id, "", "", AUTO, True, "", SourceOptions(), 0)
            return nobody, str(fault)
        return first, "" if first.enabled else f"the source {first.name} is disabled"

    def _by_source(
        self, items: native.Items, default: Source, why_not: str, principal: Principal, payload: Payload
    ) -> list[Submission]:
        """Part the signals by the source that each names; most name none and stay together.

        Returns:
            The default source's first, with everything that is refused.
        """
        first = Submission(default, payload, [], items.refusals)
        parts = {} if why_not else {"": first, default.id: first}
        for signal, source_id in zip(items.signals, items.source_ids, strict=True):
            try:
                if source_id not in parts:
                    named = self._named(source_id, why_not, principal)
                    parts[source_id] = Submission(named, payload, [])
                parts[source_id].signals.append(signal)
            except NotFound as fault:
                first.refusals.append(Refusal(signal.index, f"source_id: {fault}"))
        return [first, *(part for part in parts.values() if part.source is not default)]

    def _named(self, source_id: str, why_not: str, principal: Principal) -> Source:
        if not source_id:
            raise NotFound(why_not)
        if principal.source is not None:
            raise NotFound("the key of a source sends for that source only")
        source = self._hub.authentication.source_by_id(principal.domain_id, source_id)
        if not source.enabled:
            raise NotFound(f"the source {source.name} is disabled")
        return source


def _items(payload: Payload) -> native.Items:
    lines = payload.content_type.partition(";")[0].strip().lower() in _NDJSON
    return native.of_body(payload.body, lines=lines)


def _not_empty(parsed: Parsed) -> Parsed:
    """Make what holds no event a refusal: nothing that is sent here is dropped in silence."""
    if parsed.signals or parsed.refusals:
        return parsed
    return Parsed(parsed.format, [], [Refusal(0, "it holds no event")])
