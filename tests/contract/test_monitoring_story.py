"""A long story of a monitored world gives exactly the rows that a plain model of the state machine tells."""

from itertools import groupby
from operator import attrgetter

import pytest
from sqlalchemy import select

from tests.contract.scene import Scene
from tests.contract.test_check_results import configure
from tests.property import monitoring_oracle as oracle
from tests.property.monitoring_steps import (
    AcknowledgementPut,
    AcknowledgementRemoved,
    DowntimeCancelled,
    DowntimePut,
    Result,
    Row,
    Step,
    World,
)
from tests.property.monitoring_story import BEGIN, story
from tocsin.model.checking import is_well
from tocsin.model.downtime import Downtime, Plan
from tocsin.model.event import Event
from tocsin.model.monitored import MonitoredObject
from tocsin.model.signal import Kind, Signal
from tocsin.store import downtimes, tables
from tocsin.store.timers import Timers

pytestmark = pytest.mark.anyio

MOST_AT_ONCE = 200
EVENT_TYPES = {
    Kind.ACKNOWLEDGEMENT: oracle.ACKNOWLEDGED,
    Kind.DOWNTIME_START: oracle.DOWNTIME_START,
    Kind.DOWNTIME_END: oracle.DOWNTIME_END,
}


def configured(world: World) -> list[MonitoredObject]:
    """Give the objects of a world as they are configured, hosts first, numbered from 1."""
    numbers = {host.name: number for number, host in enumerate(world.hosts, start=1)}
    hosts = [
        MonitoredObject(
            *("main", numbers[host.name], host.name, "", "up", "hard", 0, 0, False),
            max_attempts=host.max_attempts,
            parents=tuple(numbers[parent] for parent in host.parents),
        )
        for host in world.hosts
    ]
    services = [
        MonitoredObject(
            *("main", number, service.host, service.name, "ok", "hard", 0, 0, False),
            max_attempts=service.max_attempts,
            volatile=int(service.volatile),
        )
        for number, service in enumerate(world.services, start=len(hosts) + 1)
    ]
    return hosts + services


class Teller:
    """Brings the steps of a story to a store."""

    def __init__(self, scene: Scene, objects: list[MonitoredObject]) -> None:
        self.scene = scene
        self.by_host: dict[str, list[MonitoredObject]] = {}
        for each in objects:
            self.by_host.setdefault(each.host, []).append(each)
        self.entries: dict[str, list[Downtime]] = {}
        self.results: list[Signal] = []

    async def tell(self, steps: tuple[Step, ...]) -> None:
        """Take the steps. Results that follow one another are one request, each with its own time."""
        for step in steps:
            if not isinstance(step, Result) or len(self.results) == MOST_AT_ONCE:
                await self.flush()
            self.scene.clock.now = step.at
            if isinstance(step, Result):
                self.results.append(
                    said(Kind.CHECK_RESULT, step, state=step.state, output=step.output, is_active=True)
                )
            else:
                await self.do(step)
        await self.flush()

    async def flush(self) -> None:
        """Record the results that wait."""
        if self.results:
            await self.scene.record(*self.results)
            self.results = []

    async def do(self, step: Step) -> None:
        """Take a step that is no result, then do what is due."""
        match step:
            case AcknowledgementPut(sticky=sticky):
                if not is_well(await self.state(step)):
                    await self.scene.record(
                        said(Kind.ACKNOWLEDGEMENT, step, until_change=not sticky, sticky=sticky)
                    )
            case AcknowledgementRemoved():
                await self.scene.record(said(Kind.ACKNOWLEDGEMENT_END, step))
            case DowntimePut():
                covered = [each for each in self.by_host[step.host] if step.service in ("", each.service)]
                plan = Plan(step.start, step.end, "ann", step.name)
                self.entries[step.name] = await self.scene.database.write(
                    lambda connection: downtimes.schedule(connection, "main", plan, covered, step.at)
                )
            case DowntimeCancelled(name=name):
                ids = {each.id for each in self.entries[name]}
                await self.scene.database.write(
                    lambda connection: downtimes.cancel(
                        connection, "main", lambda found: [each for each in found if each.id in ids], step.at
                    )
                )
        timers = Timers(self.scene.ledger, self.scene.clock)
        while (await self.scene.database.write(timers.run)).receipts:
            pass

    async def state(self, step: AcknowledgementPut) -> str:
        """Give how an object stands. Whoever acknowledges by hand is refused where all is well."""
        columns = tables.monitored_object.c
        found = select(columns.state).where(columns.host == step.host, columns.service == step.service)
        state: str = await self.scene.database.read(lambda c: c.execute(found).scalar_one())
        return state


def said(kind: Kind, step: Result | AcknowledgementPut | AcknowledgementRemoved, **fields: object) -> Signal:
    """Give the signal that a step comes to."""
    key = f"{step.host}/{step.service}" if step.service else step.host
    return Signal(kind, key, host=step.host, service=step.service, occurred_at=step.at, **fields)  # type: ignore[arg-type]


def told(events: list[Event]) -> list[Row]:
    """Give the rows that events are. An end of an acknowledgement is none."""
    return [
        Row(
            EVENT_TYPES.get(each.kind, oracle.STATE),
            each.host,
            each.service,
            each.state,
            "soft" if each.state_type == "soft" else "hard",
            each.attempt if each.kind not in EVENT_TYPES else 0,
            each.time,
        )
        for each in events
        if each.kind is not Kind.ACKNOWLEDGEMENT_END
    ]


def in_order(rows: list[Row]) -> list[Row]:
    """Put rows of the same moment and kind into the order of their names; attempts stand on results alone."""
    return [
        Row(
            *(each.eventtype, each.host, each.service, each.state, each.state_type),
            each.attempt if each.eventtype == oracle.STATE else 0,
            each.time,
        )
        for _, group in groupby(rows, attrgetter("time", "eventtype"))
        for each in sorted(group, key=attrgetter("host", "service"))
    ]


async def test_the_store_tells_what_the_model_tells(scene: Scene) -> None:
    told_story = story(1)
    objects = configured(told_story.world)
    await configure(scene, *objects)
    await Teller(scene, objects).tell(told_story.steps)
    expected = in_order(oracle.rows(told_story.world, told_story.steps))
    found = in_order(told(await scene.events()))
    assert sum(isinstance(step, Result) for step in told_story.steps) >= 5_000
    for number, (one, other) in enumerate(zip(found, expected, strict=False)):
        assert one == other, f"row {number}, second {(other.time - BEGIN) // 1_000_000}"
    assert len(found) == len(expected)
