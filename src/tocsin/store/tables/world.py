"""The tables of the monitored world: what is configured of it, and its downtimes."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table, text

from tocsin.store.tables.columns import metadata, number, text_column

configured: Final = Table(
    "configured",
    metadata,
    text_column("domain_id"),
    text_column("kind"),
    number("id"),
    text_column("name"),
    text_column("folded_name"),
    text_column("document"),
    number("created_at"),
    number("changed_at"),
    PrimaryKeyConstraint("domain_id", "kind", "id", name="pk_configured"),
    Index("ix_configured_name", "domain_id", "kind", "folded_name"),
    sqlite_with_rowid=False,
)
"""What people configured: hosts, host groups, service checks and the rest, each a JSON document.

The id of a host is that of its monitored object. `world_version` of the domain grows with every change.
"""

NOT_ENDED: Final = text("ended_at = 0")
"""The condition of the index of downtimes that wait or run. SQLite takes it for a query that says it."""

TOLD: Final = text("origin <> ''")
"""The condition of the index of downtimes of which a source told."""

downtime: Final = Table(
    "downtime",
    metadata,
    text_column("domain_id"),
    text_column("id"),
    text_column("submission"),
    number("object_id"),
    text_column("host"),
    text_column("service"),
    number("starts_at"),
    number("ends_at"),
    text_column("author"),
    text_column("comment"),
    number("created_at"),
    number("started_at"),
    number("ended_at"),
    text_column("origin"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_downtime"),
    Index("ix_downtime_object", "domain_id", "object_id", sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
    Index("ix_downtime_told", "domain_id", "object_id", sqlite_where=TOLD, postgresql_where=TOLD),
    Index("ix_downtime_ended_at", "ended_at"),
    sqlite_with_rowid=False,
)
"""One object in one downtime: what a submission puts over a host and its services is a row for each.

`started_at` is 0 until it has begun, `ended_at` until it is over or cancelled. `origin` is '' where it was
scheduled here.
"""
