"""The address of a store: read once, and given to each driver in its own form."""

from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_EXAMPLE: Final = "postgresql://USER:PASSWORD@HOST:5432/NAME"


def parse_address(address: str) -> URL:
    """Read the address of a store: `sqlite:///path`, or `postgresql://...` as libpq knows it.

    Args:
        address: as the operator wrote it. PostgreSQL's `sslmode` is taken, and `ssl` as another name of it.

    Returns:
        The URL in the form that SQLAlchemy's asyncpg dialect expects, where `sslmode` is called `ssl`.

    Raises:
        ValueError: it is no address, or not one of these. It never tells the address: that holds a password.
    """
    try:
        parsed = make_url(address)
    except (ArgumentError, ValueError):
        # Not even the fault's own words: they may quote a part of the address.
        raise ValueError(
            f"database: not the address of a store, like {_EXAMPLE}; in a password, write '@', '/' and '%' as"
            " %40, %2F and %25"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite")
    if backend != "postgresql":
        raise ValueError(f"database: the store is SQLite or PostgreSQL, not {backend}")
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return parsed.set(drivername="postgresql+asyncpg", query=query)


def libpq_address(url: URL) -> str:
    """Give the address of a PostgreSQL store as libpq and asyncpg itself know it, with its password.

    Args:
        url: from `parse_address`.
    """
    query = dict(url.query)
    if "ssl" in query:
        query["sslmode"] = query.pop("ssl")
    return url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
