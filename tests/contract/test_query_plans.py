"""The ledger's lookups use their index, from the keys outward, in a domain of 100,000 alerts and objects."""

import re

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from tests.contract.scene import Scene, new_source, problem, submission
from tests.contract.statements import Statement, heard, plan
from tocsin.model.source import Source, SourceOptions
from tocsin.store import bulk, tables
from tocsin.store.rows import alert_row, object_row

pytestmark = pytest.mark.anyio

ROWS = 100_000
OPEN_ROWS = 10_000
FILL_SECONDS = 250.0
"""How long PostgreSQL may take to fill a store: no batch is as large."""


async def fill(scene: Scene) -> None:
    """Put alerts and objects into the scene's domain, as if their events had come and gone."""
    await scene.record(problem("first", host="first", service="first"))
    (alert,) = await scene.alerts()
    *_, monitored = await scene.objects()
    alerts = [
        alert_row(
            replace(alert, seq=2 + n, key=f"key-{n}", resolved_at=0 if n < OPEN_ROWS else alert.opened_at + n)
        )
        for n in range(ROWS)
    ]
    objects = [
        object_row(replace(monitored, id=monitored.id + 1 + n, host=f"host-{n // 10}", service=f"key-{n}"))
        for n in range(ROWS)
    ]

    def work(connection: Connection) -> None:
        if not scene.database.is_sqlite:
            # Nobody else may gather statistics meanwhile.
            for table in ("alert", "object"):
                connection.execute(text(f"alter table {table} set (autovacuum_enabled = false)"))
        bulk.insert(connection, tables.alert, alerts)
        bulk.insert(connection, tables.monitored_object, objects)
        connection.execute(text(f"update domain set next_seq = {ROWS + 2}, next_object = {ROWS + 10}"))

    await scene.database.write(work, seconds=FILL_SECONDS)


class _RollBack(Exception):
    """Ends a transaction of which nothing is to be kept."""


async def lookups(scene: Scene, source: Source, signals: int) -> dict[str, list[str]]:
    """Plan the lookups of a batch whose keys are half known, half new. Gives the plan of each by its name."""
    step = ROWS * 2 // signals
    numbers = range(step // 2, ROWS * 2, step)
    batch = [problem(f"key-{n}", host=f"host-{n // 10}", service=f"key-{n}") for n in numbers]
    statements: list[Statement] = []
    plans: dict[str, list[str]] = {}

    def work(connection: Connection) -> None:
        heard(lambda c: scene.ledger.write(c, [submission(source, *batch)]), statements)(connection)
        raise _RollBack

    def explain(connection: Connection) -> None:
        for statement in statements:
            if "resolved_at = 0" in statement.text:
                plans["open alerts"] = plan(connection, statement)
            elif "max(last.resolved_at)" in statement.text:
                plans["resolved alerts"] = plan(connection, statement)
            elif "found.host = k.b" in statement.text:
                plans["objects"] = plan(connection, statement)

    with pytest.raises(_RollBack):
        await scene.database.write(work)
    await scene.database.write(explain)
    return plans


INDEX = {"open alerts": "ix_alert_key", "resolved alerts": "ix_alert_key", "objects": "ix_object_name"}


def check_sqlite(name: str, lines: list[str]) -> None:
    """See that the keys come first, and that nothing but the index and their list is walked."""
    assert lines[0].startswith("SCAN json_each")
    assert [line for line in lines[1:] if line.startswith("SCAN")] == []
    searched = [line for line in lines if line.startswith("SEARCH") and "TABLE" not in line]
    assert searched
    for line in searched:
        _, columns = line.split(" INDEX ", 1)
        assert columns.startswith(INDEX[name])
        assert columns.count("=?") >= 3


def check_postgresql(name: str, lines: list[str]) -> None:
    """See that a nested loop goes from the keys to the index."""
    shape = "\n".join(lines)
    assert "Seq Scan" not in shape
    assert "Hash" not in shape
    assert "Merge" not in shape
    assert "Nested Loop" in shape
    first, second = re.findall(r"(Function Scan|Index (?:Only )?Scan(?: Backward)? using \w+)", shape)[:2]
    assert first == "Function Scan"
    assert second.endswith(INDEX[name])
    for scanned in re.findall(r"using (\w+)", shape):
        assert scanned == INDEX[name]
    for condition in re.findall(r"Index Cond: (.*)", shape):
        assert condition.count(" = ") >= 3


async def check_lookups(scene: Scene, turn: str) -> None:
    source = await new_source(scene.database, "main", turn, options=SourceOptions(source_time=True))
    for signals in (1, 20, 200, 4_000):
        plans = await lookups(scene, source, signals)
        assert set(plans) == set(INDEX)
        for name, lines in plans.items():
            (check_sqlite if scene.database.is_sqlite else check_postgresql)(name, lines)


async def test_the_lookups_of_a_batch_go_by_their_index_with_statistics_and_without(scene: Scene) -> None:
    await fill(scene)
    await check_lookups(scene, "before")
    await scene.database.write(lambda connection: connection.execute(text("analyze")), seconds=FILL_SECONDS)
    await check_lookups(scene, "after")
