"""The tables, for SQLite and PostgreSQL alike.

Texts are never NULL ('' is unknown), times are integer microseconds UTC (0 is never), and `domain_id` leads
every key of what belongs to a domain. Columns named `folded_*` hold the text once more, case-folded by
Python: engines only compare them byte for byte.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

metadata: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)

Bytes: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares byte for byte on both engines (SQLite's BINARY, PostgreSQL's "C")."""


def _text(name: str) -> Column[str]:
    return Column(name, Bytes, nullable=False, server_default=text("''"))


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _flag(name: str) -> Column[int]:
    """0 or 1: a number binds faster than a truth value and means the same on both engines."""
    return _number(name)


domain: Final = Table(
    "domain",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("name"),
    _number("next_seq"),
    _number("next_object"),
    _number("discovered"),
    _number("recorded_at"),
    _number("created_at"),
    _number("next_audit"),
)
"""A tenant, with the counters that every batch takes under this row's lock."""

project: Final = Table(
    "project",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("name"),
    _number("created_at"),
    Index("ix_project_domain_id_name", "domain_id", "name", unique=True),
)

source: Final = Table(
    "source",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("project_id"),
    _text("name"),
    _text("format"),
    _flag("enabled"),
    _text("access_key"),
    _text("key_hash"),
    _text("options"),
    _number("created_at"),
    _text("tags"),
    _text("plugin"),
    Index("ix_source_key_hash", "key_hash", unique=True),
    Index("ix_source_project_id_name", "domain_id", "project_id", "name", unique=True),
)
"""`options`, `tags` and `plugin` are JSON; '' is none."""

alert_config: Final = Table(
    "alert_config",
    metadata,
    _text("domain_id"),
    _text("project_id"),
    _text("recovery_mode"),
    _text("notification_urgency"),
    _text("escalation_policy_id"),
    _number("created_at"),
    PrimaryKeyConstraint("domain_id", "project_id", name="pk_alert_config"),
)
"""How alerts arise in a project. Where there is none, clients of Cloudforet post no events to it."""

account: Final = Table(
    "account",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("name"),
    _text("password_hash"),
    _number("created_at"),
    _text("role_id"),
    _flag("disabled"),
    Index("ix_account_name", "name", unique=True),
)
"""The users. (`user` is a reserved word in SQL.)"""

token: Final = Table(
    "token",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("account_id"),
    _text("name"),
    _text("token_hash"),
    _number("created_at"),
    _number("expires_at"),
    _text("kind"),
    _text("scopes"),
    _number("used_at"),
    Index("ix_token_token_hash", "token_hash", unique=True),
)

configuration: Final = Table(
    "configuration",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _number("version"),
)
"""One row: its version grows with every change of what the nodes keep in memory."""

role: Final = Table(
    "role",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("name"),
    _text("permissions"),
    _text("scope"),
    _number("created_at"),
    Index("ix_role_domain_id_name", "domain_id", "name", unique=True),
)
"""What users may do, and on what. `permissions` is a JSON list, `scope` an expression."""

target: Final = Table(
    "target",
    metadata,
    _text("domain_id"),
    _text("id"),
    _text("name"),
    _text("kind"),
    _text("url"),
    _text("secret"),
    _text("options"),
    _flag("enabled"),
    _number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_target"),
    Index("ix_target_domain_id_name", "domain_id", "name", unique=True),
)

route: Final = Table(
    "route",
    metadata,
    _text("domain_id"),
    _text("id"),
    _text("name"),
    _number("position"),
    _text("expression"),
    _text("targets"),
    _flag("every_event"),
    _flag("fallback"),
    _flag("enabled"),
    _number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_route"),
    Index("ix_route_domain_id_name", "domain_id", "name", unique=True),
)
"""`targets` is a JSON list of their ids."""

