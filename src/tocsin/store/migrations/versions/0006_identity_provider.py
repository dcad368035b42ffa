"""Users: who they are at an identity provider."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS: Final = ("issuer", "subject")
_KNOWN: Final = sa.text("subject <> ''")


def upgrade() -> None:
    """Let users come by an identity provider."""
    for name in _COLUMNS:
        op.add_column("account", sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False))
    op.create_index(
        "ix_account_subject",
        "account",
        list(_COLUMNS),
        unique=True,
        sqlite_where=_KNOWN,
        postgresql_where=_KNOWN,
    )


def downgrade() -> None:
    """Take back what `upgrade` made."""
    op.drop_index("ix_account_subject", "account")
    for name in _COLUMNS:
        op.drop_column("account", name)
