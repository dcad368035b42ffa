"""Hints in SQLite's statements: which index a table is to be read by."""

from sqlalchemy import FromClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class HintingCompiler(SQLiteCompiler):
    """Writes the hint of `Select.with_hint` after its table. SQLAlchemy leaves it out for SQLite.

    The hint is one of https://www.sqlite.org/lang_indexedby.html.
    """

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """Give the hint as it is."""
        return text
