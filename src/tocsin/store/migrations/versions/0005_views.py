"""Views: pages of the console as people saved them."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_STATE: Final = ("page", "expression", "since", "until", "columns", "group", "show", "order")
_NAMES: Final = (
    ("ix_view_private_name", ["domain_id", "owner_id", "name"], sa.text("shared = 0")),
    ("ix_view_shared_name", ["domain_id", "name"], sa.text("shared = 1")),
)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    """Let people save views."""
    op.create_table(
        "view",
        *map(_text, ("domain_id", "id", "owner_id", "name", *_STATE)),
        *map(_number, ("shared", "created_at")),
        sa.PrimaryKeyConstraint("domain_id", "id", name="pk_view"),
    )
    op.create_index("ix_view_owner_id", "view", ["domain_id", "owner_id"])
    for name, columns, which in _NAMES:
        op.create_index(name, "view", columns, unique=True, sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    """Take back what `upgrade` made."""
    op.drop_table("view")
