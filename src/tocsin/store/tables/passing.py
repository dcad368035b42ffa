"""The tables of passing on: where to, what waits, what time brings."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table, text

from tocsin.store.tables.columns import flag, metadata, number, text_column

target: Final = Table(
    "target",
    metadata,
    text_column("domain_id"),
    text_column("id"),
    text_column("name"),
    text_column("kind"),
    text_column("url"),
    text_column("secret"),
    text_column("options"),
    flag("enabled"),
    number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_target"),
    Index("ix_target_domain_id_name", "domain_id", "name", unique=True),
)

route: Final = Table(
    "route",
    metadata,
    text_column("domain_id"),
    text_column("id"),
    text_column("name"),
    number("position"),
    text_column("expression"),
    text_column("targets"),
    flag("every_event"),
    flag("fallback"),
    flag("enabled"),
    number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_route"),
    Index("ix_route_domain_id_name", "domain_id", "name", unique=True),
)
"""`targets` is a JSON list of their ids."""

silence: Final = Table(
    "silence",
    metadata,
    text_column("domain_id"),
    text_column("id"),
    text_column("expression"),
    text_column("scope"),
    number("starts_at"),
    number("ends_at"),
    text_column("author"),
    text_column("comment"),
    number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_silence"),
    Index("ix_silence_domain_id_ends_at", "domain_id", "ends_at"),
)
"""`scope` is what its author could act on: it silences nothing else, whatever its expression says."""

WAITING: Final = text("state = 'pending'")
"""The condition of the indexes of what waits. SQLite takes them for a query that says just this."""

delivery: Final = Table(
    "delivery",
    metadata,
    text_column("domain_id"),
    number("seq"),
    text_column("target_id"),
    number("day"),
    text_column("route_id"),
    text_column("project_id"),
    text_column("key"),
    number("alert_seq"),
    text_column("change"),
    text_column("state"),
    number("created_at"),
    number("due_at"),
    text_column("leased_by"),
    number("leased_until"),
    number("attempts"),
    number("status"),
    text_column("reason"),
    number("done_at"),
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
    text_column("domain_id"),
    number("seq"),
    text_column("target_id"),
    number("number"),
    number("day"),
    number("started_at"),
    number("duration"),
    number("status"),
    text_column("outcome"),
    text_column("reason"),
    text_column("answer"),
    PrimaryKeyConstraint("domain_id", "seq", "target_id", "number", "day", name="pk_attempt"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (day)",
)
"""One attempt of a delivery: when, how long (microseconds), the HTTP status (0 for none) and the answer."""

due: Final = Table(
    "due",
    metadata,
    text_column("domain_id"),
    text_column("kind"),
    text_column("subject"),
    number("due_at"),
    PrimaryKeyConstraint("domain_id", "kind", "subject", name="pk_due"),
    Index("ix_due_due_at", "due_at"),
    sqlite_with_rowid=False,
)
"""What time brings: the end of a silence or an acknowledgement, an alert or a source that fell silent."""

activity: Final = Table(
    "activity",
    metadata,
    text_column("domain_id"),
    text_column("source_id"),
    number("seen_at"),
    PrimaryKeyConstraint("domain_id", "source_id", name="pk_activity"),
    sqlite_with_rowid=False,
)
"""When each source last sent something, to within some seconds."""
