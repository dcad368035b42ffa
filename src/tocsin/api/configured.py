"""What is configured: whichever kind it is, it is made, shown, changed and deleted in one way.

Whoever changes something holds the configuration from reading the thing to the end of the transaction: nobody
else's change comes between. The audit log has its line in the same transaction.
"""

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

import msgspec
from litestar import Response
from sqlalchemy import Connection

from tocsin.api.making import made
from tocsin.api.principal import author
from tocsin.api.revisions import answer, demand
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal
from tocsin.model.submission import Once
from tocsin.store import audit, configuration

Thing = TypeVar("Thing", bound=audit.Subject)
Item = TypeVar("Item", bound=msgspec.Struct)

Show: TypeAlias = Callable[[Connection, Thing], Item]
"""Gives a thing as it is shown."""


class Configured(Generic[Thing]):
    """One kind of what is configured.

    Args:
        kind: what the audit log calls it.
        find: gives the one of a domain that has an id or a name.
        write: writes one as it is from now on.
        delete: deletes one.
    """

    def __init__(
        self,
        kind: str,
        *,
        find: Callable[[Connection, str, str], Thing],
        write: Callable[[Connection, Thing], None],
        delete: Callable[[Connection, Thing], None],
    ) -> None:
        self._kind = kind
        self._find = find
        self._write = write
        self._delete = delete

    async def make(
        self,
        hub: Hub,
        principal: Principal,
        once: Once | None,
        make: Callable[[Connection], Thing],
        show: Show[Thing, Item],
    ) -> Response[Item]:
        """Make one in the asker's domain, and show it. Parameters and errors are those of `made`."""
        new = await made(hub, principal, once, self._kind, make=make, find=self._find, show=show)
        return answer(new.thing, new.item, status=201, repeated=new.repeated)

    async def show(
        self, hub: Hub, principal: Principal, name_or_id: str, show: Show[Thing, Item], if_none_match: str
    ) -> Response[Item]:
        """Show one of the asker's domain.

        Raises:
            NotFound: there is none.
        """

        def look(connection: Connection) -> tuple[Thing, Item]:
            thing = self._find(connection, principal.domain_id, name_or_id)
            return thing, show(connection, thing)

        return answer(*await hub.database.read(look), if_none_match)

    async def change(
        self,
        hub: Hub,
        principal: Principal,
        name_or_id: str,
        if_match: str,
        alter: Callable[[Connection, Thing], Thing],
        show: Show[Thing, Item],
    ) -> Response[Item]:
        """Change one of the asker's domain, and show it.

        Args:
            hub: what runs.
            principal: who asks.
            name_or_id: of the thing.
            if_match: the header of that name, '' for none.
            alter: gives a thing as it is to be, or refuses.
            show: gives it as it is shown.

        Raises:
            NotFound: there is none.
            ProblemDetailsException: it is no longer what `if_match` says.
        """

        def work(connection: Connection) -> tuple[Thing, Item]:
            before = self._hold(connection, principal, name_or_id, if_match)
            after = alter(connection, before)
            if after != before:
                self._write(connection, after)
                audit.write(connection, author(principal), f"{self._kind}.change", before=before, after=after)
            return after, show(connection, after)

        changed = await hub.database.write(work)
        await hub.authentication.catch_up()
        return answer(*changed)

    async def delete(self, hub: Hub, principal: Principal, name_or_id: str, if_match: str) -> None:
        """Delete one of the asker's domain.

        Raises:
            NotFound: there is none.
            ProblemDetailsException: it is no longer what `if_match` says.
        """

        def work(connection: Connection) -> None:
            thing = self._hold(connection, principal, name_or_id, if_match)
            self._delete(connection, thing)
            audit.write(connection, author(principal), f"{self._kind}.delete", before=thing)

        await hub.database.write(work)
        await hub.authentication.catch_up()

    def _hold(self, connection: Connection, principal: Principal, name_or_id: str, if_match: str) -> Thing:
        configuration.hold(connection)
        thing = self._find(connection, principal.domain_id, name_or_id)
        demand(thing, if_match)
        return thing