silence: Final = Table(
    "silence",
    metadata,
    _text("domain_id"),
    _text("id"),
    _text("expression"),
    _text("scope"),
    _number("starts_at"),
    _number("ends_at"),
    _text("author"),
    _text("comment"),
    _number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_silence"),
    Index("ix_silence_domain_id_ends_at", "domain_id", "ends_at"),
)
"""`scope` is what its author could act on: it silences nothing else, whatever its expression says."""

audit: Final = Table(
    "audit",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _number("recorded_at"),
    _text("author"),
    _text("via"),
    _text("action"),
    _text("subject"),
    _text("subject_id"),
    _text("subject_name"),
    _text("details"),
    _text("folded_rest"),
    PrimaryKeyConstraint("domain_id", "seq", name="pk_audit"),
)
"""Every change that somebody made, and what it changed: `details` is JSON and never holds a secret."""

event: Final = Table(
    "event",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _number("day"),
    _text("project_id"),
    _text("source_id"),
    _text("kind"),
    _text("key"),
    _text("title"),
    _text("description"),
    _text("severity"),
    _text("state"),
    _text("state_type"),
    _text("host"),
    _text("service"),
    _number("object_id"),
    _text("rule"),
    _text("resource_id"),
    _text("resource_type"),
    _text("resource_name"),
    _text("provider"),
    _text("account"),
    _text("image_url"),
    _text("links"),
    _text("labels"),
    _text("source_tool"),
    _text("author"),
    _text("comment"),
    _number("window_start"),
    _number("window_end"),
    _text("output"),
    _number("attempt"),
    _flag("markdown"),
    _text("silenced_by"),
    _number("alert_seq"),
    _text("outcome"),
    _text("reason"),
    _number("payload_seq"),
    _number("payload_index"),
    _number("occurred_at"),
    _number("time"),
    _number("recorded_at"),
    _text("folded_key"),
    _text("folded_title"),
    _text("folded_description"),
    _text("folded_host"),
    _text("folded_service"),
    _text("folded_output"),
    _text("folded_rest"),
    PrimaryKeyConstraint("domain_id", "seq", "day", name="pk_event"),
    Index("ix_event_severity", "domain_id", "severity", "seq"),
    Index("ix_event_alert", "domain_id", "alert_seq", "seq"),
    Index("ix_event_object", "domain_id", "object_id", "seq"),
    Index("ix_event_host", "domain_id", "folded_host", "seq"),
    Index("ix_event_time", "domain_id", "time", "seq"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""The ledger. No statement ever updates it. `folded_rest` is a JSON map of the other texts and the labels."""

payload: Final = Table(
    "payload",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _number("day"),
    _text("source_id"),
    _text("format"),
    _text("content_type"),
    _text("context"),
    _number("size"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("domain_id", "seq", "day", name="pk_payload"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""One request as it came, compressed, under the seq and day of its first event."""

alert: Final = Table(
    "alert",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _text("project_id"),
    _text("source_id"),
    _number("object_id"),
    _text("key"),
    _text("title"),
    _text("severity"),
    _text("state"),
    _text("host"),
    _text("service"),
    _text("rule"),
    _text("labels"),
    _number("count"),
    _number("last_seq"),
    _number("last_at"),
    _number("opened_at"),
    _number("changed_at"),
    _number("changed_time"),
    _number("acknowledged_at"),
    _number("acknowledged_until"),
    _text("acknowledged_by"),
    _text("acknowledged_comment"),
    _number("resolved_at"),
    _text("resolved_by"),
    _text("folded_key"),
    _text("folded_title"),
    _text("folded_host"),
    _text("folded_service"),
    _text("folded_rest"),
    _flag("until_change"),
    _text("silenced_by"),
    _text("passed_to"),
    PrimaryKeyConstraint("domain_id", "seq", name="pk_alert"),
    Index("ix_alert_key", "domain_id", "project_id", "key", "resolved_at"),
    Index("ix_alert_state", "domain_id", "state", "seq"),
    sqlite_with_rowid=False,
)

monitored_object: Final = Table(
    "object",
    metadata,
    _text("domain_id"),
    _number("id"),
    _text("host"),
    _text("service"),
    _text("state"),
    _text("state_type"),
    _number("state_since"),
    _number("seen_at"),
    _flag("discovered"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_object"),
    Index("ix_object_name", "domain_id", "host", "service", unique=True),
    sqlite_with_rowid=False,
)

rejected: Final = Table(
    "rejected",
    metadata,
    Column("id", Bytes, primary_key=True),
    _text("domain_id"),
    _text("source_id"),
    _text("payload_id"),
    _number("payload_index"),
    _text("reason"),
    _text("format"),
    _text("content_type"),
    _text("context"),
    _number("rejected_at"),
    _number("size"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_rejected_domain_id", "domain_id", "rejected_at"),
    Index("ix_rejected_time", "rejected_at"),
)
"""Signals that were not recorded, the first of each request.

`payload_id` is the row that holds the request's body: of several rows the first, and the others hold none.
Housekeeping bounds it; the body stands last, since SQLite reads a large one to get at what is behind it.
"""

WAITING: Final = text("state = 'pending'")
"""The condition of the indexes of what waits. SQLite takes them for a query that says just this."""

delivery: Final = Table(
    "delivery",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _text("target_id"),
    _number("day"),
    _text("route_id"),
    _text("project_id"),
    _text("key"),
    _number("alert_seq"),
    _text("change"),
    _text("state"),
    _number("created_at"),
    _number("due_at"),
    _text("leased_by"),
    _number("leased_until"),
    _number("attempts"),
    _number("status"),
    _text("reason"),
    _number("done_at"),
    PrimaryKeyConstraint("domain_id", "seq", "target_id", "day", name="pk_delivery"),
    Index("ix_delivery_due", "target_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
    Index(
        "ix_delivery_lane",
        *("domain_id", "target_id", "project_id", "key", "seq"),
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    ),
    Index("ix_delivery_state", "domain_id", "state", "seq"),
    Index("ix_delivery_target", "domain_id", "target_id", "seq"),
    Index("ix_delivery_alert", "domain_id", "alert_seq", "seq"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""The outbox: one event for one target, written with the event. Those of a key go to a target one by one."""

attempt: Final = Table(
    "attempt",
    metadata,
    _text("domain_id"),
    _number("seq"),
    _text("target_id"),
    _number("number"),
    _number("day"),
    _number("started_at"),
    _number("duration"),
    _number("status"),
    _text("outcome"),
    _text("reason"),
    _text("answer"),
    PrimaryKeyConstraint("domain_id", "seq", "target_id", "number", "day", name="pk_attempt"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""One attempt of a delivery: when, how long (microseconds), the HTTP status (0 for none) and the answer."""

due: Final = Table(
    "due",
    metadata,
    _text("domain_id"),
    _text("kind"),
    _text("subject"),
    _number("due_at"),
    PrimaryKeyConstraint("domain_id", "kind", "subject", name="pk_due"),
    Index("ix_due_due_at", "due_at"),
    sqlite_with_rowid=False,
)
"""What time brings: the end of a silence or an acknowledgement, an alert or a source that fell silent."""

activity: Final = Table(
    "activity",
    metadata,
    _text("domain_id"),
    _text("source_id"),
    _number("seen_at"),
    PrimaryKeyConstraint("domain_id", "source_id", name="pk_activity"),
    sqlite_with_rowid=False,
)
"""When each source last sent something, to within some seconds."""

idempotency: Final = Table(
    "idempotency",
    metadata,
    _text("domain_id"),
    _text("key"),
    _text("fingerprint"),
    _number("created_at"),
    _text("answer"),
    PrimaryKeyConstraint("domain_id", "key", name="pk_idempotency"),
    Index("ix_idempotency_created_at", "created_at"),
    sqlite_with_rowid=False,
)
"""What was answered to requests with an Idempotency-Key. `key` is a hash of it, who asked and what for."""
