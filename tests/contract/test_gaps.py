"""The gaps of sources that are fetched from, and what is recorded of what was missed in them."""

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.contract.scene import NOON, SECOND, Scene, new_source, problem, submission
from tocsin.model.pulled import Gap
from tocsin.model.signal import Signal
from tocsin.model.source import Source
from tocsin.model.submission import Refusal, Submission
from tocsin.store import directory, gaps

pytestmark = pytest.mark.anyio


def missing(source: Source, *signals: Signal) -> Submission:
    """Make a request of what was missed since noon."""
    made = submission(source, *signals)
    return replace(made, missed_since=NOON, refusals=[])


async def open_gap(scene: Scene, began_at: int, reason: str = "", source: Source | None = None) -> None:
    of = source or scene.source
    key = (of.domain_id, of.id, began_at)
    await scene.database.write(lambda connection: gaps.open_gap(connection, key, reason))


async def close_gap(scene: Scene, began_at: int, now: int, *, keeps: bool = True) -> None:
    key = (scene.source.domain_id, scene.source.id, began_at)
    await scene.database.write(lambda connection: gaps.close_gap(connection, key, now, keeps=keeps))


async def kept(scene: Scene, source: Source | None = None) -> list[Gap]:
    of = source or scene.source
    found = await scene.database.read(lambda connection: gaps.gaps(connection, of.domain_id))
    return found.get(of.id, [])


async def shown(scene: Scene) -> list[tuple[int, int, int, str]]:
    return [(e.began_at - NOON, e.ended_at, e.differences, e.reason) for e in await kept(scene)]


async def test_what_was_missed_is_counted_as_it_is_recorded(scene: Scene) -> None:
    other = await new_source(scene.database, "other")
    await open_gap(scene, NOON, "it ended the stream")
    await open_gap(scene, NOON, "no answer", other)
    first = missing(scene.source, problem("a"), problem("b"))
    refused = missing(scene.source, problem("c"))
    refused.refusals.append(Refusal(1, "no host"))
    elsewhere = missing(other, problem("a"))
    await scene.write(first, refused, elsewhere, submission(scene.source, problem("d")))
    assert await shown(scene) == [(0, 0, 3, "it ended the stream")]
    assert [each.differences for each in await kept(scene, other)] == [1]
    await scene.write(missing(scene.source, problem("e")))
    await close_gap(scene, NOON, NOON + SECOND)
    assert await shown(scene) == [(0, NOON + SECOND, 4, "it ended the stream")]


async def test_what_is_not_recorded_counts_for_nothing(scene: Scene) -> None:
    await open_gap(scene, NOON)

    def work(connection: Connection) -> None:
        scene.ledger.write(connection, [missing(scene.source, problem("a"))])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await scene.database.write(work)
    scene.ledger.forget()
    assert await shown(scene) == [(0, 0, 0, "")]


async def test_a_gap_begins_once(scene: Scene) -> None:
    await open_gap(scene, NOON, "it ended the stream")
    await scene.write(missing(scene.source, problem("a")))
    await open_gap(scene, NOON, "")
    assert await shown(scene) == [(0, 0, 1, "it ended the stream")]


@pytest.mark.parametrize("differs", [False, True])
async def test_a_pause_in_which_nothing_changed_was_no_gap(scene: Scene, *, differs: bool) -> None:
    await open_gap(scene, NOON)
    if differs:
        await scene.write(missing(scene.source, problem("a")))
    await close_gap(scene, NOON, NOON + SECOND, keeps=False)
    assert await shown(scene) == ([(0, NOON + SECOND, 1, "")] if differs else [])


async def test_only_the_newest_gaps_of_each_source_are_kept(scene: Scene) -> None:
    other = await new_source(scene.database, "main", "other")
    await open_gap(scene, NOON, "of the other", other)
    for number in range(gaps.KEPT + 3):
        await open_gap(scene, NOON + number)
    assert [began for began, *_ in await shown(scene)] == list(range(gaps.KEPT + 2, 2, -1))
    assert [each.reason for each in await kept(scene, other)] == ["of the other"]


async def test_gaps_go_with_their_source_and_stay_in_their_domain(scene: Scene) -> None:
    # Another domain's source has nothing to do with them, whatever its name.
    namesake = replace(scene.source, domain_id="other")
    await open_gap(scene, NOON)
    assert await kept(scene, namesake) == []
    await scene.database.write(lambda connection: directory.delete_source(connection, scene.source))
    assert await kept(scene) == []
