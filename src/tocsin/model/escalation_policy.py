"""An escalation policy: to whom the alerts of a project go, and until when."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from tocsin.model.alert_config import AlertConfig


class FinishCondition(StrEnum):
    """What ends an escalation: somebody acknowledged the alert, or it is resolved."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class EscalationPolicy(msgspec.Struct, frozen=True):
    """To whom alerts go. There is one step: at once, to all whom routes choose.

    Attributes:
        id: 'ep-' and 12 hex digits.
        project_id: the id of the only project that it is for; '' for all of the domain.
        is_default: it holds for the projects that name none. One of a domain's is, and that is for all.
        tags: what a client of Cloudforet noted about it, a JSON object.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    name: str
    project_id: str
    finish_condition: FinishCondition
    is_default: bool
    tags: dict[str, Any]
    created_at: int


DEFAULT_NAME: Final = "Default"
"""What the policy is called that a domain has from its making."""


def policy_of(config: AlertConfig, policies: Sequence[EscalationPolicy]) -> EscalationPolicy:
    """Give the policy that holds for a project.

    Args:
        config: the project's.
        policies: those of its domain; one of them is the default.
    """
    named = next((each for each in policies if each.id == config.escalation_policy_id), None)
    return named or next(each for each in policies if each.is_default)
