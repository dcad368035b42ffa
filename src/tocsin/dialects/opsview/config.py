"""/rest/config/TYPE: what is configured of the monitored world, listed and changed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from tocsin.dialects.opsview.caller import Caller, author_of
from tocsin.dialects.opsview.config_besides import besides
from tocsin.dialects.opsview.config_body import number_of, read_list, read_name, read_object
from tocsin.dialects.opsview.config_list import listed
from tocsin.dialects.opsview.config_members import (
    COMPONENT,
    MEMBERS,
    finder,
    read_members,
    reference,
    show_members,
)
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.hub.errors import Forbidden
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.world.documents import DOCUMENTS, Configured, Host, HostGroup, Kind
from tocsin.model.world.draft import Draft, Unfit
from tocsin.model.world.world import World
from tocsin.query.tree import All

T = TypeVar("T")

_EXISTS: Final = "exists"
_ALSO: Final = {COMPONENT: Kind.BUSINESS_COMPONENT}


class Config:
    """Lists and changes what is configured.

    Args:
        worlds: where it stands.
    """

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        operations = {
            "GET": Operation(self._read, Action.READ),
            "POST": Operation(self._post, Action.CONFIGURE),
            "PUT": Operation(self._put, Action.CONFIGURE),
            "DELETE": Operation(self._delete, Action.CONFIGURE),
        }
        return (Route("config/", operations),)

    async def _read(self, request: Request) -> Document:
        kind, rest = _asked(request)
        world = await self._seen(request.caller)
        things = world.all(kind)
        if rest == _EXISTS:
            name = request.parameters.last("name").casefold()
            return {"exists": str(int(any(each.name.casefold() == name for each in things.values())))}
        if rest:
            return {"object": _show(_found(things.get(number_of(rest)), kind, rest), world)}
        in_order = sorted(things.values(), key=lambda each: (each.name.casefold(), each.number))
        return listed((_show(each, world) for each in in_order), request.parameters)

    async def _post(self, request: Request) -> Document:
        kind, rest = _asked(request)
        given = read_object(request.document)

        def edit(draft: Draft) -> Configured:
            if not rest:
                return _put(draft, kind, given)
            # A copy, which must be called otherwise.
            original = _found(draft.find(kind, number_of(rest)), kind, rest)
            return _written(draft, original, kind, 0, given)

        return await self._shown(request.caller, await self._change(request.caller, edit))

    async def _put(self, request: Request) -> Document:
        kind, rest = _asked(request)
        if not rest:
            given_all = read_list(request.document)
            made = await self._change(
                request.caller, lambda draft: [_put(draft, kind, each) for each in given_all]
            )
            return {"objects_updated": str(len(made))}
        given = read_object(request.document)

        def edit(draft: Draft) -> Configured:
            present = _found(draft.find(kind, number_of(rest)), kind, rest)
            return _written(draft, present, kind, present.number, given)

        return await self._shown(request.caller, await self._change(request.caller, edit))

    async def _delete(self, request: Request) -> Document:
        kind, rest = _asked(request)
        wanted = [rest] if rest else list(request.in_url.all("id"))
        if not wanted:
            raise bad_parameter("id", "expected which to delete")

        def edit(draft: Draft) -> None:
            numbered = {each: draft.find(kind, number_of(each)) for each in wanted}
            draft.remove([_found(thing, kind, each) for each, thing in numbered.items()])

        await self._change(request.caller, edit)
        return {"success": "1"} if rest else {"objects_deleted": str(len(set(wanted)))}

    async def _change(self, caller: Caller, edit: Callable[[Draft], T]) -> T:
        if not isinstance(caller.sees, All):
            raise Forbidden("what is monitored is not for who sees a part of it to change")
        try:
            return await self._worlds.change(author_of(caller), caller.domain_id, edit)
        except Unfit as failure:
            raise OpsviewError(400, str(failure)) from None

    async def _shown(self, caller: Caller, thing: Configured) -> Document:
        return {"object": _show(thing, await self._seen(caller))}

    async def _seen(self, caller: Caller) -> World:
        return await self._worlds.seen(caller.domain_id, caller.sees)


def _show(thing: Configured, world: World) -> Document:
    """Show a thing as it stands in a world. Every value is a text, a reference, or null for none."""

    def look(kind: Kind, number: int) -> Configured | None:
        return world.all(kind).get(number)

    def all_of(kind: Kind) -> Iterable[Configured]:
        return world.all(kind).values()

    members = show_members(MEMBERS[thing.kind], thing.document, look)
    shown: Document = {"id": str(thing.number), "name": thing.name, **members}
    if isinstance(thing.document, HostGroup):
        children = [reference(each) for each in all_of(Kind.HOST_GROUP) if _parent(each) == thing.number]
        shown |= {
            "matpath": world.path(thing.number),
            "children": children,
            "hosts": [reference(each) for each in all_of(Kind.HOST) if _group(each) == thing.number],
            "is_leaf": str(int(not children)),
        }
    return shown | besides(thing, all_of) | {"ref": reference(thing)["ref"], "uncommitted": "0"}


def _put(draft: Draft, kind: Kind, given: Mapping[str, Any]) -> Configured:
    """Make a thing, or change the one of its id, or the one that is called so."""
    number = number_of(given["id"]) if given.get("id") else 0
    if number:
        return _written(draft, _found(draft.find(kind, number), kind, str(number)), kind, number, given)
    named = draft.named(kind, read_name(given))
    if kind is Kind.HOST_GROUP and "parent" in given:
        parent = read_members(MEMBERS[kind], given, finder(draft.named)).get("parent")
        named = [each for each in named if _parent(each) == parent]
    if len(named) > 1:
        raise bad_parameter("name", f"{len(named)} host groups are called so: say the parent")
    present = named[0] if named else None
    return _written(draft, present, kind, present.number if present else 0, given)


def _written(
    draft: Draft, base: Configured | None, kind: Kind, number: int, given: Mapping[str, Any]
) -> Configured:
    """Write a thing: what is given, the rest as in what it is made from."""
    members = read_members(MEMBERS[kind], given, finder(draft.named))
    document = DOCUMENTS[kind]() if base is None else base.document
    name = base.name if base is not None and number and "name" not in given else read_name(given)
    return draft.put(kind, number, name, msgspec.structs.replace(document, **members))


def _asked(request: Request) -> tuple[Kind, str]:
    parts = request.below
    named = _ALSO.get(parts[0], parts[0]) if parts else ""
    if named not in DOCUMENTS or len(parts) > 2:
        raise OpsviewError(404, f"there is no such path: below /rest/config are {', '.join(DOCUMENTS)}")
    return Kind(named), parts[1] if len(parts) == 2 else ""


def _found(thing: Configured | None, kind: Kind, named: str) -> Configured:
    if thing is None:
        raise OpsviewError(404, f"there is no {kind} {named}")
    return thing


def _parent(thing: Configured) -> int:
    return thing.document.parent if isinstance(thing.document, HostGroup) else 0


def _group(thing: Configured) -> int:
    return thing.document.group if isinstance(thing.document, Host) else 0
