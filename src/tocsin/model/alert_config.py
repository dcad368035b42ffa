"""A project's alert configuration: whether and how alerts arise in it."""

from enum import StrEnum
from typing import Final

import msgspec


class RecoveryMode(StrEnum):
    """What a recovery does to its open alert.

    Attributes:
        AUTO: it resolves it.
        MANUAL: it is recorded with it; people resolve it.
    """

    AUTO = "AUTO"
    MANUAL = "MANUAL"


class NotificationUrgency(StrEnum):
    """Which alerts are passed on: all, or those of high urgency."""

    ALL = "ALL"
    HIGH_ONLY = "HIGH_ONLY"


class AlertConfig(msgspec.Struct, frozen=True):
    """How alerts arise in a project. Every project has one from its making.

    Attributes:
        recovery_mode: holds for every source of the project.
        escalation_policy_id: '' for the one that is the domain's default.
        created_at: microseconds UTC.
    """

    domain_id: str
    project_id: str
    recovery_mode: RecoveryMode
    notification_urgency: NotificationUrgency
    escalation_policy_id: str
    created_at: int

    @property
    def id(self) -> str:
        """The project's: it has one configuration."""
        return self.project_id


AUTOMATIC: Final = (RecoveryMode.AUTO, NotificationUrgency.ALL)
"""What a project's configuration says until somebody changes it."""
