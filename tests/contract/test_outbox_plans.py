"""What claims and settles goes by its indexes, and plans for the days that wait, with 20,000 deliveries."""

import re
from functools import partial

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from tests.contract.passing import outbox as all_deliveries
from tests.contract.passing import send_to
from tests.contract.scene import SECOND, Scene, problem
from tests.contract.statements import Statement, heard, plan
from tests.contract.work import rows_touched
from tocsin.model.delivery import DeliveryState
from tocsin.model.event import day_of
from tocsin.model.target import Target
from tocsin.store import bulk, lanes, outbox, partitions, tables, targets
from tocsin.store.outbox import Settled
from tocsin.store.rows import delivery_row

pytestmark = pytest.mark.anyio

WAITING = 20_000
WAITING_DAYS = 3
EMPTY_DAYS = 10
LOOKED_AT = 500
FILL_SECONDS = 250.0
"""How long PostgreSQL may take to fill a store: no batch is as large."""


async def fill(scene: Scene, keys: int) -> Target:
    """Let deliveries to a target wait since the day before yesterday, and some to another that is done."""
    target_id = await send_to(scene, "pager")
    await scene.record(problem("first"))
    (pattern,) = await all_deliveries(scene)
    first = pattern.day - WAITING_DAYS + 1
    waiting = [
        replace(pattern, seq=2 + n, day=first + n * WAITING_DAYS // WAITING, key=f"key-{n % keys}")
        for n in range(WAITING)
    ]
    done = [replace(each, target_id="target-z", state=DeliveryState.DELIVERED) for each in waiting]

    def write(connection: Connection) -> Target:
        partitions.ensure(connection, first - EMPTY_DAYS, pattern.day)
        if not scene.database.is_sqlite:
            # Nobody else may gather statistics meanwhile.
            for day in range(first, pattern.day + 1):
                connection.execute(text(f"alter table delivery_{day} set (autovacuum_enabled = false)"))
        bulk.insert(connection, tables.delivery, [delivery_row(each) for each in (*waiting, *done)])
        return targets.find_target(connection, "main", target_id)

    return await scene.database.write(write, seconds=FILL_SECONDS)


class _RollBack(Exception):
    """Ends a transaction of which nothing is to be kept."""


async def lookups(scene: Scene, target: Target) -> list[Statement]:
    """Give what a claim and its settlement ask of the deliveries."""
    now = scene.clock.now
    statements: list[Statement] = []

    def work(connection: Connection) -> None:
        since = lanes.oldest_days(connection, [target.id], now)[target.id]
        until = now + SECOND
        claimed, _ = outbox.claim(
            connection, target, node="one", now=now, until=until, places=16, since=since
        )
        assert len(claimed) == 16
        done = [
            Settled(replace(each.delivery, state=DeliveryState.DELIVERED, leased_until=0), None, until)
            for each in claimed
        ]
        outbox.settle(connection, done, now, since)
        outbox.hurry(connection, target, now, since)
        raise _RollBack

    with pytest.raises(_RollBack):
        await scene.database.write(heard(work, statements), seconds=FILL_SECONDS)
    return [
        each
        for each in statements
        if "delivery" in each.text and "pg_inherits" not in each.text and not each.text.startswith("insert")
    ]


@pytest.mark.parametrize("keys", [WAITING, 100], ids=["short lanes", "long lanes"])
async def test_what_is_looked_at_is_what_is_meant(scene: Scene, keys: int) -> None:
    target = await fill(scene, keys)
    await check(scene, target, WAITING // keys)
    await scene.database.write(lambda connection: connection.execute(text("analyze")), seconds=FILL_SECONDS)
    await check(scene, target, WAITING // keys)


async def check(scene: Scene, target: Target, per_lane: int) -> None:
    """See what each lookup touches, where a target wants everything and where it wants the latest only."""
    oldest = day_of(scene.clock.now) - WAITING_DAYS + 1
    empty = {str(oldest - 1 - n) for n in range(EMPTY_DAYS)}
    for latest_only in (False, True):
        asked = replace(target, options=replace(target.options, latest_only=latest_only))
        found = await lookups(scene, asked)
        assert len(found) >= 4
        for statement in found:
            lines = await scene.database.read(partial(plan, statement=statement))
            if scene.database.is_sqlite:
                check_sqlite(lines)
                continue
            if "ordinality" not in statement.text:
                assert not empty & set(re.findall(r"delivery_(\d+)", "\n".join(lines)))
            touched = await scene.database.write(partial(rows_touched, statement=statement))
            # Each that is due, and of its lane the others where they are asked for.
            most = LOOKED_AT * (per_lane if latest_only else 1) + 2 * LOOKED_AT
            assert touched <= most, "\n".join([statement.text, *lines])


def check_sqlite(lines: list[str]) -> None:
    """See that nothing but the list of keys is walked, and a lane found by all that makes it."""
    assert [line for line in lines if line.startswith("SCAN") and "json_each" not in line] == []
    for line in lines:
        if "ix_delivery_lane" in line:
            assert line.count("=?") == 4
    assert "TEMP B-TREE" not in "\n".join(lines)
