"""The JSON document of Cloudforet's media type for Zabbix -> a signal."""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.complete import filled
from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

FORMAT: Final = "zabbix"

_SEVERITIES: Final = {
    "DISASTER": Severity.CRITICAL,
    "HIGH": Severity.ERROR,
    "AVERAGE": Severity.WARNING,
    "INFORMATION": Severity.INFO,
}


def recognises(document: object) -> bool:
    """Say whether a document has the `event`, `trigger` and `host` of the media type."""
    return isinstance(document, dict) and {"event", "trigger", "host"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: the ids of the host or the event are missing.
    """
    payload = Document(document)
    event, host, trigger = payload.need_part("event"), payload.need_part("host"), payload.part("trigger")
    item = payload.part("item")
    resolved = event.text("status").upper() == "RESOLVED"
    severity = Severity.INFO if resolved else _SEVERITIES.get(event.text("severity").upper(), Severity.NONE)
    name, connection = host.text("name"), host.text("connection_info")
    info = {
        "zabbix_host_visible_name": host.text("visible_name"),
        "zabbix_trigger_id": trigger.text("id"),
        "zabbix_event_id": event.text("id"),
        "zabbix_host_id": host.text("id"),
        "zabbix_item_key": item.text("key"),
        "zabbix_item_value": item.text("value"),
    }
    signal = Signal(
        kind=Kind.RECOVERY if resolved else Kind.PROBLEM,
        key=md5(f"{host.need('id')}:{event.need('id')}"),
        severity=severity,
        title=payload.text("title") or event.text("name"),
        description=payload.text("message"),
        host=name,
        rule=trigger.text("name"),
        resource_id=name,
        resource_name=f"{name} ({connection})" if connection else name,
        labels=filled(info),
        source_tool="Zabbix",
    )
    return one(FORMAT, signal)
