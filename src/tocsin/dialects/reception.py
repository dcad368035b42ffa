"""What inlets share that know their source before they read its payload: the format of the source understands
it, and the recorder takes what it says.
"""

from collections.abc import Awaitable, Callable, Mapping
from itertools import chain
from typing import Final, TypeAlias

from msgspec.structs import replace

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, Parser, Reader, not_understood, refused
from tocsin.hub.errors import RateExceeded
from tocsin.hub.hub import Hub
from tocsin.model.receipt import Receipt
from tocsin.model.signal import Signal
from tocsin.model.source import Source
from tocsin.model.submission import WHOLE, Payload, Refusal, Submission

AUTO: Final = "auto"

Confirm: TypeAlias = Callable[[str], Awaitable[str]]
"""Asks for an address, and gives why it did not answer; '' where it did."""


class Reception:
    """Takes payloads for sources, whichever way they came.

    Args:
        hub: what records.
        parsers: by format, those of JSON.
        readers: by format, those of anything else.
        detect: gives the format of a document whose source says 'auto'.
        confirm: asks for what senders want to be confirmed.
    """

    def __init__(
        self,
        hub: Hub,
        parsers: Mapping[str, Parser],
        readers: Mapping[str, Reader],
        detect: Callable[[object], str],
        confirm: Confirm,
    ) -> None:
        self._hub = hub
        self._parsers = parsers
        self._readers = readers
        self._detect = detect
        self._confirm = confirm

    def understand(self, source: Source, payload: Payload) -> Parsed:
        """Parse a payload. What its format does not understand is one refusal.

        Args:
            source: where it came in.
            payload: its format is that of its source, or that of the way in by which it came.

        Raises:
            BadPayload: it is not JSON, or not such that it can be stored.
        """
        if (reader := self._readers.get(payload.format)) is not None:
            return reader(payload.body)
        document = json_body.decode(payload.body)
        try:
            return self._parse(source, payload, document)
        except BadPayload as fault:
            return Parsed(self._format_of(payload, document), [], [Refusal(0, str(fault))])

    def read(self, source: Source, payload: Payload) -> Parsed:
        """Parse a payload that came before, as the way in by which it came does, whole or not at all.

        Raises:
            BadPayload: it is not JSON, or its format does not understand it.
        """
        if (reader := self._readers.get(payload.format)) is not None:
            return reader(payload.body)
        return self._parse(source, payload, json_body.decode(payload.body))

    def _parse(self, source: Source, payload: Payload, document: object) -> Parsed:
        parser = self._parsers.get(self._format_of(payload, document))
        if parser is None:
            raise BadPayload(f"what came as {payload.format} is not read here")
        return parser(document, payload.context, source.options.format_options)

    def _format_of(self, payload: Payload, document: object) -> str:
        """Give the format that the document of a payload is in."""
        return self._detect(document) if payload.format == AUTO else payload.format

    async def deliver(
        self, source: Source, payload: Payload, signals_of: Callable[[Parsed], list[Signal]]
    ) -> list[Receipt]:
        """Record a payload. When this returns, it is on disk.

        Args:
            source: where it came in.
            payload: as it came; its format becomes the one that understood it.
            signals_of: gives what is recorded; where that is nothing, nothing is.

        Raises:
            BadPayload: it is not JSON, or its sender reads the answer and nothing of it is understood; it is
                kept among the rejected.
            RateExceeded, Unavailable: it is not taken now.
        """
        try:
            parsed = self.understand(source, payload)
        except BadPayload as fault:
            await self.keep_rejected(source, payload, fault)
            raise
        if parsed.confirm and await self._confirmed(source, parsed):
            return []
        signals = signals_of(parsed)
        payload = replace(payload, format=parsed.format)
        refusals = parsed.refusals if parsed.is_answered else []
        if signals:
            return await self.record([Submission(source, payload, signals, refusals)])
        if refusals:
            await self._keep(source, payload, refusals)
            raise BadPayload(refused(refusals))
        return []

    async def _confirmed(self, source: Source, parsed: Parsed) -> bool:
        """Confirm what a sender wants to be confirmed; where that fails, its signals say why."""
        self._take(source, 1)
        trouble = await self._confirm(parsed.confirm)
        for signal in parsed.signals if trouble else []:
            signal.remarks.append(f"not confirmed: {trouble}")
        return not trouble

    async def record(self, submissions: list[Submission]) -> list[Receipt]:
        """Record what one request brought, and give its receipts in the order of its items.

        Raises:
            RateExceeded, Unavailable: it is not taken now.
        """
        for submission in submissions:
            self._take(submission.source, len(submission.signals))
        if len(submissions) == 1:
            return await self._hub.recorder.record(submissions[0])
        given = await self._hub.recorder.record_together(submissions)
        return sorted(chain.from_iterable(given), key=lambda receipt: receipt.index)

    async def keep_rejected(self, source: Source, payload: Payload, fault: BadPayload) -> None:
        """Keep a payload that is not understood at all.

        Raises:
            RateExceeded, Unavailable: it is not taken now.
        """
        await self._keep(source, payload, [Refusal(WHOLE, str(fault))])

    async def _keep(self, source: Source, payload: Payload, refusals: list[Refusal]) -> None:
        self._take(source, 1)
        self.count("bad_payload")
        await self._hub.recorder.record(Submission(source, payload, [], refusals))

    def count(self, reason: str) -> None:
        """Count something that is not taken."""
        self._hub.metrics.rejected.labels(reason).inc()

    def _take(self, source: Source, signals: int) -> None:
        try:
            self._hub.rates.take(source, signals)
        except RateExceeded:
            self.count("too_many")
            raise


def nothing_lost(parsed: Parsed, misfit: Callable[[str], Signal] = not_understood) -> list[Signal]:
    """Give a signal for each item, in order; for those that are refused to their sender there is none.

    Args:
        parsed: what a payload holds.
        misfit: gives the signal for what is not understood, by the reason.
    """
    if parsed.is_answered:
        return parsed.signals
    faults = [replace(misfit(each.reason), index=each.index) for each in parsed.refusals]
    return sorted([*parsed.signals, *faults], key=lambda signal: signal.index)
