"""An event as an EventInfo shows it."""

from typing import Any

from tocsin.dialects import json_body
from tocsin.dialects.cloudforet.dates import written
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.errors import BadPayload
from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id, event_id
from tocsin.model.submission import Payload


def event_info(event: Event, raw: dict[str, Any]) -> Plain:
    """Give an event as EventInfo. What is unknown is left out where the reference has null.

    Args:
        event: of a kind that has a type.
        raw: the payload, as `raw_data` gives it.
    """
    return {
        "event_id": event_id(event.seq),
        "event_key": event.key,
        "event_type": event.type,
        "title": event.title,
        "description": event.description,
        "severity": event.severity.upper(),
        "rule": event.rule,
        "resource": resource(event),
        "provider": event.provider,
        "account": event.account,
        "image_url": event.image_url,
        "raw_data": raw,
        "additional_info": event.labels,
        "alert_id": alert_id(event.alert_seq),
        "webhook_id": event.source_id,
        "project_id": event.project_id,
        "domain_id": event.domain_id,
        "created_at": written(event.recorded_at),
        "occurred_at": written(event.occurred_at),
    }


def resource(event: Event) -> dict[str, str | None] | None:
    """Give the resource that an event names; None where it names none."""
    if not (event.resource_id or event.resource_type or event.resource_name):
        return None
    return {
        "resource_id": event.resource_id or None,
        "resource_type": event.resource_type or None,
        "name": event.resource_name or None,
    }


def raw_data(payload: Payload | None, index: int) -> dict[str, Any]:
    """Give a payload as the object that `raw_data` is.

    Args:
        payload: as it came; None where it is not kept any more.
        index: the event's place in it, from 0.

    Returns:
        The payload; of an array the event's own item; whatever else it is under the name `data`.
    """
    return RawData().of(payload, index)


class RawData:
    """Gives payloads one after another, as `raw_data` does, and decodes one once for all events of it.

    It serves one request.
    """

    def __init__(self) -> None:
        self._payload: Payload | None = None
        self._document: object = None

    def of(self, payload: Payload | None, index: int) -> dict[str, Any]:
        """Give a payload as `raw_data` does; it is the same object as last time for the events of one."""
        if payload is not self._payload:
            self._payload, self._document = payload, _document(payload)
        document = self._document
        if isinstance(document, list) and index < len(document) and isinstance(document[index], dict):
            document = document[index]
        if isinstance(document, dict):
            return document
        return {"data": document} if document else {}


def _document(payload: Payload | None) -> object:
    if payload is None or not payload.body:
        return None
    try:
        return json_body.decode(payload.body)
    except BadPayload:
        return _lines(payload.body)


def _lines(body: bytes) -> object:
    """Read lines of JSON, which the native API takes too."""
    try:
        return [json_body.decode(line) for line in body.split(b"\n") if line.strip()]
    except BadPayload:
        return body.decode(errors="replace")
