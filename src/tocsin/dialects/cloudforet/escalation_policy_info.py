"""An escalation policy as an EscalationPolicyInfo shows it, and as the document that queries see."""

from typing import Any, Final

from tocsin.dialects.cloudforet.dates import moment, written
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.model.escalation_policy import EscalationPolicy

FIELDS: Final = (
    *("escalation_policy_id", "name", "is_default", "rules", "repeat_count", "finish_condition", "scope"),
    *("project_id", "tags", "domain_id", "created_at"),
)
"""The names of its fields."""

MINIMAL: Final = ("escalation_policy_id", "name", "is_default", "scope", "project_id")
"""What is shown of a policy where the least is asked for."""

_STEP_FIELDS: Final = ("rules.notification_level", "rules.escalate_minutes")


def policy_info(policy: EscalationPolicy) -> Plain:
    """Give a policy as EscalationPolicyInfo."""
    return document(policy) | {"created_at": written(policy.created_at)}


def document(policy: EscalationPolicy) -> dict[str, Any]:
    """Give the document of a policy: the same with its time as an aware datetime."""
    return {
        "escalation_policy_id": policy.id,
        "name": policy.name,
        "is_default": policy.is_default,
        "rules": [{"notification_level": "ALL", "escalate_minutes": 0}],
        "repeat_count": 0,
        "finish_condition": policy.finish_condition.value,
        "scope": "PROJECT" if policy.project_id else "DOMAIN",
        "project_id": policy.project_id,
        "tags": policy.tags,
        "domain_id": policy.domain_id,
        "created_at": moment(policy.created_at),
    }


def is_field(path: str) -> bool:
    """Say whether a dotted path leads to something that a document can have."""
    return path in FIELDS or path in _STEP_FIELDS or path.startswith("tags.")
