"""What a source that is fetched from says of downtimes."""

import pytest

from tests.contract.scene import NOON, SECOND, Scene
from tests.contract.statements import Statement, heard
from tests.contract.test_check_results import configure, monitored
from tocsin.hub.hearing import Hearing
from tocsin.hub.hub import Hub
from tocsin.hub.pull_desk import Desk, Planned
from tocsin.store import downtimes

pytestmark = pytest.mark.anyio


def planned(name: str, host: str, service: str = "") -> Planned:
    return Planned(name, host, service, NOON, NOON + 60 * SECOND, "anna", "repairs")


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    await configure(
        scene,
        monitored(1),
        monitored(2, service="disk"),
        monitored(3, "db"),
        monitored(4, "db", "disk", gone_at=NOON),
    )
    hub = Hub(scene.database)
    hearing = Hearing(scene.database, scene.source, "node", scene.clock)
    return Desk(scene.source, hub.recorder, hub.objects, hub.downtimes, scene.clock, hearing)


async def test_a_downtime_is_planned_once_for_what_stands_there(scene: Scene, desk: Desk) -> None:
    said = [planned("a", "web", "disk"), planned("b", "web"), planned("c", "db", "disk"), planned("d", "new")]
    for _ in range(2):
        await desk.plan(said)
    found = await scene.database.read(lambda connection: downtimes.unended(connection, "main"))
    assert sorted((each.object_id, each.origin.partition("/")[2]) for each in found) == [(1, "b"), (2, "a")]
    assert await desk.planned() == {"a", "b"}


async def test_only_the_objects_of_a_downtime_are_read(
    scene: Scene, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[Statement] = []
    read, write = scene.database.read, scene.database.write
    monkeypatch.setattr(scene.database, "read", lambda work: read(heard(work, statements)))
    monkeypatch.setattr(scene.database, "write", lambda work: write(heard(work, statements)))
    await desk.plan([planned("a", "web", "disk")])
    texts = [each.text.lower() for each in statements]
    of_objects = [text for text in texts if 'from "object"' in text or '"object" as' in text]
    assert len(of_objects) == 1
    assert "found.host = k.b" in of_objects[0]
    of_downtimes = [text for text in texts if "from downtime" in text and "count(" not in text]
    assert len(of_downtimes) == 1
    assert "object_id in" in of_downtimes[0]
