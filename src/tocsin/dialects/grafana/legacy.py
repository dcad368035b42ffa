"""An alert of Grafana's legacy alerting (to version 8) -> a signal."""

import re
from typing import Final

from tocsin.dialects.complete import filled
from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.values import text_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

_KEY: Final = ("dashboardId", "panelId", "ruleId", "orgId")
_STATE_IN_TITLE: Final = re.compile(r"\[(Alerting|OK|No Data)\]")
_SEVERITIES: Final = {"alerting": Severity.ERROR, "ok": Severity.INFO}


def signal_of(alert: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: one of the numbers that make the key is missing.
    """
    state = alert.text("state")
    rule_url = alert.address("ruleUrl")
    info = {
        "dashboard_id": _number(alert, "dashboardId"),
        "panel_id": _number(alert, "panelId"),
        "org_id": _number(alert, "orgId"),
        "rule_url": rule_url,
        "eval_matches": text_of(alert.values.get("evalMatches")),
    }
    return Signal(
        kind=Kind.RECOVERY if state == "ok" else Kind.PROBLEM,
        key=md5(":".join(_number(alert, name) for name in _KEY)),
        severity=_SEVERITIES.get(state, Severity.NONE),
        title=_STATE_IN_TITLE.sub("", alert.text("title")),
        description=alert.text("message"),
        rule=alert.text("ruleName"),
        image_url=alert.address("imageUrl"),
        links=[Link(rule_url, "Rule")] if rule_url else [],
        labels=filled(info) | alert.part("tags").texts(),
        source_tool="Grafana",
    )


def _number(alert: Document, name: str) -> str:
    """Give a number of the key the way Cloudforet's plugin has it, so that keys are alike: `58.0`."""
    value = alert.values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadPayload(f"{alert.path(name)} must be a number")
    try:
        return str(float(value))
    except OverflowError:
        raise BadPayload(f"{alert.path(name)} is too large") from None
