"""Reading and changing the configuration, for those who may not touch the store themselves."""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection

from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import Missing, Taken, Unavailable
from tocsin.store import configuration
from tocsin.store.database import Database
from tocsin.store.errors import Conflict, NotFound, StoreUnavailable

T = TypeVar("T")

_NO_ANSWER: Final = "the store does not answer now"


class Configuring:
    """Does work on the configuration. What changes is known on this node at once, on the others in a second.

    Args:
        database: where it stands.
        authentication: what is told of changes.
    """

    def __init__(self, database: Database, authentication: Authentication) -> None:
        self._database = database
        self._authentication = authentication

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that reads.

        Raises:
            Unavailable: it cannot be done now.
        """
        try:
            return await self._database.read(work)
        except StoreUnavailable:
            raise Unavailable(_NO_ANSWER) from None

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Do work that changes something. No other change comes in between.

        Raises:
            Missing: the work found nothing.
            Taken: the work found a name or an id taken.
            Unavailable: it cannot be done now.
        """

        def held(connection: Connection) -> T:
            configuration.hold(connection)
            return work(connection)

        try:
            result = await self._database.write(held)
            await self._authentication.catch_up()
        except NotFound as failure:
            raise Missing(str(failure)) from None
        except Conflict as failure:
            raise Taken(str(failure)) from None
        except StoreUnavailable:
            raise Unavailable(_NO_ANSWER) from None
        return result
