"""Fills a store with a past: a week of alarms that came, repeated and went, through parser and ledger."""

import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from tests.bench.scene import Scene, Sender
from tocsin.dialects.victorops import endpoints, parse
from tocsin.model.source import Source
from tocsin.model.submission import Payload, Submission
from tocsin.server import first_start
from tocsin.store import directory, keeping, schema, tables
from tocsin.store.database import Database
from tocsin.store.ledger import Ledger

SOURCES: Final = 20
OPEN_ALERTS: Final = 10_000
OBJECT_LIMIT: Final = 100_000
_BATCH: Final = 2_000
_BATCH_SECONDS: Final = 120
"""Nobody waits for an answer while a store is filled: it takes the time that it needs."""
_STATISTICS_SECONDS: Final = 600
_CHECKPOINT_BATCHES: Final = 20
_HOSTS: Final = 1_000
_WEEK: Final = 7 * 86_400 * 1_000_000
_LIFE: Final = (
    ("CRITICAL", "93 % of the space is used, and it grows by 1 % an hour"),
    ("WARNING", "91 % of the space is used, and it grows by 1 % an hour"),
    ("INFO", "the cleaning of old files has begun"),
    ("RECOVERY", "52 % of the space is used"),
)
"""What is said of a problem, from its beginning to its end."""


async def preload(database: Database, events: int) -> Scene:
    """Fill an empty store.

    Args:
        database: without a schema.
        events: about how many events to write.

    Returns:
        What it holds; half of its problems are open, 10,000 where the events are enough.
    """
    await schema.migrate(database)
    token, sources = await database.write(_set_up, seconds=_BATCH_SECONDS)
    open_alerts = max(1, min(OPEN_ALERTS, events // 20))
    rounds = max(2, events // (2 * open_alerts))
    now = time.time_ns() // 1000
    clock = _Clock(now - _WEEK, _WEEK // (1 + rounds * 2 * open_alerts // _BATCH))
    ledger = Ledger(OBJECT_LIMIT, clock)
    submissions = _past(sources, rounds, 2 * open_alerts)
    batches = 0
    while batch := list(islice(submissions, _BATCH)):
        await database.write(partial(ledger.write, submissions=batch), seconds=_BATCH_SECONDS)
        clock.move()
        batches += 1
        if batches % _CHECKPOINT_BATCHES == 0:
            await database.checkpoint()
    await database.write(keeping.Statistics().refresh, seconds=_STATISTICS_SECONDS)
    scene = Scene(
        token,
        [Sender(source.id, source.access_key) for source in sources],
        rounds * 2 * open_alerts,
        open_alerts,
    )
    found = await database.read(_counts, seconds=_STATISTICS_SECONDS)
    assert found == (scene.events, scene.open_alerts), f"the store holds {found}, not {scene}"
    return scene


class _Clock:
    """Moves from batch to batch, so that the past has days."""

    def __init__(self, start: int, step: int) -> None:
        self._now = start
        self._step = step

    def __call__(self) -> int:
        return self._now

    def move(self) -> None:
        self._now += self._step


def _set_up(connection: Connection) -> tuple[str, list[Source]]:
    made = first_start.ensure_default(connection, "")
    assert made is not None, "the store is not empty"
    sources = [
        directory.create_source(
            connection,
            domain_id=made.domain.id,
            project_id=made.source.project_id,
            name=f"source-{number:02}",
            source_format="auto",
            now=made.domain.created_at,
        )
        for number in range(1, SOURCES)
    ]
    return made.token, [made.source, *sources]


def _past(sources: list[Source], rounds: int, problems: int) -> Iterator[Submission]:
    """Tell of every problem once a round. One half is half a life ahead, and resolved after the last one."""
    for turn in range(rounds):
        for problem in range(problems):
            stage = _LIFE[(turn - rounds + 2 + 2 * (problem % 2)) % len(_LIFE)]
            yield _submission(sources[problem % len(sources)], problem, *stage)


def _submission(source: Source, problem: int, message_type: str, message: str) -> Submission:
    host = f"web-{problem % _HOSTS:03}"
    mount = f"/srv/{problem // _HOSTS}"
    document = {
        "entity_id": f"{host}{mount}",
        "entity_display_name": f"DiskFull {mount} on {host}",
        "message_type": message_type,
        "monitoring_tool": "bench",
        "state_message": message,
        "host_name": host,
        "instance": f"{host}:9100",
    }
    payload = Payload(
        endpoints.FORMAT, "application/json", {"routing_key": "bench"}, msgspec.json.encode(document)
    )
    return Submission(source, payload, [parse.parse(document, "bench")])


def _counts(connection: Connection) -> tuple[int, int]:
    events = connection.execute(select(func.count()).select_from(tables.event)).scalar_one()
    unresolved = select(func.count()).select_from(tables.alert).where(tables.alert.c.resolved_at == 0)
    return events, connection.execute(unresolved).scalar_one()
