"""The resource Event: what its methods do."""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from tocsin.dialects import json_body
from tocsin.dialects.cloudforet import api_direct
from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.document import is_field
from tocsin.dialects.cloudforet.errors import (
    CloudforetError,
    alert_feature_not_activated,
    invalid,
    not_found,
    permission_denied,
    unknown,
    webhook_disabled,
)
from tocsin.dialects.cloudforet.event_info import event_info, raw_data
from tocsin.dialects.cloudforet.event_list import EventList
from tocsin.dialects.cloudforet.event_stat import EventStat
from tocsin.dialects.cloudforet.external_plugin import ExternalPlugins, PluginFailed, is_external
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.plugins import plugin_of
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed
from tocsin.dialects.reception import Reception, nothing_lost
from tocsin.hub.errors import RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.hub.hub import Hub
from tocsin.model.access import Action
from tocsin.model.identifiers import random_id, seq_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source
from tocsin.model.submission import Payload, Refusal, Submission

_log: Final = structlog.get_logger("tocsin.cloudforet")
_JSON: Final = "application/json"
_encode: Final = msgspec.json.Encoder().encode


class Events:
    """The methods of Event.

    Args:
        hub: what records and reads.
        reception: takes payloads for webhooks, which are sources.
        plugins: calls the plugins of those webhooks that name one.
        list_limit: how many events are listed at once; 0 for any number.
        reveals_webhooks: tell a sender that there is no such webhook, as Cloudforet does; otherwise that is
            told like a wrong key.
    """

    def __init__(
        self,
        hub: Hub,
        reception: Reception,
        plugins: ExternalPlugins,
        *,
        list_limit: int = 0,
        reveals_webhooks: bool = False,
    ) -> None:
        self._hub = hub
        self._reception = reception
        self._plugins = plugins
        self._reveals_webhooks = reveals_webhooks
        self._list = EventList(hub.archive, list_limit or None)
        self._stat = EventStat(hub.archive)

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        return {
            "Event.create": Operation(self.create, None, ("webhook_id", "access_key", "data")),
            "Event.get": Operation(self.get, Action.READ, ("event_id", "domain_id")),
            "Event.list": Operation(self._list.answer, Action.READ),
            "Event.stat": Operation(self._stat.answer, Action.READ, ("query", "domain_id")),
        }

    async def create(self, request: Plain, _: Caller) -> Plain:
        """Record what a webhook was sent. Answered when it is on disk."""
        source = await self.find_webhook(request["webhook_id"], request["access_key"])
        await self.record(source, _encode(request["data"]), _JSON)
        return {}

    async def find_webhook(self, webhook_id: str, access_key: str) -> Source:
        """Find the source that a webhook is.

        Raises:
            CloudforetError: there is none with that id and that key; or it is switched off, or alerts of its
                project are.
            Unavailable: the key is not known here, and the store cannot be asked.
        """
        try:
            source = await self._hub.authentication.find_source(access_key, webhook_id)
        except Unauthenticated:
            self._reception.count("unknown_key")
            if self._reveals_webhooks and not self._hub.authentication.has_source(webhook_id):
                raise not_found("webhook_id", webhook_id) from None
            raise permission_denied() from None
        except SourceDisabled:
            self._reception.count("source_disabled")
            raise webhook_disabled(webhook_id) from None
        except Unavailable:
            self._reception.count("unavailable")
            raise
        if self._hub.authentication.alert_config(source.project_id) is None:
            self._reception.count("alerts_disabled")
            raise alert_feature_not_activated(source.project_id)
        return source

    async def record(self, source: Source, body: bytes, content_type: str) -> None:
        """Record a payload in the format of its webhook. What holds no event is taken and leaves none.

        Args:
            source: the webhook.
            body: JSON.
            content_type: as the sender said, '' where it said none.

        Raises:
            CloudforetError: it is not JSON, or not such that it can be stored; it is kept among the rejected.
            RateExceeded, Unavailable: it is not taken now.
        """

        def signals(parsed: Parsed) -> list[Signal]:
            return nothing_lost(parsed, lambda reason: _parsing_error(source, reason))

        try:
            payload = Payload(source.format, content_type, {}, body)
            if is_external(plugin_of(source).plugin_id):
                await self._record_by_plugin(source, payload, signals)
            else:
                await self._reception.deliver(source, payload, signals)
        except BadPayload as fault:
            raise invalid("data", str(fault)) from None
        except Unavailable:
            self._reception.count("unavailable")
            raise
        except RateExceeded:
            raise
        except Exception:  # a fault of ours: the sender must try again, and not give up
            _log.exception("webhook_failed")
            self._reception.count("internal")
            raise Unavailable("Tocsin failed: try again", 5) from None

    async def _record_by_plugin(
        self, source: Source, payload: Payload, signals_of: Callable[[Parsed], list[Signal]]
    ) -> None:
        """Record the events that a plugin which runs elsewhere finds in a payload.

        Raises:
            BadPayload: it is not JSON; it is kept among the rejected.
            RateExceeded, Unavailable: it is not taken now.
        """
        try:
            document = json_body.decode(payload.body)
        except BadPayload as fault:
            await self._reception.keep_rejected(source, payload, fault)
            raise
        try:
            data = Document(document).values
            plugin_id = plugin_of(source).plugin_id
            parsed = api_direct.of_plugin(
                await self._plugins.parse(plugin_id, source.options.format_options, data)
            )
        except (BadPayload, PluginFailed) as fault:
            parsed = Parsed(api_direct.FORMAT, [], [Refusal(0, str(fault))])
        if signals := signals_of(parsed):
            submission = Submission(source, replace(payload, format=parsed.format), signals)
            await self._reception.record([submission])

    def count(self, reason: str) -> None:
        """Count a payload that is not taken."""
        self._reception.count(reason)

    async def get(self, request: Plain, caller: Caller) -> Plain:
        """Give one event."""
        only = request.get("only", [])
        for path in only:
            if not is_field(path):
                raise unknown(f'Cannot resolve field "{path}"')
        identifier = request["event_id"]
        seq = seq_of(identifier, "event")
        kept = await self._hub.archive.event(caller.domain_id, seq, caller.sees) if seq else None
        if kept is None or not kept.event.type:
            raise _no_such_event(identifier, caller.domain_id)
        return chosen(event_info(kept.event, raw_data(kept.payload, kept.event.payload_index)), only)


def _parsing_error(source: Source, reason: str) -> Signal:
    return Signal(
        kind=Kind.ERROR,
        key=random_id("error"),
        severity=Severity.CRITICAL,
        title=f"Webhook Event Parsing Error - {source.name}",
        description=reason,
        key_made=True,
    )


def _no_such_event(identifier: str, domain_id: str) -> CloudforetError:
    return not_found("('event_id', 'domain_id')", f"('{identifier}', '{domain_id}')")
