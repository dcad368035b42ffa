"""The hub: everything that runs, as one object that a server or a test starts and stops."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from tocsin.hub.alert_configs import AlertConfigs
from tocsin.hub.alert_work import AlertWork
from tocsin.hub.alerts import Alerts
from tocsin.hub.archive import Archive
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.copier import Copier
from tocsin.hub.dispatcher import Dispatcher
from tocsin.hub.downtimes import Downtimes
from tocsin.hub.escalation_policies import EscalationPolicies
from tocsin.hub.feed import Feed
from tocsin.hub.housekeeping import Housekeeping, Keep
from tocsin.hub.intake_rules import IntakeRules
from tocsin.hub.metrics import Metrics
from tocsin.hub.notes import Notes
from tocsin.hub.objects import Objects
from tocsin.hub.puller import Pull, Puller
from tocsin.hub.rates import Rates
from tocsin.hub.recorder import Limits, Recorder
from tocsin.hub.sender import Sender
from tocsin.hub.sessions import Sessions
from tocsin.hub.sources import Sources
from tocsin.hub.staff import Staff
from tocsin.hub.timekeeper import Timekeeper
from tocsin.hub.worlds import Worlds
from tocsin.model.receipt import Receipt
from tocsin.model.retrying import RetryPlan
from tocsin.model.submission import Submission
from tocsin.store import configuration
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.errors import StoreError
from tocsin.store.ledger import Ledger, Written
from tocsin.store.notify import Notifier
from tocsin.store.timers import Timers

PROBE_AFTER_SECONDS: Final = 5.0
STALE_AFTER_SECONDS: Final = 5.0
"""After so long without a look at the directory, keys that others made or revoked are not known here."""


class HubSettings(msgspec.Struct, frozen=True):
    """What an operator can set about the hub.

    Attributes:
        limits: how much may wait to be written.
        keep: how long things are kept.
        object_limit: how many discovered objects a domain may have.
        retry_plan: how hard to try to pass events on.
        columnar: directory of the columnar copy; None for no copy.
    """

    limits: Limits = Limits()
    keep: Keep = Keep()
    object_limit: int = 100_000
    retry_plan: RetryPlan = RetryPlan()
    columnar: Path | None = None


def clock() -> int:
    """Give the time, microseconds UTC."""
    return time.time_ns() // 1000


class Hub:
    """The parts that run, wired together.

    Args:
        database: the store, with the present schema.
        settings: what the operator set.
        senders: what serves each kind of target.
        pulls: what fetches from sources, by their format.
    """

    def __init__(
        self,
        database: Database,
        settings: HubSettings | None = None,
        senders: Mapping[str, Sender] = MappingProxyType({}),
        pulls: Mapping[str, Pull] = MappingProxyType({}),
    ) -> None:
        settings = settings or HubSettings()
        self.database = database
        self.object_limit = settings.object_limit
        self.metrics = Metrics()
        self.rates = Rates()
        self.authentication = Authentication(database)
        self.sessions = Sessions(database, self.authentication, clock)
        configuring = Configuring(database, self.authentication)
        self.sources = Sources(configuring)
        self.alert_configs = AlertConfigs(configuring)
        self.escalation_policies = EscalationPolicies(configuring)
        self.intake_rules = IntakeRules(configuring)
        self.worlds = Worlds(configuring)
        self.staff = Staff(configuring)
        self.feed = Feed(database, Notifier(database), self.metrics)
        ledger = Ledger(settings.object_limit, clock)
        self.dispatcher = Dispatcher(
            database, senders, self._record, self.metrics, clock, settings.retry_plan
        )
        self.recorder = Recorder(
            database, ledger, self.metrics, settings.limits, self._recorded, self.dispatcher
        )
        self.timekeeper = Timekeeper(database, Timers(ledger, clock), clock, self._committed)
        self.objects = Objects(database, self.recorder.record_together)
        self.downtimes = Downtimes(database, self.timekeeper.hurry, clock)
        self.puller = Puller(
            database, pulls, self.recorder, self.objects, self.downtimes, self.metrics, clock
        )
        self.housekeeping = Housekeeping(database, settings.keep, clock)
        copy = Copy(settings.columnar) if settings.columnar is not None else None
        self.copier = Copier(database, copy, self.metrics)
        self.counting = Counting(database, copy)
        self.archive = Archive(database, self.counting)
        self.alerts = Alerts(database, clock)
        self.notes = Notes(database, self.counting, configuring)
        self.alert_work = AlertWork(configuring, self.recorder, ledger, self.timekeeper, self._committed)

    async def start(self) -> None:
        """Start every part."""
        await self.housekeeping.start()
        await self.authentication.start()
        self.sessions.start()
        await self.feed.start()
        self.recorder.start()
        await self.dispatcher.start()
        self.timekeeper.start()
        await self.puller.start()
        self.copier.start()

    async def stop(self) -> None:
        """Stop taking, write what was taken, then stop every part. The database stays open."""
        await self.copier.stop()
        await self.puller.stop()
        await self.timekeeper.stop()
        await self.recorder.stop()
        await self.dispatcher.stop()
        await self.feed.stop()
        await self.sessions.stop()
        await self.authentication.stop()
        await self.housekeeping.stop()

    async def trouble(self) -> dict[str, str]:
        """Look at what must be so for events to be taken.

        A store that failed is tried with a small write once no batch has failed for a while, so that a
        balancer which sends nothing meanwhile learns when events are taken again. Before that the batches
        know better: on a full disk a small write may still find room.

        Returns:
            For each thing that was looked at, why it fails; '' where it does not.
        """
        found = {"store": "", "recorder": "", "dispatcher": "", "directory": ""}
        try:
            if self.recorder.trouble and time.monotonic() - self.recorder.trouble_at > PROBE_AFTER_SECONDS:
                await self.database.write(configuration.probe)
                self.recorder.trouble = ""
            else:
                await self.database.peek(configuration.version)
        except StoreError as failure:
            found["store"] = str(failure)
        found["recorder"] = self.recorder.trouble
        found["dispatcher"] = self.dispatcher.trouble
        age = self.authentication.age
        if age > STALE_AFTER_SECONDS:
            found["directory"] = f"last read {age:.0f} s ago"
        return found

    async def _record(self, submission: Submission) -> list[Receipt]:
        return await self.recorder.record(submission)

    def _recorded(self, written: Written) -> None:
        """Tell what a transaction of the recorder came to, in which the dispatcher took part."""
        self.dispatcher.took_part(written.taken)
        self._committed(written)

    def _committed(self, written: Written) -> None:
        """Tell those who wait for news what a transaction of the ledger came to."""
        self.feed.committed(written.domains)
        if written.targets:
            self.dispatcher.hurry(written.targets)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Hub"]:
        """Run the hub for the length of a block."""
        try:
            await self.start()
            yield self
        finally:
            await self.stop()
