"""Fills a store with a month of check results of a configured world, straight into its tables."""

import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

from sqlalchemy import Connection, update

from tests.bench.configured import GROUPED, NAMED, configure
from tests.bench.scene import Scene, Sender
from tocsin.model.audit import Author
from tocsin.model.event import MICROSECONDS_PER_DAY, Event, day_of
from tocsin.model.identifiers import random_id
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome
from tocsin.model.role import Permission, Role
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.server import first_start
from tocsin.store import accounts, bulk, directory, keeping, partitions, roles, schema, tables, world
from tocsin.store.database import Database
from tocsin.store.objects import objects as hosts_and_services
from tocsin.store.rows import event_row

_DAYS: Final = 30
_BATCH: Final = 5_000
_CHECKPOINT_EVENTS: Final = 100_000
_SECONDS: Final = 600
_STATES: Final = {True: ("ok", "warning", "critical", "unknown"), False: ("up", "down", "unreachable")}
_KINDS: Final = (
    *[Kind.CHECK_RESULT] * 96,
    *(Kind.ACKNOWLEDGEMENT, Kind.ACKNOWLEDGEMENT, Kind.DOWNTIME_START, Kind.DOWNTIME_END),
)


async def preload_monitored(database: Database, events: int) -> Scene:
    """Fill an empty store.

    Args:
        database: without a schema.
        events: how many to write.
    """
    await schema.migrate(database)
    made = await database.write(lambda connection: first_start.ensure_default(connection, ""))
    assert made is not None, "the store is not empty"
    author = Author("bench", "bench", time.time_ns() // 1000)
    await database.write(
        lambda connection: world.change(connection, author, made.domain.id, configure), seconds=_SECONDS
    )
    objects = await database.read(lambda connection: hosts_and_services(connection, made.domain.id))
    past = _past(objects, made.source.id, made.source.project_id, events)
    # A part of each index for every batch would be written again and again.
    await database.write(_drop_indexes, seconds=_SECONDS)
    while batch := list(islice(past, _BATCH)):
        await database.write(partial(_insert_events, batch=batch), seconds=_SECONDS)
        if batch[-1].seq % _CHECKPOINT_EVENTS == 0:
            await database.checkpoint()
    for index in tables.event.indexes:
        await database.write(partial(index.create, checkfirst=True), seconds=_SECONDS)
        await database.checkpoint()
    await database.write(keeping.Statistics().refresh, seconds=_SECONDS)
    limited = await database.write(
        lambda connection: {
            name: _make_limited(connection, made.domain.id, name, scope)
            for name, scope in {"names": NAMED, "groups": GROUPED}.items()
        }
    )
    sender = Sender(made.source.id, made.source.access_key)
    return Scene(made.token, [sender], events, 0, limited)


def _drop_indexes(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for index in tables.event.indexes:
            index.drop(connection)


def _past(objects: list[MonitoredObject], source_id: str, project_id: str, events: int) -> Iterator[Event]:
    chance = random.Random(1)
    step = _DAYS * MICROSECONDS_PER_DAY // events
    now = time.time_ns() // 1000 - events * step
    for seq in range(1, events + 1):
        now += step
        each = chance.choice(objects)
        state = chance.choice(_STATES[bool(each.service)])
        yield Event(
            domain_id=each.domain_id,
            seq=seq,
            day=day_of(now),
            project_id=project_id,
            source_id=source_id,
            kind=chance.choice(_KINDS),
            key=f"{each.host}/{each.service}",
            title=f"{each.service or each.host} is {state}",
            description="",
            severity=Severity.WARNING,
            state=state,
            state_type=chance.choice(("hard", "soft")),
            host=each.host,
            service=each.service,
            object_id=each.id,
            rule="",
            resource_id="",
            resource_type="",
            resource_name="",
            provider="",
            account="",
            image_url="",
            links=[],
            labels={},
            source_tool="",
            author="",
            comment="",
            window_start=0,
            window_end=0,
            output=f"{state.upper()} - load average: {chance.random():.2f}, {seq % 977} of {seq % 1009} used",
            attempt=1,
            markdown=False,
            silenced_by="",
            alert_seq=0,
            outcome=Outcome.RECORDED,
            reason="",
            payload_seq=seq,
            payload_index=0,
            occurred_at=0,
            time=now,
            recorded_at=now,
        )


def _make_limited(connection: Connection, domain_id: str, name: str, scope: str) -> str:
    """Make a user who sees a tenth of the hosts, and give their token."""
    now = time.time_ns() // 1000
    role = Role(random_id("role"), domain_id, name, (Permission.VIEWSOME,), scope, now)
    roles.create_role(connection, role)
    account = accounts.create_account(connection, domain_id, name, "", now, role_id=role.id)
    return accounts.create_token(connection, account, "bench", now)[1]


def _insert_events(connection: Connection, batch: list[Event]) -> None:
    if connection.dialect.name == "postgresql":
        partitions.ensure(connection, batch[0].day, batch[-1].day)
    bulk.insert(connection, tables.event, [event_row(each) for each in batch])
    ours = update(tables.domain).where(tables.domain.c.id == directory.DEFAULT)
    connection.execute(ours.values(next_seq=batch[-1].seq + 1, recorded_at=batch[-1].recorded_at))
