"""The tables, for SQLite and PostgreSQL alike.

Texts are never NULL ('' is unknown), times are integer microseconds UTC (0 is never), and `domain_id` leads
every key of what belongs to a domain. Columns named `folded_*` hold the text once more, case-folded by
Python: engines only compare them byte for byte.
"""

from tocsin.store.tables.columns import Bytes, metadata
from tocsin.store.tables.directory import (
    account,
    alert_config,
    audit,
    configuration,
    domain,
    escalation_policy,
    gap,
    intake_rule,
    project,
    pull,
    role,
    source,
    token,
)
from tocsin.store.tables.ledger import (
    alert,
    event,
    handling,
    idempotency,
    mark,
    monitored_object,
    note,
    payload,
    rejected,
)
from tocsin.store.tables.passing import WAITING, activity, attempt, delivery, due, route, silence, target
from tocsin.store.tables.views import view
from tocsin.store.tables.world import NOT_ENDED, TOLD, configured, downtime

__all__ = [
    "NOT_ENDED",
    "TOLD",
    "WAITING",
    "Bytes",
    "account",
    "activity",
    "alert",
    "alert_config",
    "attempt",
    "audit",
    "configuration",
    "configured",
    "delivery",
    "domain",
    "downtime",
    "due",
    "escalation_policy",
    "event",
    "gap",
    "handling",
    "idempotency",
    "intake_rule",
    "mark",
    "metadata",
    "monitored_object",
    "note",
    "payload",
    "project",
    "pull",
    "rejected",
    "role",
    "route",
    "silence",
    "source",
    "target",
    "token",
    "view",
]
