"""How many events a list has of which a page is read: counted on from what was known, and right each time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.copies import open_copy
from tests.contract.scene import NOON, Scene, problem
from tocsin.hub.archive import Archive
from tocsin.hub.copier import Copier
from tocsin.hub.metrics import Metrics
from tocsin.model.mark import Mark
from tocsin.model.severity import Severity
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.store import counted, marks
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def copy(tmp_path: Path) -> AsyncIterator[Copy]:
    """Give an empty copy."""
    async with open_copy(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("few", [0, 3, 2_000])
@pytest.mark.parametrize("text", ["", "severity:critical", "type:ALERT team:a", "source:probe", "title~disk"])
async def test_a_total_is_right_whatever_comes_in_between(
    database: Database, scene: Scene, copy: Copy, monkeypatch: pytest.MonkeyPatch, text: str, few: int
) -> None:
    monkeypatch.setattr(counted, "FEW", few)
    copier = Copier(database, copy, Metrics())
    archive = Archive(database, Counting(database, copy))
    tree = parse(text, EVENT_FIELDS, NOON)
    for round_ in range(4):
        for severity in (Severity.CRITICAL, Severity.WARNING):
            await scene.record(
                *(problem(f"disk-{round_}-{n}", severity, labels={"team": "ab"[n % 2]}) for n in range(10))
            )
        if round_ in {0, 2}:
            await copier.round(copy)
        for skip in (0, 3):
            page = await archive.page("main", tree, lambda kept: kept.event.seq, skip=skip, limit=2)
            wanted = await archive.page("main", tree, lambda kept: kept.event.seq)
            assert page.total == wanted.total == len(wanted.items)
            assert page.items == list(wanted.items)[skip : skip + 2]
        assert page.total == (round_ + 1) * (10 if "severity" in text or "team" in text else 20)


async def test_what_was_deleted_is_neither_listed_nor_counted_any_more(
    database: Database, scene: Scene, copy: Copy
) -> None:
    archive = Archive(database, Counting(database, copy))
    tree = parse("severity:critical", EVENT_FIELDS, NOON)
    await scene.record(*(problem(f"disk-{n}", Severity.CRITICAL) for n in range(5)))
    assert (await archive.page("main", tree, lambda kept: kept.event.seq, limit=2)).total == 5
    (first, *_) = await scene.events()
    deleted = Mark("main", first.alert_seq, deleted_at=NOON)
    await database.write(lambda connection: marks.write(connection, [deleted]))
    page = await archive.page("main", tree, lambda kept: kept.event.seq, limit=2)
    assert (page.total, page.items) == (4, [5, 4])
