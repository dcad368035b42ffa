"""What is fetched from: up to when all is heard, when it failed, and the gaps in which nothing was."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS: Final = ("heard_at", "failed_at", "next_attempt_at")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    """Let it be known what was missed."""
    for name in _COLUMNS:
        op.add_column("pull", _number(name))
    op.create_table(
        "gap",
        *map(_text, ("domain_id", "source_id")),
        *map(_number, ("began_at", "ended_at", "differences")),
        _text("reason"),
        sa.PrimaryKeyConstraint("domain_id", "source_id", "began_at", name="pk_gap"),
    )


def downgrade() -> None:
    """Take back what `upgrade` made."""
    op.drop_table("gap")
    for name in _COLUMNS:
        op.drop_column("pull", name)
