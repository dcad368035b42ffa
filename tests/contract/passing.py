"""Routes, targets and silences of a scene, and what its outbox holds."""

from sqlalchemy import Connection, select

from tests.contract.scene import NOON, SECOND, Scene
from tocsin.model.delivery import Delivery
from tocsin.model.silence import Silence
from tocsin.model.target import TargetOptions
from tocsin.store import routes, silences, tables, targets
from tocsin.store.rows import delivery_of


async def send_to(
    scene: Scene, name: str, expression: str = "", *, every_event: bool = False, fallback: bool = False
) -> str:
    """Make a target and a route of one name; give the target's id."""
    domain_id = scene.source.domain_id

    def work(connection: Connection) -> str:
        target = targets.create_target(
            connection,
            domain_id=domain_id,
            name=name,
            kind="webhook",
            url="http://127.0.0.1:9/",
            secret="",
            options=TargetOptions(),
            now=NOON,
        )
        routes.create_route(
            connection,
            domain_id=domain_id,
            name=name,
            expression=expression,
            targets=(target.id,),
            every_event=every_event,
            fallback=fallback,
            now=NOON,
        )
        return target.id

    return await scene.database.write(work)


async def silence(scene: Scene, expression: str, *, seconds: int, starts_in: int = 0) -> Silence:
    """Make a silence that starts in some seconds and holds for some."""
    starts_at = scene.clock.now + starts_in * SECOND
    return await scene.database.write(
        lambda connection: silences.create_silence(
            connection,
            domain_id=scene.source.domain_id,
            expression=expression,
            scope="",
            starts_at=starts_at,
            ends_at=starts_at + seconds * SECOND,
            author="ann",
            comment="",
            now=scene.clock.now,
        )
    )


async def outbox(scene: Scene) -> list[Delivery]:
    """Give all deliveries, in the order of their events."""
    columns = tables.delivery.c
    statement = select(tables.delivery).order_by(columns.seq, columns.created_at)
    rows = await scene.database.read(lambda connection: connection.execute(statement).all())
    return [delivery_of(row) for row in rows]
