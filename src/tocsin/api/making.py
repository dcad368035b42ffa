"""What a POST does that makes something: it is written down in the audit log, in one transaction, and shown."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.api.principal import author
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal
from tocsin.store import audit, configuration

Thing = TypeVar("Thing", bound=audit.Subject)
Item = TypeVar("Item", bound=msgspec.Struct)


async def made(
    hub: Hub,
    principal: Principal,
    kind: str,
    make: Callable[[Connection], Thing],
    show: Callable[[Connection, Thing], Item],
) -> tuple[Thing, Item]:
    """Make something in the asker's domain.

    Args:
        hub: what runs.
        principal: who asks.
        kind: what the audit log calls it.
        make: writes it; whatever it refuses is not made.
        show: gives it as it is shown.
    """

    def work(connection: Connection) -> tuple[Thing, Item]:
        configuration.hold(connection)
        thing = make(connection)
        audit.write(connection, author(principal), f"{kind}.create", after=thing)
        return thing, show(connection, thing)

    shown = await hub.database.write(work)
    await hub.authentication.refresh()
    return shown
