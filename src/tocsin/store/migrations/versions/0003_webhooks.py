"""What webhooks of Cloudforet have beside every source, and the alert configuration of each project."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_ADDED: Final = ("tags", "plugin")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    """Let sources be webhooks, named once in a project, and give every project an alert configuration."""
    for name in _ADDED:
        op.add_column("source", _text(name))
    op.drop_index("ix_source_domain_id_name", "source")
    op.create_index("ix_source_project_id_name", "source", ["domain_id", "project_id", "name"], unique=True)
    op.create_table(
        "alert_config",
        _text("domain_id"),
        _text("project_id"),
        _text("recovery_mode"),
        _text("notification_urgency"),
        _text("escalation_policy_id"),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("domain_id", "project_id", name="pk_alert_config"),
    )
    op.execute(
        "insert into alert_config (domain_id, project_id, recovery_mode, notification_urgency, created_at)"
        " select domain_id, id, 'AUTO', 'ALL', created_at from project"
    )


def downgrade() -> None:
    """Take back what `upgrade` made. Fails where sources of a domain have one name in several projects."""
    op.drop_table("alert_config")
    op.drop_index("ix_source_project_id_name", "source")
    op.create_index("ix_source_domain_id_name", "source", ["domain_id", "name"], unique=True)
    for name in _ADDED:
        op.drop_column("source", name)
