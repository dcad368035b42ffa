"""A log alert of Azure Monitor in its own schema -> a signal.

It names no alert and never says that it is over, so its rule is the key: what the rule finds again joins.
"""

from typing import Final

from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

_SEVERITIES: Final = {
    "0": Severity.CRITICAL,
    "1": Severity.ERROR,
    "2": Severity.WARNING,
    "3": Severity.INFO,
    "4": Severity.INFO,
}


def signal_of(data: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `AlertRuleName`.
    """
    rule, resource = data.need("AlertRuleName"), data.text("ResourceId")
    found = data.address("LinkToSearchResults")
    return Signal(
        kind=Kind.PROBLEM,
        key=rule,
        severity=_SEVERITIES.get(data.text("Severity"), Severity.NOT_AVAILABLE),
        title=rule,
        description=data.text("Description"),
        host=resource.rpartition("/")[2],
        service=rule,
        rule=data.text("SearchQuery"),
        resource_id=resource,
        resource_name=resource,
        provider="azure",
        account=data.text("SubscriptionId"),
        links=[Link(found, "Search results")] if found else [],
        labels=data.texts("ResultCount", "AlertThresholdOperator", "AlertThresholdValue", "SearchResult"),
        source_tool="Azure Monitor",
    )
