"""/rest/config/role and /rest/config/contact: the roles and users of a domain, for who may administer it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from tocsin.dialects.opsview.caller import author_of
from tocsin.dialects.opsview.config_body import called, number_of, read_list, read_name, read_object
from tocsin.dialects.opsview.config_contact import put_contact, read_password, show_contact
from tocsin.dialects.opsview.config_list import listed
from tocsin.dialects.opsview.config_members import PATH
from tocsin.dialects.opsview.config_role import put_role, show_role
from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.hub.passwords import Passwords
from tocsin.hub.staff import Members, Staff
from tocsin.hub.worlds import Worlds
from tocsin.model.access import Action
from tocsin.model.account import Account
from tocsin.model.role import Role
from tocsin.model.world.world import World

Thing = TypeVar("Thing", Role, Account)

_EXISTS: Final = "exists"
_MOST: Final = 100
"""So many are taken at once: the password of each keeps a processor busy."""


class Wish(NamedTuple):
    """What a client wants one role or user to be.

    Attributes:
        given: what it wrote.
        base: the number of the one that is changed, or copied; 0 for the one in it, or that is called so.
        is_copy: another like it is to be made.
        password_hash: of the password in it; '' for none.
    """

    given: Mapping[str, Any]
    base: int
    is_copy: bool
    password_hash: str


class Present(NamedTuple):
    """What there is in a domain: its roles and users, and what is configured."""

    members: Members
    world: World


class StaffConfig(ABC, Generic[Thing]):
    """Lists and changes roles, or users.

    Args:
        staff: where they stand.
        worlds: what roles are for.
        passwords: hashes those of users.

    Attributes:
        kind: as the path names it.
        has_passwords: whether they have any.
    """

    kind: str
    has_passwords: bool

    def __init__(self, staff: Staff, worlds: Worlds, passwords: Passwords) -> None:
        self._staff = staff
        self._worlds = worlds
        self._passwords = passwords

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        operations = {
            "GET": Operation(self._read, Action.CONFIGURE),
            "POST": Operation(self._post, Action.GOVERN),
            "PUT": Operation(self._put, Action.GOVERN),
            "DELETE": Operation(self._delete, Action.GOVERN),
        }
        return (Route(f"config/{self.kind}/", operations),)

    @abstractmethod
    def things(self, members: Members) -> Sequence[Thing]:
        """Give all of them."""

    @abstractmethod
    def shown(self, thing: Thing, present: Present) -> Document:
        """Show the members of one beside its id."""

    @abstractmethod
    def put(self, base: Thing | None, wish: Wish, present: Present) -> Thing:
        """Make one, or change one."""

    @abstractmethod
    def remove(self, members: Members, thing: Thing) -> None:
        """Delete one."""

    async def _read(self, request: Request) -> Document:
        rest, caller = _rest(request), request.caller
        world = await self._worlds.of(caller.domain_id)

        def look(members: Members) -> Document:
            present = Present(members, world)
            things = sorted(self.things(members), key=lambda each: (each.name.casefold(), each.id))
            if rest == _EXISTS:
                name = request.parameters.last("name")
                return {"exists": str(int(called(things, name) is not None))}
            if rest:
                return {"object": self._show(self._find(members, number_of(rest)), present)}
            return listed((self._show(each, present) for each in things), request.parameters)

        return await self._staff.read(author_of(caller), caller.domain_id, look)

    async def _post(self, request: Request) -> Document:
        rest, given = _rest(request), read_object(request.document)
        return await self._put_one(request, given, number_of(rest), rest, is_copy=bool(rest))

    async def _put(self, request: Request) -> Document:
        rest, caller = _rest(request), request.caller
        if rest:
            given = read_object(request.document)
            return await self._put_one(request, given, number_of(rest), rest, is_copy=False)
        given_all = read_list(request.document)
        if len(given_all) > _MOST:
            raise OpsviewError(400, f"list: at most {_MOST} at once")
        wishes = [Wish(each, 0, False, await self._hashed(each)) for each in given_all]
        world = await self._worlds.of(caller.domain_id)

        def change(members: Members) -> int:
            return len([self._granted(wish, Present(members, world)) for wish in wishes])

        updated = await self._staff.change(author_of(caller), caller.domain_id, change)
        return {"objects_updated": str(updated)}

    async def _put_one(
        self, request: Request, given: Mapping[str, Any], number: int, rest: str, *, is_copy: bool
    ) -> Document:
        if rest and not number:
            raise self._missing(rest)
        caller = request.caller
        wish = Wish(given, number, is_copy, await self._hashed(given))
        world = await self._worlds.of(caller.domain_id)

        def change(members: Members) -> Document:
            present = Present(members, world)
            return {"object": self._show(self._granted(wish, present), present)}

        return await self._staff.change(author_of(caller), caller.domain_id, change)

    async def _delete(self, request: Request) -> Document:
        rest, caller = _rest(request), request.caller
        wanted = [rest] if rest else list(dict.fromkeys(request.in_url.all("id")))
        if not wanted:
            raise bad_parameter("id", "expected which to delete")

        def change(members: Members) -> None:
            for each in wanted:
                self.remove(members, self._find(members, number_of(each)))

        await self._staff.change(author_of(caller), caller.domain_id, change)
        return {"success": "1"} if rest else {"objects_deleted": str(len(wanted))}

    async def _hashed(self, given: Mapping[str, Any]) -> str:
        password = read_password(given) if self.has_passwords else ""
        return await self._passwords.hash(password) if password else ""

    def _granted(self, wish: Wish, present: Present) -> Thing:
        number = wish.base or number_of(wish.given.get("id") or "")
        if number:
            return self.put(self._find(present.members, number), wish, present)
        named = called(self.things(present.members), read_name(wish.given))
        if named is not None:
            # Whose name is written in another letter case keeps it.
            wish = wish._replace(given={**wish.given, "name": named.name})
        return self.put(named, wish, present)

    def _find(self, members: Members, number: int) -> Thing:
        for each in self.things(members):
            if _number(each) == number:
                return each
        raise self._missing(str(number))

    def _missing(self, named: str) -> OpsviewError:
        return OpsviewError(404, f"there is no {self.kind} {named}")

    def _show(self, thing: Thing, present: Present) -> Document:
        shown = self.shown(thing, present)
        return {
            "id": str(_number(thing)),
            **shown,
            "ref": f"{PATH}/{self.kind}/{_number(thing)}",
            "uncommitted": "0",
        }


class RoleConfig(StaffConfig[Role]):
    """Lists and changes roles."""

    kind = "role"
    has_passwords = False

    def things(self, members: Members) -> Sequence[Role]:
        """Give all roles."""
        return members.roles()

    def shown(self, thing: Role, present: Present) -> Document:
        """Show a role."""
        return show_role(thing, present.world)

    def put(self, base: Role | None, wish: Wish, present: Present) -> Role:
        """Make a role, or change one."""
        return put_role(present.members, base, wish.given, present.world, new=wish.is_copy)

    def remove(self, members: Members, thing: Role) -> None:
        """Delete a role that no user has."""
        members.delete_role(thing)


class ContactConfig(StaffConfig[Account]):
    """Lists and changes users."""

    kind = "contact"
    has_passwords = True

    def things(self, members: Members) -> Sequence[Account]:
        """Give all users."""
        return members.users()

    def shown(self, thing: Account, present: Present) -> Document:
        """Show a user."""
        for role in present.members.roles():
            if role.id == thing.role_id:
                reference = {"name": role.name, "ref": f"{PATH}/{RoleConfig.kind}/{_number(role)}"}
                return show_contact(thing, reference)
        return show_contact(thing, None)

    def put(self, base: Account | None, wish: Wish, present: Present) -> Account:
        """Make a user, or change one."""
        return put_contact(present.members, base, wish.given, wish.password_hash, new=wish.is_copy)

    def remove(self, members: Members, thing: Account) -> None:
        """Delete a user."""
        members.delete_user(thing)


def _number(thing: Role | Account) -> int:
    """Give the number by which Opsview's clients know a thing: that in its id."""
    return int(thing.id.rpartition("-")[2], 16)


def _rest(request: Request) -> str:
    if len(request.below) > 1:
        raise OpsviewError(404, "there is no such path")
    return request.below[0] if request.below else ""
