"""A message of VictorOps's REST endpoint -> a signal. Pure: no key is checked and nothing is recorded."""

import secrets
from collections.abc import Callable
from typing import Final

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.values import type_name
from tocsin.dialects.victorops import message_types, zabbix
from tocsin.dialects.victorops.fields import FIELD_LIMIT, Fields
from tocsin.dialects.victorops.labels import gather
from tocsin.model.signal import Kind, Link, Signal

KEY_LIMIT: Final = 512
TITLE_LIMIT: Final = 1024
DESCRIPTION_LIMIT: Final = 20_480

_API_KEYS: Final = ("VO_ORGANIZATION_KEY", "api_key")
_ROUTING_KEYS: Final = ("VO_ROUTING_KEY", "routing_key")
# What VictorOps puts into the address that it shows for copying; many leave it there.
_PLACEHOLDER: Final = "$routing_key"
# These open something, at VictorOps or (session_key) at Splunk: no label may show them.
_SECRETS: Final = (*_API_KEYS, "VO_ORGANIZATION_ID", "session_key")
_NOT_SHOWN: Final = frozenset((*_SECRETS, *_ROUTING_KEYS))
_TRUE: Final = frozenset(("true", "1", "yes"))


def _random_key() -> str:
    return secrets.token_hex(16)


def recognises(document: object) -> bool:
    """Say whether a document looks like a message to VictorOps: it has a `message_type`."""
    return isinstance(document, dict) and "message_type" in document


def parse(document: object, routing_key: str = "", *, make_key: Callable[[], str] = _random_key) -> Signal:
    """Give the signal that a message says.

    Only a message_type is required. Values of any JSON type are taken; what is too long is cut, and the
    signal's remarks say so. Fields without a place of their own become labels.

    Args:
        document: the message, as `json_body.decode` gives it.
        routing_key: as the path says it; where it says none, the message's own counts.
        make_key: makes the key of a message without an entity_id, one that nobody has.

    Raises:
        BadPayload: no object, or no message_type that is a text.
    """
    fields = Fields(document)
    rest = fields.rest
    if zabbix.is_zabbix(rest):
        zabbix.fill_in(rest)
    kind, severity = _take_meaning(fields)
    key = fields.take("entity_id", KEY_LIMIT)
    key_made = not key
    if key_made:
        key = make_key()
    labels: dict[str, str] = {}
    routing_key = _take_routing_key(fields, routing_key)
    if routing_key:
        labels["routing_key"] = routing_key
    host, service = _take_host(fields, "" if key_made else key)
    comment = author = ""
    if kind is Kind.ACKNOWLEDGEMENT:
        comment = fields.take("ack_msg") or fields.take("ack_message")
        author = fields.take("ack_author")
    links: list[Link] = []
    alert_url = fields.take_address("alert_url")
    if alert_url:
        links.append(Link(alert_url))
    signal = Signal(
        kind=kind,
        key=key,
        severity=severity,
        title=fields.take("entity_display_name", TITLE_LIMIT) or key,
        description=fields.take("state_message", DESCRIPTION_LIMIT),
        host=host,
        service=service,
        key_made=key_made,
        image_url=fields.take_address("image_url"),
        links=links,
        labels=labels,
        source_tool=fields.take("monitoring_tool"),
        author=author,
        comment=comment,
        occurred_at=fields.take_time("state_start_time", "timestamp"),
        remarks=fields.remarks,
    )
    if rest:
        gather(fields, labels, links)
    return signal


def body_keys(document: object) -> tuple[str, str]:
    """Give the API key and the routing key that a message carries itself, '' for what it does not.

    Zabbix, Zenoss and AppDynamics name them there and not in the path.

    Args:
        document: the message, as `json_body.decode` gives it.
    """
    if not isinstance(document, dict):
        return "", ""
    api_keys = (document.get(name) for name in _API_KEYS)
    api_key = next((key for key in api_keys if isinstance(key, str) and key), "")
    return api_key, _take_routing_key(Fields(document), "")


def _take_meaning(fields: Fields) -> message_types.Meaning:
    if "message_type" not in fields.rest:
        raise BadPayload("Missing fields: message_type")
    message_type = fields.rest.pop("message_type")
    if not isinstance(message_type, str):
        raise BadPayload(f"message_type must be a text, not {type_name(message_type)}")
    if not message_type.strip():
        raise BadPayload("message_type is empty")
    meaning = message_types.meaning_of(message_type)
    if meaning is None:
        fields.remarks.append(f'message_type "{message_type[:64]}" is unknown: taken as INFO')
        return message_types.INFO
    return meaning


def _take_routing_key(fields: Fields, in_path: str) -> str:
    """Take all that names a routing key and what must not be shown; give the key that counts."""
    rest = fields.rest
    found = _routing_key(in_path)
    if not _NOT_SHOWN.isdisjoint(rest):
        for name in _SECRETS:
            rest.pop(name, None)
        for name in _ROUTING_KEYS:
            in_body = fields.take(name)
            found = found or _routing_key(in_body)
    return found if len(found) <= FIELD_LIMIT else fields.cut("routing_key", found, FIELD_LIMIT)


def _routing_key(text: str) -> str:
    """Give a routing key as it is compared: in lower case, since letter case says nothing."""
    # A path can say %00, which no store takes.
    key = text.strip().lower().replace("\x00", "")
    return "" if key == _PLACEHOLDER else key


def _take_host(fields: Fields, key: str) -> tuple[str, str]:
    """Take host and service, both '' where the message names no host.

    Args:
        key: the message's entity_id, '' where it has none.
    """
    rest = fields.rest
    if "entity_is_host" in rest and fields.take("entity_is_host").lower() in _TRUE and key:
        return key, ""
    host = fields.take("host_name") or fields.take("hostname")
    return (host, key) if host else ("", "")
