"""The monitored world: what check results need to know of objects, its configuration, its downtimes. And the
escalation policies of the domains, the intake rules of their projects, what people write on alerts, and
which alerts they merged, moved or deleted, and which notes they changed.
"""

from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NOT_ENDED: Final = sa.text("ended_at = 0")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


_ADDED: Final[dict[str, tuple[tuple[str, Callable[[str], sa.Column[Any]]], ...]]] = {
    "domain": (("next_configured", _number), ("world_version", _number)),
    "alert": (("sticky", _number), ("assignee", _text)),
    "source": (("secret", _text),),
    "object": (
        ("output", _text),
        ("attempt", _number),
        ("hard_state", _text),
        ("checked_at", _number),
        ("changes", _number),
        ("flapping", _number),
        ("acknowledged_at", _number),
        ("acknowledged_by", _text),
        ("acknowledged_comment", _text),
        ("sticky", _number),
        ("downtime_id", _text),
        ("group_id", _number),
        ("max_attempts", _number),
        ("volatile", _number),
        ("flap_detection", _number),
        ("markdown", _number),
        ("gone_at", _number),
        ("parents", _text),
    ),
}
"""Table -> the names of the columns that it gets, and what makes each."""


def upgrade() -> None:
    """Let objects be checked and configured."""
    for table, columns in _ADDED.items():
        for name, column in columns:
            op.add_column(table, column(name))
    op.create_table(
        "configured",
        _text("domain_id"),
        _text("kind"),
        _number("id"),
        _text("name"),
        _text("folded_name"),
        _text("document"),
        _number("created_at"),
        _number("changed_at"),
        sa.PrimaryKeyConstraint("domain_id", "kind", "id", name="pk_configured"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_configured_name", "configured", ["domain_id", "kind", "folded_name"])
    op.create_table(
        "downtime",
        _text("domain_id"),
        _text("id"),
        _text("submission"),
        _number("object_id"),
        _text("host"),
        _text("service"),
        _number("starts_at"),
        _number("ends_at"),
        _text("author"),
        _text("comment"),
        _number("created_at"),
        _number("started_at"),
        _number("ended_at"),
        _text("origin"),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_downtime"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_downtime_object",
        "downtime",
        ["domain_id", "object_id"],
        sqlite_where=_NOT_ENDED,
        postgresql_where=_NOT_ENDED,
    )
    op.create_index("ix_downtime_ended_at", "downtime", ["ended_at"])
    op.create_table(
        "escalation_policy",
        sa.Column("id", _TEXT, primary_key=True),
        _text("domain_id"),
        _text("name"),
        _text("project_id"),
        _text("finish_condition"),
        _number("is_default"),
        _text("tags"),
        _number("created_at"),
    )
    op.create_index("ix_escalation_policy_domain_id", "escalation_policy", ["domain_id"])
    op.create_table(
        "handling",
        _text("domain_id"),
        _number("alert_seq"),
        _text("title"),
        _text("description"),
        _text("urgency"),
        _text("status_message"),
        sa.PrimaryKeyConstraint("domain_id", "alert_seq", name="pk_handling"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mark",
        _text("domain_id"),
        _number("alert_seq"),
        _number("merged_into"),
        _text("project_id"),
        _number("deleted_at"),
        sa.PrimaryKeyConstraint("domain_id", "alert_seq", name="pk_mark"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        _text("domain_id"),
        _number("seq"),
        _number("alert_seq"),
        _text("text"),
        _number("deleted_at"),
        sa.PrimaryKeyConstraint("domain_id", "seq", name="pk_note"),
        sqlite_with_rowid=False,
    )
    _give_first_policies(op.get_bind())
    op.create_table(
        "intake_rule",
        sa.Column("id", _TEXT, primary_key=True),
        _text("domain_id"),
        _text("project_id"),
        _text("name"),
        _number("position"),
        _text("conditions"),
        _text("requires"),
        _text("effect"),
        _text("tags"),
        _number("created_at"),
    )
    op.create_index("ix_intake_rule_domain_id", "intake_rule", ["domain_id"])

    op.create_table(
        "pull",
        _text("domain_id"),
        _text("source_id"),
        _text("node"),
        _number("leased_until"),
        _number("connected_at"),
        _text("trouble"),
        sa.PrimaryKeyConstraint("domain_id", "source_id", name="pk_pull"),
    )


def downgrade() -> None:
    """Take back what `upgrade` made."""
    op.drop_table("pull")
    op.drop_table("intake_rule")
    op.drop_table("note")
    op.drop_table("mark")
    op.drop_table("handling")
    op.drop_table("escalation_policy")
    op.drop_table("downtime")
    op.drop_table("configured")
    for table, columns in _ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)


def _give_first_policies(connection: sa.Connection) -> None:
    """Give every domain the escalation policy that a new one has from its making."""
    domains = connection.execute(sa.text("select id, created_at from domain")).all()
    for domain in domains:
        connection.execute(
            sa.text(
                "insert into escalation_policy"
                " (id, domain_id, name, finish_condition, is_default, tags, created_at)"
                " values (:id, :domain_id, 'Default', 'ACKNOWLEDGED', 1, '{}', :created_at)"
            ),
            {"id": f"ep-{token_hex(6)}", "domain_id": domain.id, "created_at": domain.created_at},
        )
