"""The configured worlds of domains, for those who may not touch the store themselves."""

from collections.abc import Callable
from typing import TypeVar

from tocsin.hub.configuring import Configuring
from tocsin.model.audit import Author
from tocsin.model.world.draft import Draft
from tocsin.model.world.world import World
from tocsin.query.tree import Expression
from tocsin.store import sight, world

T = TypeVar("T")


class Worlds:
    """Gives worlds, and changes them.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def of(self, domain_id: str) -> World:
        """Give the world of a domain as it is now.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(lambda connection: world.world(connection, domain_id))

    async def seen(self, domain_id: str, scope: Expression, *, for_sure: bool = True) -> World:
        """Give of the world of a domain what somebody may know.

        Args:
            domain_id: whose.
            scope: what they may see.
            for_sure: of the hosts and services of which it holds whatever their events say; else of those of
                which it can hold of some event.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(
            lambda connection: sight.world_seen(connection, domain_id, scope, for_sure=for_sure)
        )

    async def change(self, author: Author, domain_id: str, edit: Callable[[Draft], T]) -> T:
        """Change the world of a domain.

        Args:
            author: who changes it.
            domain_id: whose.
            edit: puts in and takes out; what it raises undoes all.

        Raises:
            Missing: there is no such domain.
            Taken: a service would be called as another.
            Unfit: the world would be unsound.
            Unavailable: it cannot be changed now.
        """
        return await self._configuring.change(
            lambda connection: world.change(connection, author, domain_id, edit)
        )

    async def attempt(self, author: Author, domain_id: str, edit: Callable[[Draft], T]) -> T:
        """Say what a change would come to, and change nothing.

        Args:
            author: who would change it.
            domain_id: whose.
            edit: puts in and takes out.

        Raises:
            Unfit: the world would be unsound.
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(
            lambda connection: world.attempt(connection, domain_id, edit, author.at)
        )
