"""`/api/v1/views`: pages of the console as people saved them, for themselves or for all of the domain."""

import time
from collections.abc import Callable
from typing import Annotated, Final, Literal

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api import pages
from tocsin.api.changes import applied
from tocsin.api.configured import Configured
from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.shapes import moment
from tocsin.api.sources import READ, Name
from tocsin.hub.errors import Forbidden
from tocsin.hub.hub import clock
from tocsin.model.access import Action, Principal, may, may_change
from tocsin.model.identifiers import random_id
from tocsin.model.view import Page, View
from tocsin.store import views

_SAVE: Final = {"action": Action.SAVE}
_TEXT_LIMIT: Final = 255
_COLUMNS_LIMIT: Final = 4_000
_RENAMED: Final = {"since": "from", "until": "to"}
_SECONDS_OF_ONE: Final = 1.0
"""How long one view is counted at most: one that takes long keeps none of the others from its count ..."""
_SECONDS_OF_ALL: Final = 10.0
"""... and how long all of them."""

Text = Annotated[str, msgspec.Meta(max_length=_TEXT_LIMIT)]
Columns = Annotated[str, msgspec.Meta(max_length=_COLUMNS_LIMIT)]
Show = Literal["", "open", "unacknowledged", "acknowledged", "resolved", "all"]
Order = Literal["", "urgent", "newest", "oldest", "most"]
Counted = Annotated[bool, QueryParameter(description="Say of each how many it shows whoever asks, now.")]


class NewView(msgspec.Struct, forbid_unknown_fields=True, rename=_RENAMED):
    """A view to save: a page, and its state in the words of its address. '' is what is usual there."""

    name: Name
    page: Page
    expression: str = ""
    since: Text = ""
    until: Text = ""
    columns: Columns = ""
    group: Text = ""
    show: Show = ""
    order: Order = ""
    shared: bool = False


class ViewChange(msgspec.Struct, forbid_unknown_fields=True, rename=_RENAMED):
    """What to change of a view; what is left out stays."""

    name: Name | UnsetType = UNSET
    expression: str | UnsetType = UNSET
    since: Text | UnsetType = UNSET
    until: Text | UnsetType = UNSET
    columns: Columns | UnsetType = UNSET
    group: Text | UnsetType = UNSET
    show: Show | UnsetType = UNSET
    order: Order | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class ViewItem(msgspec.Struct, kw_only=True, rename=_RENAMED):
    """A view as it is shown.

    Attributes:
        owner: the name of the user who made it; '' where they are gone.
        changeable: whether whoever asks may change and delete it.
    """

    id: str
    name: str
    page: Page
    expression: str
    since: str
    until: str
    columns: str
    group: str
    show: str
    order: str
    shared: bool
    owner: str
    owner_id: str
    changeable: bool
    created_at: str | None


class ListedView(ViewItem, kw_only=True, rename=_RENAMED):
    """A view as it is listed.

    Attributes:
        count: how many it shows whoever asks; None where that was not asked for, or takes too long.
    """

    count: int | None = None


class Views(Controller):
    """Views: pages of the console as people saved them."""

    path = "/api/v1/views"
    tags = ["views"]

    @get(opt=READ)
    async def listing(self, hub: TheHub, principal: Asker, counts: Counted = False) -> Listing[ListedView]:
        """List one's own private views, then those that the domain shares, each by name."""

        def look(connection: Connection) -> tuple[list[View], dict[str, str]]:
            found = views.views(connection, principal.domain_id, principal.account_id)
            return found, views.owners(connection, principal.domain_id, found)

        found, owners = await hub.database.read(look)
        end, items = time.monotonic() + _SECONDS_OF_ALL, []
        for view in found:
            item = ListedView(**msgspec.structs.asdict(_item(principal, view, owners)))
            now = time.monotonic()
            if counts and now < end:
                item.count = await pages.count(hub, principal, view, min(end, now + _SECONDS_OF_ONE))
            items.append(item)
        return Listing(items)

    @post(opt=_SAVE)
    async def create(
        self, data: JSONBody[NewView], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[ViewItem]:
        """Save a view, for oneself or for all of the domain."""
        given = msgspec.structs.asdict(data)
        view = View(random_id("view"), principal.domain_id, principal.account_id, created_at=clock(), **given)
        pages.check(view)
        return await _seen_by(principal).make(
            hub, principal, once, lambda connection: views.create_view(connection, view), _shown_to(principal)
        )

    @get("/{view_id:str}", opt=READ)
    async def one(
        self, view_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[ViewItem]:
        """Show a view."""
        return await _seen_by(principal).show(hub, principal, view_id, _shown_to(principal), if_none_match)

    @patch("/{view_id:str}", opt=_SAVE)
    async def change(
        self,
        view_id: FromPath[str],
        data: JSONBody[ViewChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[ViewItem]:
        """Change a view, share it, or keep it for its owner alone. A page stays the one that it is."""

        def alter(_: Connection, view: View) -> View:
            _demand_change(principal, view)
            changed = applied(data, view)
            pages.check(changed)
            return changed

        return await _seen_by(principal).change(
            hub, principal, view_id, if_match, alter, _shown_to(principal)
        )

    @delete("/{view_id:str}", opt=_SAVE)
    async def remove(
        self, view_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a view."""
        await _seen_by(principal).delete(hub, principal, view_id, if_match)


def _seen_by(principal: Principal) -> Configured[View]:
    """Give the views that somebody sees: those of others are not there for them."""

    def find(connection: Connection, domain_id: str, view_id: str) -> View:
        return views.find_view(connection, domain_id, principal.account_id, view_id)

    def remove(connection: Connection, view: View) -> None:
        _demand_change(principal, view)
        views.delete_view(connection, view)

    return Configured("view", find=find, write=views.change_view, delete=remove)


def _shown_to(principal: Principal) -> Callable[[Connection, View], ViewItem]:
    def show(connection: Connection, view: View) -> ViewItem:
        return _item(principal, view, views.owners(connection, view.domain_id, [view]))

    return show


def _demand_change(principal: Principal, view: View) -> None:
    """Refuse whoever may not change a view.

    Raises:
        Forbidden: it is somebody else's.
    """
    if not may_change(principal, view):
        raise Forbidden(f"{principal.name} may not change it: another user shares it")


def _item(principal: Principal, view: View, owners: dict[str, str]) -> ViewItem:
    shown = {name: getattr(view, name) for name in ViewItem.__struct_fields__ if hasattr(view, name)}
    shown |= {"owner": owners.get(view.owner_id, ""), "created_at": moment(view.created_at)}
    changeable = may(principal, Action.SAVE) and may_change(principal, view)
    return ViewItem(**shown, changeable=changeable)
