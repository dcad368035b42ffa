"""Downtimes of which a source told are found by their host or service, also those that are over."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NAME: Final = "ix_downtime_told"
_TOLD: Final = sa.text("origin <> ''")


def upgrade() -> None:
    """Let it be found at once whether a source told of a downtime before."""
    op.create_index(_NAME, "downtime", ["domain_id", "object_id"], sqlite_where=_TOLD, postgresql_where=_TOLD)


def downgrade() -> None:
    """Take back what `upgrade` made."""
    op.drop_index(_NAME, "downtime")
