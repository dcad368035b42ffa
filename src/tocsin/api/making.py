"""What a POST does that makes something: made once, with its line in the audit log, in one transaction."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection

from tocsin.api.idempotency import is_repeated
from tocsin.api.principal import author
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Principal
from tocsin.model.submission import Once
from tocsin.store import audit, configuration
from tocsin.store.repetitions import recall, remember

Thing = TypeVar("Thing", bound=audit.Subject)
Item = TypeVar("Item", bound=msgspec.Struct)


class Made(NamedTuple, Generic[Thing, Item]):
    """What was made.

    Attributes:
        thing: as it is stored.
        item: as it is shown.
        repeated: whether an earlier request with the same Idempotency-Key made it.
    """

    thing: Thing
    item: Item
    repeated: bool


async def made(
    hub: Hub,
    principal: Principal,
    once: Once | None,
    kind: str,
    *,
    make: Callable[[Connection], Thing],
    find: Callable[[Connection, str, str], Thing],
    show: Callable[[Connection, Thing], Item],
) -> Made[Thing, Item]:
    """Make something in the asker's domain, unless the same request made it before.

    Args:
        hub: what runs.
        principal: who asks.
        once: by what the request is known if it comes again, None for nothing.
        kind: what the audit log calls it.
        make: writes it; whatever it refuses is not made.
        find: gives what an earlier request made, by domain and id, as it stands now.
        show: gives it as it is shown.

    Raises:
        KeyReused: an earlier request with this key had another body.
        NotFound: what the earlier request made is deleted since.
    """

    def work(connection: Connection) -> Made[Thing, Item]:
        configuration.hold(connection)
        known = "" if once is None else recall(connection, principal.domain_id, once)
        repeated = is_repeated(once)
        if repeated:
            thing = find(connection, principal.domain_id, known)
        else:
            thing = make(connection)
            audit.write(connection, author(principal), f"{kind}.create", after=thing)
            if once is not None:
                remember(connection, principal.domain_id, once, thing.id, clock())
        return Made(thing, show(connection, thing), repeated)

    shown = await hub.database.write(work)
    await hub.authentication.catch_up()
    return shown
