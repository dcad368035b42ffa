import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, update

from tests.contract.scene import DAY, Scene, open_scene, problem, problems, recovery
from tocsin.cli.finding import Finding
from tocsin.cli.soundness import findings
from tocsin.store import keeping, schema
from tocsin.store.database import Database, open_database, sqlite_url
from tocsin.store.tables import alert, domain, event, payload, source

pytestmark = pytest.mark.anyio


@pytest.fixture
async def recorded(database: Database) -> Scene:
    """Give a store with two alerts, one of them resolved, in five events of four requests."""
    scene = await open_scene(database)
    await scene.record(problem("disk"), problem("load"))
    await scene.record(problem("disk"))
    await scene.record(recovery("disk"))
    await scene.record(problem("load"))
    return scene


async def failing(database: Database) -> dict[str, str]:
    """Give what is not sound: the detail of each failing check."""
    found: list[Finding] = await findings(database)
    assert all(finding.advice for finding in found if finding.is_bad)
    return {finding.check: finding.detail for finding in found if finding.is_bad}


async def harm(database: Database, statement: Delete | Update) -> None:
    changed = await database.write(lambda connection: connection.execute(statement).rowcount)
    assert changed == 1


async def test_what_was_recorded_is_sound(recorded: Scene) -> None:
    found = await findings(recorded.database)
    assert {finding.status for finding in found} == {"ok"}
    assert "5 events, numbered without a gap" in [finding.detail for finding in found]


async def test_an_empty_store_is_sound(database: Database) -> None:
    assert await failing(database) == {}


async def test_a_lost_event_in_the_middle_is_found(recorded: Scene) -> None:
    await harm(recorded.database, delete(event).where(event.c.seq == 3))
    assert await failing(recorded.database) == {
        "sequence": "domain main has 4 events from 1 to 5, the next is 6"
    }


async def test_a_lost_last_event_is_found(recorded: Scene) -> None:
    await harm(recorded.database, delete(event).where(event.c.seq == 5))
    assert "domain main has 4 events from 1 to 4" in (await failing(recorded.database))["sequence"]


async def test_a_counter_that_ran_back_is_found(recorded: Scene) -> None:
    await harm(recorded.database, update(domain).where(domain.c.id == "main").values(next_seq=4))
    assert "from 1 to 5, the next is 4" in (await failing(recorded.database))["sequence"]


async def test_a_lost_alert_is_found(recorded: Scene) -> None:
    await harm(recorded.database, delete(alert).where(alert.c.seq == 1))
    assert await failing(recorded.database) == {
        "alerts": "1 events have lost the alert that they opened, 0 alerts the event"
    }


async def test_an_alert_without_its_first_event_is_found(recorded: Scene) -> None:
    await harm(recorded.database, delete(event).where(event.c.seq == 2))
    assert (await failing(recorded.database))["alerts"] == (
        "0 events have lost the alert that they opened, 1 alerts the event"
    )


async def test_a_lost_payload_is_found(recorded: Scene) -> None:
    await harm(recorded.database, delete(payload).where(payload.c.seq == 3))
    assert await failing(recorded.database) == {"payloads": "1 events have lost the payload they came with"}


async def test_a_source_of_no_project_is_found(recorded: Scene) -> None:
    await harm(recorded.database, update(source).values(project_id="gone"))
    assert await failing(recorded.database) == {"directory": "1 sources belong to nobody"}


async def test_what_retention_deletes_is_not_missed(recorded: Scene) -> None:
    recorded.clock.now += 3 * DAY
    await recorded.record(problem("load"), problem("swap"))
    today = recorded.clock.now // DAY
    assert await recorded.database.write(lambda connection: keeping.drop_events(connection, today)) > 0
    old = await recorded.database.read(lambda connection: keeping.old_alerts(connection, today))
    await recorded.database.write(lambda connection: keeping.drop_alerts(connection, old))
    assert [alert.key for alert in await recorded.alerts()] == ["load", "swap"]
    assert await failing(recorded.database) == {}


async def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    database = open_database(url)
    await schema.migrate(database)
    scene = await open_scene(database)
    await scene.record(*problems(f"key {number:04}" for number in range(500)))
    await database.checkpoint()
    await database.close()
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        pages = connection.execute(
            "select pgoffset, pgsize from dbstat where name = 'ix_alert_key'"
        ).fetchall()
    file = bytearray((tmp_path / "tocsin.db").read_bytes())
    # One entry of an index and its row now say different things.
    place = max(file.find(b"key 0250", offset, offset + size) for offset, size in pages)
    file[place : place + 8] = b"key 9999"
    (tmp_path / "tocsin.db").write_bytes(file)
    database = open_database(url)
    found = await findings(database)
    await database.close()
    assert [(finding.status, finding.check) for finding in found] == [("fail", "file")]
    assert "index" in found[0].detail
