"""A store with a source, and what the tests of the ledger do with it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Receipt
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Submission
from tocsin.store import directory, reading, tables
from tocsin.store.database import Database
from tocsin.store.ledger import Ledger
from tocsin.store.rows import ALERT_COLUMNS, alert_of, object_of

NOON = 1_767_268_800_000_000
"""2026-01-01 12:00 UTC, in microseconds: when the clock of a scene starts."""
SECOND = 1_000_000
DAY = 86_400 * SECOND
ALL = 1_000_000


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


class Scene:
    """A domain with a source on a store, and a ledger that writes to it.

    Args:
        database: the store, with the present schema.
        clock: the ledger's.
        source: the one that signals come from where a test names none.
        object_limit: how many discovered objects a domain may have.
    """

    def __init__(self, database: Database, clock: Clock, source: Source, object_limit: int = 1000) -> None:
        self.database = database
        self.clock = clock
        self.source = source
        self.ledger = Ledger(object_limit, clock)

    async def write(self, *submissions: Submission) -> list[list[Receipt]]:
        """Record submissions as one batch."""
        written = await self.database.write(
            lambda connection: self.ledger.write(connection, list(submissions))
        )
        return written.receipts

    async def record(self, *signals: Signal) -> list[Receipt]:
        """Record signals as one request of the scene's source."""
        (receipts,) = await self.write(submission(self.source, *signals))
        return receipts

    async def events(self, domain_id: str = "") -> list[Event]:
        """Give all events of a domain, in order."""
        domain = domain_id or self.source.domain_id
        return await self.database.read(lambda connection: reading.events_after(connection, domain, 0, ALL))

    async def alerts(self) -> list[Alert]:
        """Give all alerts of all domains, in order."""
        statement = select(*ALERT_COLUMNS).order_by(tables.alert.c.domain_id, tables.alert.c.seq)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [alert_of(row) for row in rows]

    async def objects(self) -> list[MonitoredObject]:
        """Give all monitored objects of all domains, in order."""
        statement = select(tables.monitored_object).order_by(
            tables.monitored_object.c.domain_id, tables.monitored_object.c.id
        )
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [object_of(row) for row in rows]

    async def count(self, table: str) -> int:
        """Count the rows of a table."""
        statement = select(tables.metadata.tables[table])
        return len(await self.database.read(lambda connection: connection.execute(statement).all()))


async def open_scene(database: Database, *, object_limit: int = 1000) -> Scene:
    """Make a domain named main with a source named probe, and a ledger with a clock that stands."""
    return Scene(database, Clock(), await new_source(database, "main"), object_limit)


async def new_source(
    database: Database, domain_id: str, name: str = "probe", *, options: SourceOptions | None = None
) -> Source:
    """Make a source, and its domain where that is new."""

    def work(connection: Connection) -> Source:
        if domain_id not in {domain.id for domain in directory.domains(connection)}:
            directory.create_domain(connection, domain_id, NOON, identifier=domain_id)
        project = directory.find_project(connection, domain_id, directory.DEFAULT)
        return directory.create_source(
            connection,
            domain_id=domain_id,
            project_id=project.id,
            name=name,
            source_format="auto",
            now=NOON,
            options=options,
        )

    return await database.write(work)


def submission(source: Source, *signals: Signal, body: bytes = b"{}") -> Submission:
    """Make a request of some signals, numbered in their order."""
    for index, each in enumerate(signals):
        each.index = index
    return Submission(source, Payload("auto", "application/json", {}, body), list(signals))


def problem(key: str, severity: Severity = Severity.CRITICAL, **fields: Any) -> Signal:
    """Make a signal that something is wrong."""
    return Signal(Kind.PROBLEM, key, severity, **{"title": f"{key} is wrong", **fields})


def recovery(key: str) -> Signal:
    """Make a signal that it is well again."""
    return Signal(Kind.RECOVERY, key, Severity.NONE, f"{key} is well")


def problems(keys: Iterable[str]) -> list[Signal]:
    """Make a problem for each key."""
    return [problem(key) for key in keys]
