"""The table of what people save of the console's pages."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table, text

from tocsin.store.tables.columns import flag, metadata, number, text_column

_PRIVATE: Final = text("shared = 0")
_SHARED: Final = text("shared = 1")

view: Final = Table(
    "view",
    metadata,
    text_column("domain_id"),
    text_column("id"),
    text_column("owner_id"),
    text_column("name"),
    text_column("page"),
    text_column("expression"),
    text_column("since"),
    text_column("until"),
    text_column("columns"),
    text_column("group"),
    text_column("show"),
    text_column("order"),
    flag("shared"),
    number("created_at"),
    PrimaryKeyConstraint("domain_id", "id", name="pk_view"),
    Index("ix_view_owner_id", "domain_id", "owner_id"),
    Index(
        "ix_view_private_name",
        *("domain_id", "owner_id", "name"),
        unique=True,
        sqlite_where=_PRIVATE,
        postgresql_where=_PRIVATE,
    ),
    Index(
        "ix_view_shared_name",
        *("domain_id", "name"),
        unique=True,
        sqlite_where=_SHARED,
        postgresql_where=_SHARED,
    ),
)
