"""Views: what people saved of the console's pages."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from tocsin.model.account import Account
from tocsin.model.view import Page, View
from tocsin.store import tables
from tocsin.store.configuration import taken
from tocsin.store.errors import Conflict, NotFound

VIEW_LIMIT: Final = 100
"""How many a user may have, shared ones among them."""


def create_view(connection: Connection, view: View) -> View:
    """Write a new view. Whoever calls it holds the configuration.

    Raises:
        Conflict: the name is taken, or its owner has as many as one may.
    """
    columns = tables.view.c
    own = select(func.count()).where(columns.domain_id == view.domain_id, columns.owner_id == view.owner_id)
    if connection.execute(own).scalar_one() >= VIEW_LIMIT:
        raise Conflict(f"you have {VIEW_LIMIT} views, which is as many as one may have: delete some")
    with taken(_taken(view)):
        connection.execute(insert(tables.view).values(**_values(view)))
    return view


def views(connection: Connection, domain_id: str, account_id: str) -> list[View]:
    """Give what a user sees: their own private views, then all that the domain shares, each by name."""
    rows = connection.execute(select(tables.view).where(*_seen_by(domain_id, account_id)))
    return sorted(map(_view, rows), key=lambda view: (view.shared, view.name.casefold(), view.id))


def find_view(connection: Connection, domain_id: str, account_id: str, view_id: str) -> View:
    """Find a view that a user sees.

    Raises:
        NotFound: there is none with that id, or it is somebody else's private one.
    """
    found = select(tables.view).where(*_seen_by(domain_id, account_id), tables.view.c.id == view_id)
    row = connection.execute(found).first()
    if row is None:
        raise NotFound(f"there is no view {view_id}: it was deleted, or is shared no longer")
    return _view(row)


def change_view(connection: Connection, view: View) -> None:
    """Write a view as it is from now on.

    Raises:
        Conflict: the name is taken.
    """
    with taken(_taken(view)):
        connection.execute(update(tables.view).where(*_is(view)).values(**_values(view)))


def delete_view(connection: Connection, view: View) -> None:
    """Delete a view."""
    connection.execute(delete(tables.view).where(*_is(view)))


def delete_private(connection: Connection, account: Account) -> None:
    """Delete what nobody else sees of a user's views."""
    columns = tables.view.c
    connection.execute(
        delete(tables.view).where(
            columns.domain_id == account.domain_id, columns.owner_id == account.id, columns.shared == 0
        )
    )


def owners(connection: Connection, domain_id: str, shown: Iterable[View]) -> dict[str, str]:
    """Give the names of the users who made some views, by their ids. Those who are gone have none."""
    ids, columns = {view.owner_id for view in shown}, tables.account.c
    named = select(columns.id, columns.name).where(columns.domain_id == domain_id, columns.id.in_(ids))
    return {row.id: row.name for row in connection.execute(named)}


def _seen_by(domain_id: str, account_id: str) -> tuple[ColumnElement[bool], ...]:
    columns = tables.view.c
    return columns.domain_id == domain_id, or_(columns.owner_id == account_id, columns.shared == 1)


def _is(view: View) -> tuple[ColumnElement[bool], ...]:
    return tables.view.c.domain_id == view.domain_id, tables.view.c.id == view.id


def _taken(view: View) -> str:
    return f"a {'shared' if view.shared else 'private'} view named {view.name} exists already"


def _values(view: View) -> dict[str, Any]:
    return msgspec.structs.asdict(view) | {"page": view.page.value, "shared": int(view.shared)}


def _view(row: Row[Any]) -> View:
    given: dict[str, Any] = dict(row._mapping)
    return View(**given | {"page": Page(row.page), "shared": bool(row.shared)})
