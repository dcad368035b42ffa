"""What passes events on, silences, roles and their audit, and what time brings."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_WAITING: Final = sa.text("state = 'pending'")
_ROLES: Final = {
    "administrator": '["VIEWALL","ACTIONALL","DOWNTIMEALL","ADMINACCESS"]',
    "operator": '["VIEWALL","ACTIONALL","DOWNTIMEALL"]',
    "viewer": '["VIEWALL"]',
}
"""As they were when this migration was written: each domain has them from its making."""


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


_ADDED: Final = {
    "account": (_text("role_id"), _number("disabled")),
    "token": (_text("kind"), _text("scopes"), _number("used_at")),
    "domain": (_number("next_audit"),),
    "alert": (_number("until_change"), _text("silenced_by"), _text("passed_to")),
}


def upgrade() -> None:
    """Add the columns and tables, and give every domain its roles; those who had access keep all of it."""
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.execute("update token set kind = 'token'")
    _make_configuration()
    _make_outbox()
    _make_roles(op.get_bind())


def _make_configuration() -> None:
    op.create_table(
        "role",
        _id("id"),
        _text("domain_id"),
        _text("name"),
        _text("permissions"),
        _text("scope"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    op.create_index("ix_role_domain_id_name", "role", ["domain_id", "name"], unique=True)
    op.create_table(
        "target",
        _text("domain_id"),
        _text("id"),
        _text("name"),
        _text("kind"),
        _text("url"),
        _text("secret"),
        _text("options"),
        _number("enabled"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_target"),
    )
    op.create_index("ix_target_domain_id_name", "target", ["domain_id", "name"], unique=True)
    op.create_table(
        "route",
        _text("domain_id"),
        _text("id"),
        _text("name"),
        _number("position"),
        _text("expression"),
        _text("targets"),
        _number("every_event"),
        _number("fallback"),
        _number("enabled"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_route"),
    )
    op.create_index("ix_route_domain_id_name", "route", ["domain_id", "name"], unique=True)
    op.create_table(
        "silence",
        _text("domain_id"),
        _text("id"),
        _text("expression"),
        _text("scope"),
        _number("starts_at"),
        _number("ends_at"),
        _text("author"),
        _text("comment"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_silence"),
    )
    op.create_index("ix_silence_domain_id_ends_at", "silence", ["domain_id", "ends_at"], unique=False)
    op.create_table(
        "audit",
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
        sa.PrimaryKeyConstraint("domain_id", "seq", name="pk_audit"),
    )
    op.create_table(
        "idempotency",
        _text("domain_id"),
        _text("key"),
        _text("fingerprint"),
        _number("created_at"),
        _text("answer"),
        sa.PrimaryKeyConstraint("domain_id", "key", name="pk_idempotency"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)


def _make_outbox() -> None:
    op.create_table(
        "delivery",
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
        sa.PrimaryKeyConstraint("domain_id", "seq", "target_id", "day", name="pk_delivery"),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["target_id", "due_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_delivery_lane",
        "delivery",
        ["domain_id", "target_id", "project_id", "key", "seq"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("ix_delivery_state", "delivery", ["domain_id", "state", "seq"], unique=False)
    op.create_index("ix_delivery_target", "delivery", ["domain_id", "target_id", "seq"], unique=False)
    op.create_index("ix_delivery_alert", "delivery", ["domain_id", "alert_seq", "seq"], unique=False)
    op.create_table(
        "attempt",
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
        sa.PrimaryKeyConstraint("domain_id", "seq", "target_id", "number", "day", name="pk_attempt"),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due",
        _text("domain_id"),
        _text("kind"),
        _text("subject"),
        _number("due_at"),
        sa.PrimaryKeyConstraint("domain_id", "kind", "subject", name="pk_due"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_due_due_at", "due", ["due_at"], unique=False)
    op.create_table(
        "activity",
        _text("domain_id"),
        _text("source_id"),
        _number("seen_at"),
        sa.PrimaryKeyConstraint("domain_id", "source_id", name="pk_activity"),
        sqlite_with_rowid=False,
    )
    _make_partitions(op.get_bind())


def _make_partitions(connection: sa.Connection) -> None:
    """Give the outbox the days that the ledger has already."""
    if connection.dialect.name != "postgresql":
        return
    names = connection.execute(
        sa.text(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = 'event'::regclass"
        )
    ).scalars()
    for day in sorted(int(name.removeprefix("event_")) for name in names):
        for table in ("delivery", "attempt"):
            op.execute(
                f"create table {table}_{day} partition of {table} for values from ({day}) to ({day + 1})"
            )


def _make_roles(connection: sa.Connection) -> None:
    for domain_id, created_at in connection.execute(sa.text("select id, created_at from domain")).all():
        for name, permissions in _ROLES.items():
            role_id = f"role-{secrets.token_hex(6)}"
            connection.execute(
                sa.text(
                    "insert into role (id, domain_id, name, permissions, scope, created_at)"
                    " values (:id, :domain_id, :name, :permissions, '', :created_at)"
                ),
                {
                    "id": role_id,
                    "domain_id": domain_id,
                    "name": name,
                    "permissions": permissions,
                    "created_at": created_at,
                },
            )
            if name == "administrator":
                connection.execute(
                    sa.text("update account set role_id = :role_id where domain_id = :domain_id"),
                    {"role_id": role_id, "domain_id": domain_id},
                )


def downgrade() -> None:
    """Take back what `upgrade` made."""
    for table in (
        "activity",
        "attempt",
        "audit",
        "delivery",
        "due",
        "idempotency",
        "role",
        "route",
        "silence",
        "target",
    ):
        op.drop_table(table)
    for table, columns in _ADDED.items():
        for column in columns:
            op.drop_column(table, column.name)
