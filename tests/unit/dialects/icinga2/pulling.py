"""What tests of fetching from an Icinga 2 share: a source, a hub that fetches, and what it comes to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection

from tests.contract.scene import Scene
from tests.unit.dialects.icinga2.fake import PASSWORD, USER, Fake
from tocsin.dialects.icinga2.pull import Icinga2
from tocsin.hub.hub import Hub, clock
from tocsin.hub.objects import Act
from tocsin.model.audit import Author
from tocsin.model.pulled import Gap, Pulled
from tocsin.model.signal import Kind
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload
from tocsin.store import directory, gaps, pulls

SECONDS = 8


async def add_source(scene: Scene, fake: Fake, secret: str = PASSWORD, **options: Any) -> Source:
    """Make a source that fetches from a server."""
    given = {"url": fake.url, "user": USER, "fingerprint": fake.certificates.fingerprint} | options

    def work(connection: Connection) -> Source:
        return directory.create_source(
            connection,
            domain_id="main",
            project_id=scene.source.project_id,
            name="icinga",
            source_format="icinga2",
            now=scene.clock(),
            options=SourceOptions(format_options=given),
            secret=secret,
        )

    return await scene.database.write(work)


@asynccontextmanager
async def pulling(scene: Scene, *, private: bool = True, idle_seconds: float = 60) -> AsyncIterator[Hub]:
    fetching = Icinga2(allow_private=private, idle_seconds=idle_seconds)
    async with Hub(scene.database, pulls={"icinga2": fetching}).running() as hub:
        yield hub


async def state(scene: Scene) -> Pulled:
    found = await scene.database.read(pulls.pulled)
    return next(iter(found.values()), Pulled("", ""))


async def shown(scene: Scene) -> list[Gap]:
    """Give the gaps that are kept, the newest first."""
    found = await scene.database.read(lambda connection: gaps.gaps(connection, "main"))
    return next(iter(found.values()), [])


async def until(look: Callable[[], Any]) -> Any:
    """Look until there is something true to give."""
    async with asyncio.timeout(SECONDS):
        while not (found := await look()):  # noqa: ASYNC110 -- what is waited for is in the store
            await asyncio.sleep(0.02)
    return found


async def connected(scene: Scene) -> None:
    async def look() -> bool:
        return bool((await state(scene)).connected_at)

    await until(look)


async def trouble(scene: Scene) -> str:
    async def look() -> str:
        return (await state(scene)).trouble

    found: str = await until(look)
    return found


async def told(scene: Scene, number: int) -> list[tuple[str, str, str, str, int]]:
    """Give the events once there are so many, each as name, kind, state, its type and attempt."""

    async def look() -> bool:
        return len(await scene.events()) >= number

    await until(look)
    return [(e.key, e.kind, e.state, e.state_type, e.attempt) for e in await scene.events()]


def downtime(host: str, service: str = "") -> dict[str, Any]:
    """Say what an Icinga 2 says of a downtime that is added."""
    times = {"start_time": 1.0, "end_time": 9e9, "fixed": True}
    name = f"{host}!{service}!1"
    told = {"__name": name, "host_name": host, "service_name": service, **times}
    return {"type": "DowntimeAdded", "downtime": told}


async def take_back(hub: Hub, source: Source) -> None:
    """Take back here the acknowledgement of the host db1, and all downtimes."""
    present = await hub.objects.named(source.domain_id, [("db1", "")])
    payload = Payload("native", "application/json", {}, b"{}")
    taken_back = Act(Kind.ACKNOWLEDGEMENT_END, "anna", "", payload)
    assert await hub.objects.act(source.domain_id, present, taken_back)
    assert await hub.downtimes.cancel(source.domain_id, list, Author("anna", "", clock()))
