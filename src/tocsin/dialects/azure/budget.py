"""A notification of an Azure budget -> a signal. It never says that it is over: the budget is the key."""

from typing import Final

from tocsin.dialects.document import Document
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

_TOLD: Final = {
    "BudgetType": "Budget type",
    "AccountName": "Account",
    "DepartmentName": "Department",
    "EnrollmentNumber": "Enrolment",
    "SubscriptionName": "Subscription",
    "ResourceGroup": "Resource group",
    "NotificationThresholdAmount": "Threshold",
    "Budget": "Budget",
    "SpendingAmount": "Spent",
    "Unit": "Unit",
}


def signal_of(data: Document) -> Signal:
    """Give the signal.

    Raises:
        BadPayload: it has no `BudgetName`.
    """
    name = data.need("BudgetName")
    info = data.texts(*_TOLD)
    return Signal(
        kind=Kind.PROBLEM,
        key=name,
        severity=Severity.ERROR,
        title=f"Budget Alarm {name}",
        description="\n".join(f"{_TOLD[field]}: {text}" for field, text in info.items()),
        host=name,
        rule=name,
        resource_type=data.text("BudgetType"),
        resource_name=name,
        provider="azure",
        account=data.text("AccountName"),
        labels=info,
        source_tool="Azure Cost Management",
    )
