"""Ending a query from outside, on the engines that run within the process."""

import asyncio
from typing import Any, Final

from sqlalchemy import Connection

from tocsin.store.errors import TookTooLong

_AGAIN_SECONDS: Final = 0.05


class Interrupt:
    """Ends a running query from the event loop when its time is up.

    Attributes:
        fired: the time was up.
    """

    def __init__(self) -> None:
        self.fired = False
        self._connection: Any = None

    def arm(self, connection: Connection) -> None:
        """Say what runs from now on.

        Raises:
            TookTooLong: the time was up before.
        """
        self._connection = connection.connection.driver_connection
        if self.fired:
            self._connection = None
            raise TookTooLong("the search waited too long for its turn")

    def disarm(self) -> None:
        """Say that nothing runs any more."""
        self._connection = None

    def fire(self) -> None:
        """End what runs, or what is going to. Called on the event loop.

        It is done again until nothing runs: an engine forgets what comes just before a statement.
        """
        self.fired = True
        if (connection := self._connection) is not None:
            connection.interrupt()
            asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self.fire)
