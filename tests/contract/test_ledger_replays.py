"""What was rejected and is tried again: recorded and taken from the rejected, both or neither."""

import pytest
from sqlalchemy import Connection, select

from tests.contract.scene import NOON, Scene, problem, submission
from tocsin.model.audit import Author
from tocsin.model.rejected import Rejected, Replay
from tocsin.model.submission import Once, Refusal, Submission
from tocsin.store import tables
from tocsin.store.rejected import rejected

pytestmark = pytest.mark.anyio


async def kept(scene: Scene) -> list[Rejected]:
    return await scene.database.read(lambda connection: rejected(connection, "main", limit=10))


async def refused(scene: Scene, *indexes: int) -> Rejected:
    """Let items of one request be rejected, and give the first."""
    request = submission(scene.source)
    request.refusals = [Refusal(index, "no") for index in indexes]
    await scene.write(request)
    return (await kept(scene))[0]


def again(scene: Scene, item: Rejected, *keys: str) -> Submission:
    made = submission(scene.source, *map(problem, keys))
    made.once = Once(item.payload_id, "")
    made.replay = Replay(item, Author("ann", "token-1", NOON))
    return made


async def audited(scene: Scene) -> list[tuple[str, str, str]]:
    columns = tables.audit.c
    statement = select(columns.author, columns.action, columns.subject_id).order_by(columns.seq)
    rows = await scene.database.read(lambda connection: connection.execute(statement).all())
    return [(row.author, row.action, row.subject_id) for row in rows]


async def test_what_is_recorded_is_rejected_no_more(scene: Scene) -> None:
    item = await refused(scene, 0, 1)
    ((first, second),) = await scene.write(again(scene, item, "a", "b"))
    assert [first.outcome, second.outcome] == ["opened", "opened"]
    assert await kept(scene) == []
    assert await audited(scene) == [("ann", "rejected.replay", item.id)]


async def test_a_failure_in_between_leaves_it_rejected_and_records_nothing(scene: Scene) -> None:
    item = await refused(scene, 0)

    def fail(connection: Connection) -> None:
        scene.ledger.write(connection, [again(scene, item, "a")])
        assert rejected(connection, "main", limit=1) == []
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await scene.database.write(fail)
    scene.ledger.forget()
    assert await kept(scene) == [item]
    assert (await scene.events(), await audited(scene)) == ([], [])
    await scene.write(again(scene, item, "a"))
    assert await kept(scene) == []
    assert [event.key for event in await scene.events()] == ["a"]


async def test_of_two_at_the_same_time_one_is_recorded_and_both_are_answered(scene: Scene) -> None:
    item = await refused(scene, 0)
    first, second = await scene.write(again(scene, item, "a"), again(scene, item, "a"))
    assert first == second
    assert await scene.write(again(scene, item, "a")) == [first]
    assert [event.key for event in await scene.events()] == ["a"]
    assert len(await audited(scene)) == 1


async def test_what_is_rejected_once_more_stays_with_its_new_reason(scene: Scene) -> None:
    item = await refused(scene, 0)
    request = again(scene, item)
    request.refusals = [Refusal(0, "no still")]
    await scene.write(request)
    assert [each.reason for each in await kept(scene)] == ["no still"]
