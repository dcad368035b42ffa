"""The tables of the ledger: what was recorded, the alerts and objects as they stand, what was refused."""

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from tocsin.store.tables.columns import Bytes, flag, metadata, number, text_column

event: Final = Table(
    "event",
    metadata,
    text_column("domain_id"),
    number("seq"),
    number("day"),
    text_column("project_id"),
    text_column("source_id"),
    text_column("kind"),
    text_column("key"),
    text_column("title"),
    text_column("description"),
    text_column("severity"),
    text_column("state"),
    text_column("state_type"),
    text_column("host"),
    text_column("service"),
    number("object_id"),
    text_column("rule"),
    text_column("resource_id"),
    text_column("resource_type"),
    text_column("resource_name"),
    text_column("provider"),
    text_column("account"),
    text_column("image_url"),
    text_column("links"),
    text_column("labels"),
    text_column("source_tool"),
    text_column("author"),
    text_column("comment"),
    number("window_start"),
    number("window_end"),
    text_column("output"),
    number("attempt"),
    flag("markdown"),
    text_column("silenced_by"),
    number("alert_seq"),
    text_column("outcome"),
    text_column("reason"),
    number("payload_seq"),
    number("payload_index"),
    number("occurred_at"),
    number("time"),
    number("recorded_at"),
    text_column("folded_key"),
    text_column("folded_title"),
    text_column("folded_description"),
    text_column("folded_host"),
    text_column("folded_service"),
    text_column("folded_output"),
    text_column("folded_rest"),
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
    text_column("domain_id"),
    number("seq"),
    number("day"),
    text_column("source_id"),
    text_column("format"),
    text_column("content_type"),
    text_column("context"),
    number("size"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("domain_id", "seq", "day", name="pk_payload"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""One request as it came, compressed, under the seq and day of its first event."""

alert: Final = Table(
    "alert",
    metadata,
    text_column("domain_id"),
    number("seq"),
    text_column("project_id"),
    text_column("source_id"),
    number("object_id"),
    text_column("key"),
    text_column("title"),
    text_column("severity"),
    text_column("state"),
    text_column("host"),
    text_column("service"),
    text_column("rule"),
    text_column("labels"),
    number("count"),
    number("last_seq"),
    number("last_at"),
    number("opened_at"),
    number("changed_at"),
    number("changed_time"),
    number("acknowledged_at"),
    number("acknowledged_until"),
    text_column("acknowledged_by"),
    text_column("acknowledged_comment"),
    number("resolved_at"),
    text_column("resolved_by"),
    text_column("folded_key"),
    text_column("folded_title"),
    text_column("folded_host"),
    text_column("folded_service"),
    text_column("folded_rest"),
    flag("until_change"),
    text_column("silenced_by"),
    text_column("passed_to"),
    flag("sticky"),
    text_column("assignee"),
    PrimaryKeyConstraint("domain_id", "seq", name="pk_alert"),
    Index("ix_alert_key", "domain_id", "project_id", "key", "resolved_at"),
    Index("ix_alert_state", "domain_id", "state", "seq"),
    sqlite_with_rowid=False,
)

handling: Final = Table(
    "handling",
    metadata,
    text_column("domain_id"),
    number("alert_seq"),
    text_column("title"),
    text_column("description"),
    text_column("urgency"),
    text_column("status_message"),
    PrimaryKeyConstraint("domain_id", "alert_seq", name="pk_handling"),
    sqlite_with_rowid=False,
)
"""What people wrote on an alert. It stands apart, so that what signals write of alerts stays small."""

mark: Final = Table(
    "mark",
    metadata,
    text_column("domain_id"),
    number("alert_seq"),
    number("merged_into"),
    text_column("project_id"),
    number("deleted_at"),
    PrimaryKeyConstraint("domain_id", "alert_seq", name="pk_mark"),
    sqlite_with_rowid=False,
)
"""The alerts that were merged, moved or deleted: few, and read by whoever reads events."""

note: Final = Table(
    "note",
    metadata,
    text_column("domain_id"),
    number("seq"),
    number("alert_seq"),
    text_column("text"),
    number("deleted_at"),
    PrimaryKeyConstraint("domain_id", "seq", name="pk_note"),
    sqlite_with_rowid=False,
)
"""What became of notes that were changed or deleted, by the numbers of the events that they are."""

monitored_object: Final = Table(
    "object",
    metadata,
    text_column("domain_id"),
    number("id"),
    text_column("host"),
    text_column("service"),
    text_column("state"),
    text_column("state_type"),
    number("state_since"),
    number("seen_at"),
    flag("discovered"),
    text_column("output"),
    number("attempt"),
    text_column("hard_state"),
    number("checked_at"),
    number("changes"),
    flag("flapping"),
    number("acknowledged_at"),
    text_column("acknowledged_by"),
    text_column("acknowledged_comment"),
    flag("sticky"),
    text_column("downtime_id"),
    number("group_id"),
    number("max_attempts"),
    number("volatile"),
    flag("flap_detection"),
    flag("markdown"),
    number("gone_at"),
    text_column("parents"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_object"),
    Index("ix_object_name", "domain_id", "host", "service", unique=True),
    sqlite_with_rowid=False,
)
"""A host or service as it stands, with what its configuration makes of its check results.

`parents` are the ids of the hosts before it, with spaces between them. One whose `gone_at` is not 0 was taken
out of the configuration: its row only keeps its number and its state for when it comes back.
"""

rejected: Final = Table(
    "rejected",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("source_id"),
    text_column("payload_id"),
    number("payload_index"),
    text_column("reason"),
    text_column("format"),
    text_column("content_type"),
    text_column("context"),
    number("rejected_at"),
    number("size"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_rejected_domain_id", "domain_id", "rejected_at"),
    Index("ix_rejected_time", "rejected_at"),
)
"""Signals that were not recorded, the first of each request.

`payload_id` is the row that holds the request's body: of several rows the first, and the others hold none.
Housekeeping bounds it; the body stands last, since SQLite reads a large one to get at what is behind it.
"""

idempotency: Final = Table(
    "idempotency",
    metadata,
    text_column("domain_id"),
    text_column("key"),
    text_column("fingerprint"),
    number("created_at"),
    text_column("answer"),
    PrimaryKeyConstraint("domain_id", "key", name="pk_idempotency"),
    Index("ix_idempotency_created_at", "created_at"),
    sqlite_with_rowid=False,
)
"""What was answered to requests with an Idempotency-Key. `key` is a hash of it, who asked and what for."""
