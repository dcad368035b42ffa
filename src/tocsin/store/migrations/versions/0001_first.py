"""The first schema: the directory, the ledger, alerts, monitored objects and what was rejected."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "account",
        _id("id"),
        _text("domain_id"),
        _text("name"),
        _text("password_hash"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_name", "account", ["name"], unique=True)
    op.create_table(
        "alert",
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
        sa.PrimaryKeyConstraint("domain_id", "seq", name="pk_alert"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_key", "alert", ["domain_id", "project_id", "key", "resolved_at"], unique=False)
    op.create_index("ix_alert_state", "alert", ["domain_id", "state", "seq"], unique=False)
    op.create_table(
        "configuration",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _number("version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
    )
    op.create_table(
        "domain",
        _id("id"),
        _text("name"),
        _number("next_seq"),
        _number("next_object"),
        _number("discovered"),
        _number("recorded_at"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain")),
    )
    op.create_table(
        "event",
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
        _number("markdown"),
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
        sa.PrimaryKeyConstraint("domain_id", "seq", "day", name="pk_event"),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_alert", "event", ["domain_id", "alert_seq", "seq"], unique=False)
    op.create_index("ix_event_host", "event", ["domain_id", "folded_host", "seq"], unique=False)
    op.create_index("ix_event_object", "event", ["domain_id", "object_id", "seq"], unique=False)
    op.create_index("ix_event_severity", "event", ["domain_id", "severity", "seq"], unique=False)
    op.create_index("ix_event_time", "event", ["domain_id", "time", "seq"], unique=False)
    op.create_table(
        "object",
        _text("domain_id"),
        _number("id"),
        _text("host"),
        _text("service"),
        _text("state"),
        _text("state_type"),
        _number("state_since"),
        _number("seen_at"),
        _number("discovered"),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_object"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_object_name", "object", ["domain_id", "host", "service"], unique=True)
    op.create_table(
        "payload",
        _text("domain_id"),
        _number("seq"),
        _number("day"),
        _text("source_id"),
        _text("format"),
        _text("content_type"),
        _text("context"),
        _number("size"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("domain_id", "seq", "day", name="pk_payload"),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "project",
        _id("id"),
        _text("domain_id"),
        _text("name"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index("ix_project_domain_id_name", "project", ["domain_id", "name"], unique=True)
    op.create_table(
        "rejected",
        _id("id"),
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
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected")),
    )
    op.create_index("ix_rejected_domain_id", "rejected", ["domain_id", "rejected_at"], unique=False)
    op.create_index("ix_rejected_time", "rejected", ["rejected_at"], unique=False)
    op.create_table(
        "source",
        _id("id"),
        _text("domain_id"),
        _text("project_id"),
        _text("name"),
        _text("format"),
        _number("enabled"),
        _text("access_key"),
        _text("key_hash"),
        _text("options"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_index("ix_source_domain_id_name", "source", ["domain_id", "name"], unique=True)
    op.create_index("ix_source_key_hash", "source", ["key_hash"], unique=True)
    op.create_table(
        "token",
        _id("id"),
        _text("domain_id"),
        _text("account_id"),
        _text("name"),
        _text("token_hash"),
        _number("created_at"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
    )
    op.create_index("ix_token_token_hash", "token", ["token_hash"], unique=True)


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "account",
        "alert",
        "configuration",
        "domain",
        "event",
        "object",
        "payload",
        "project",
        "rejected",
        "source",
        "token",
    ):
        op.drop_table(table)
