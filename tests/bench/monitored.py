"""Fills a store with a month of check results of hosts and services, straight into its tables."""

import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

from sqlalchemy import Connection, update

from tests.bench.scene import Scene, Sender
from tocsin.model.event import MICROSECONDS_PER_DAY, Event, day_of
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome
from tocsin.model.role import Permission, Role
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.server import first_start
from tocsin.store import accounts, bulk, directory, keeping, partitions, roles, schema, tables
from tocsin.store.database import Database
from tocsin.store.rows import event_row, object_row

HOSTS: Final = 2_000
SERVICES: Final = 5
"""On each host."""
CHECKS: Final = 40
"""Different names of services."""
_DAYS: Final = 30
_BATCH: Final = 5_000
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
    objects = _objects(made.domain.id)
    await database.write(lambda connection: _insert_objects(connection, objects))
    past = _past(objects, made.source.id, made.source.project_id, events)
    while batch := list(islice(past, _BATCH)):
        await database.write(partial(_insert_events, batch=batch), seconds=_SECONDS)
    await database.write(keeping.Statistics().refresh, seconds=_SECONDS)
    limited = await database.write(lambda connection: _make_limited(connection, made.domain.id))
    sender = Sender(made.source.id, made.source.access_key)
    return Scene(made.token, [sender], events, 0, limited)


def host_name(number: int) -> str:
    """Give the name of a host."""
    return f"host-{number:04}"


def check_name(number: int) -> str:
    """Give the name of a service, of which many hosts have one."""
    return f"Check {number % CHECKS:02}"


def _objects(domain_id: str) -> list[MonitoredObject]:
    names = [
        (host_name(host), check_name(host * 7 + service) if service else "")
        for host in range(HOSTS)
        for service in range(SERVICES + 1)
    ]
    now = time.time_ns() // 1000
    return [
        MonitoredObject(domain_id, number, host, service, "ok" if service else "up", "hard", now, now, True)
        for number, (host, service) in enumerate(names, start=1)
    ]


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


def _make_limited(connection: Connection, domain_id: str) -> str:
    """Make a user who sees a tenth of the hosts, and give their token."""
    now = time.time_ns() // 1000
    scope = " OR ".join(f"host:{host_name(number)[:-2]}*" for number in range(0, HOSTS // 10, 100))
    role = Role("role-0123456789ab", domain_id, "a tenth", (Permission.VIEWSOME,), scope, now)
    roles.create_role(connection, role)
    account = accounts.create_account(connection, domain_id, "tenth", "", now, role_id=role.id)
    return accounts.create_token(connection, account, "bench", now)[1]


def _insert_objects(connection: Connection, objects: list[MonitoredObject]) -> None:
    bulk.insert(connection, tables.monitored_object, [object_row(each) for each in objects])
    ours = update(tables.domain).where(tables.domain.c.id == directory.DEFAULT)
    connection.execute(ours.values(next_object=len(objects) + 1))


def _insert_events(connection: Connection, batch: list[Event]) -> None:
    if connection.dialect.name == "postgresql":
        partitions.ensure(connection, batch[0].day, batch[-1].day)
    bulk.insert(connection, tables.event, [event_row(each) for each in batch])
    ours = update(tables.domain).where(tables.domain.c.id == directory.DEFAULT)
    connection.execute(ours.values(next_seq=batch[-1].seq + 1, recorded_at=batch[-1].recorded_at))
