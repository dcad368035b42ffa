"""Zabbix's media type for VictorOps: macros in place of VictorOps's fields, and no message_type.

It posts to `/integrations/zabbix/20140212/alert`. Macros are written with dots, in some versions of the media
type with underscores.
"""

from typing import Any, Final

from tocsin.dialects.values import text_of
from tocsin.dialects.victorops.message_types import meaning_of

_SENT_AT: Final = "VO_ZABBIX_ALERT_TIME"
_MARKS: Final = (_SENT_AT, "TRIGGER.STATUS", "TRIGGER_STATUS")
# A problem that is closed by hand leaves its trigger as it is, so the recovery's own status comes first.
_STATUSES: Final = ("EVENT.RECOVERY.STATUS", "TRIGGER.STATUS", "EVENT.STATUS")
# VO_ZABBIX_HOST is the name of the Zabbix server: better than none.
_HOSTS: Final = ("HOST.NAME", "HOST.NAME1", "HOST.HOST1", "VO_ZABBIX_HOST")
_TRIGGERS: Final = ("TRIGGER.ID", "TRIGGER.NAME", "EVENT.ID")


def is_zabbix(fields: dict[str, Any]) -> bool:
    """Say whether a message is Zabbix's."""
    return any(mark in fields for mark in _MARKS)


def fill_in(fields: dict[str, Any]) -> None:
    """Add the fields of VictorOps that the message lacks, as its macros say them.

    The key is the host and the trigger's id: both stay the same from problem to recovery, while the name of a
    trigger can hold the value that was measured.

    Args:
        fields: the message, changed in place.
    """
    host = _macro(fields, *_HOSTS)
    trigger = _macro(fields, *_TRIGGERS)
    filled = {
        "message_type": _status(fields),
        "entity_id": "/".join(filter(None, (host, trigger))) if trigger else "",
        "entity_display_name": _macro(fields, "TRIGGER.NAME"),
        "state_message": _macro(fields, "ESC.HISTORY"),
        "timestamp": fields.pop(_SENT_AT, None),
        "monitoring_tool": "Zabbix",
        "host_name": host,
        "alert_url": _macro(fields, "TRIGGER.URL"),
    }
    for name, value in filled.items():
        if value and not fields.get(name):
            fields[name] = value


def _status(fields: dict[str, Any]) -> str:
    statuses = [text for name in _STATUSES if (text := _macro(fields, name))]
    return next(filter(meaning_of, statuses), statuses[0] if statuses else "")


def _macro(fields: dict[str, Any], *names: str) -> str:
    """Give the first of these macros that has a value."""
    for name in names:
        text = text_of(fields.get(name) or fields.get(name.replace(".", "_")))
        # Zabbix puts *UNKNOWN* for a macro without a value, and leaves one that it does not know as it is.
        if text and text != "*UNKNOWN*" and not (text.startswith("{") and text.endswith("}")):
            return text
    return ""
