"""Tallies that are asked for again: counted on from what was known, and right each time."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, update

from tests.contract.copies import open_copy
from tests.contract.scene import NOON, Scene, problem
from tocsin.hub.copier import Copier
from tocsin.hub.metrics import Metrics
from tocsin.model.event import MICROSECONDS_PER_DAY, day_of
from tocsin.model.mark import Mark
from tocsin.model.severity import Severity
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate
from tocsin.store import keeping, marks, tables, tallying
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.tallying import Tallying

pytestmark = pytest.mark.anyio

MINUTE = 60_000_000
UNITS = {"severity": 1, "recorded_at": MINUTE}


class Counted(Counting):
    """Counts how often all was counted."""

    times = 0

    async def tally(self, *given: Any) -> Any:
        self.times += 1
        return await super().tally(*given)


@pytest.fixture(params=["copy", "ledger"])
async def copy(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Copy | None]:
    """Give an empty copy, or none."""
    if request.param == "ledger":
        yield None
        return
    async with open_copy(tmp_path) as opened:
        yield opened


async def record(scene: Scene, number: int) -> None:
    """Record events of some severities and minutes."""
    for severity in (Severity.CRITICAL, Severity.WARNING, Severity.CRITICAL):
        scene.clock.now += MINUTE // 2
        await scene.record(*(problem(f"{severity}-{number}-{n}", severity) for n in range(number + 1)))


async def told(tallies: Tallying, text: str) -> list[tuple[Any, int]]:
    found = await tallies.tally(
        "main",
        parse(text, EVENT_FIELDS, NOON),
        UNITS,
        lambda tally: [((each.severity, each.recorded_at), number) for each, number in tally],
        monotonic() + 20,
    )
    assert found is not None
    return found


async def walked(scene: Scene, text: str) -> list[tuple[Any, int]]:
    """Count the events one by one, the newest first."""
    matches = compile_predicate(parse(text, EVENT_FIELDS, NOON), EVENT_FIELDS)
    seen_through = await scene.database.read(lambda connection: marks.read(connection, "main"))
    events = [each for each in reversed(seen_through.seen(await scene.events())) if matches(each)]
    return list(
        Counter((each.severity, (each.recorded_at // MINUTE + 1) * MINUTE - 1) for each in events).items()
    )


@pytest.mark.parametrize("text", ["", "severity:critical", "title:*nothing*"])
async def test_what_came_since_is_added(scene: Scene, copy: Copy | None, text: str) -> None:
    counting = Counted(scene.database, copy)
    tallies = Tallying(scene.database, counting)
    copier = Copier(scene.database, copy, Metrics()) if copy is not None else None
    for number in range(5):
        if number != 3:  # then nothing came
            await record(scene, number)
        if copier is not None and copy is not None and number in {0, 2}:
            await copier.round(copy)
        assert await told(tallies, text) == await walked(scene, text)
    assert counting.times == 1


async def test_with_too_many_new_ones_all_is_counted_anew(
    scene: Scene, copy: Copy | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallying, "_NEWS", 2)
    counting = Counted(scene.database, copy)
    tallies = Tallying(scene.database, counting)
    for number in range(2):
        await record(scene, number)
        assert await told(tallies, "") == await walked(scene, "")
    assert counting.times == 2


async def test_what_retention_took_is_not_counted_any_more(scene: Scene, copy: Copy | None) -> None:
    tallies = Tallying(scene.database, Counting(scene.database, copy))
    await record(scene, 3)
    before = await told(tallies, "")
    scene.clock.now += 3 * MICROSECONDS_PER_DAY
    await record(scene, 1)
    await told(tallies, "")
    today = day_of(scene.clock.now)
    while await scene.database.write(lambda connection: keeping.drop_events(connection, today)):
        pass
    after = await told(tallies, "")
    assert after == await walked(scene, "")
    assert after
    assert not set(after) & set(before)


async def test_what_was_deleted_is_not_counted_any_more(scene: Scene, copy: Copy | None) -> None:
    tallies = Tallying(scene.database, Counting(scene.database, copy))
    await record(scene, 1)
    before = await told(tallies, "")
    (first, *_) = await scene.events()
    deleted = Mark("main", first.alert_seq, deleted_at=NOON)
    await scene.database.write(lambda connection: marks.write(connection, [deleted]))
    after = await told(tallies, "")
    assert sum(number for _, number in after) < sum(number for _, number in before)
    assert after == await walked(scene, "")


async def test_a_backup_that_was_restored_is_no_past(scene: Scene, copy: Copy | None) -> None:
    tallies = Tallying(scene.database, Counting(scene.database, copy))
    await record(scene, 1)
    await told(tallies, "")
    event = tables.event.c

    def rewrite(connection: Connection) -> None:
        connection.execute(update(tables.event).values(severity="info", recorded_at=event.recorded_at + 1))

    await scene.database.write(rewrite)
    assert await told(tallies, "") == await walked(scene, "")
