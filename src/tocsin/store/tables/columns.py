"""How the tables are written: one metadata, and the three kinds of columns that most of them are made of."""

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, Text, text
from sqlalchemy.types import TypeEngine

metadata: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)

Bytes: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares byte for byte on both engines (SQLite's BINARY, PostgreSQL's "C")."""


def text_column(name: str) -> Column[str]:
    """Give a column of text, '' where nothing is known."""
    return Column(name, Bytes, nullable=False, server_default=text("''"))


def number(name: str) -> Column[int]:
    """Give a column of whole numbers, 0 where nothing is known."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def flag(name: str) -> Column[int]:
    """Give a column of 0 or 1: a number binds faster than a truth value, and is one on both engines."""
    return number(name)
