"""`python -m tests.bench`: measures how fast Tocsin takes alarms, durably, beside Alertmanager."""

import asyncio
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec
from cyclopts import App, Parameter

from tests.bench import measure, slow_sync
from tests.bench.bars import ALERTMANAGER, SLOW, Bar, bars, miscounted, missed_by
from tests.bench.cloudforet import measure_cloudforet
from tests.bench.configuration import configuration
from tests.bench.console import ROUNDS, measure_console
from tests.bench.figures import Cloudforet, Console, Figure, Opsview, PassingOn, Reading, Result, Soak
from tests.bench.monitored import preload_monitored
from tests.bench.opsview import measure_opsview
from tests.bench.passing_on import PRIVATE_TARGETS, measure_passing_on
from tests.bench.plans import plans_of
from tests.bench.report import markdown
from tests.bench.stores import SQLITE, copy_of_store, work_directory
from tests.bench.workload import WORKLOADS
from tests.servers.alertmanager import running_alertmanager

System = Literal[
    "alertmanager",
    "sqlite",
    "sqlite-slow-sync",
    "postgresql",
    "postgresql-slow-sync",
    "passing-on",
    "cloudforet",
    "opsview",
    "console",
]
PASSING_ON: Final = "passing-on"
CLOUDFORET: Final = "cloudforet"
OPSVIEW: Final = "opsview"
CONSOLE: Final = "console"
_NOWHERE: Final = "route: {receiver: nowhere, group_by: [alertname]}\nreceivers: [{name: nowhere}]\n"

app = App(name="python -m tests.bench", help_format="plaintext", version_flags=[])


@app.default
def run(
    *,
    quick: Annotated[bool, Parameter(negative="")] = False,
    events: int = 1_000_000,
    seconds: int = 20,
    tail_seconds: int = 60,
    soak: Annotated[bool, Parameter(negative="")] = False,
    only: Annotated[list[System] | None, Parameter(negative="")] = None,
    output: Path | None = None,
) -> int:
    """Measure how fast Tocsin takes alarms, durably, beside Alertmanager on the same machine.

    Prints tables in Markdown. Ends with 1 where an acknowledgement is no row, a system fails, or a long run
    misses a bar. A system that fails keeps no other from being measured, and no figure from being shown.

    Args:
        quick: small stores and short loads, to see that the bench works; the figures say little.
        events: about how many events the stores hold beforehand.
        seconds: how long each load lasts.
        tail_seconds: how long the console follows what comes in; 600 for the whole check.
        soak: add a load of five minutes on SQLite.
        only: measure only this system, or these where it is given several times; passing-on is the way to
            a target, cloudforet what its clients get over gRPC, opsview what its clients get, console what
            somebody with a browser gets, all on SQLite.
        output: write the result to this file as JSON too, and the tables beside it, ending in .md.
    """
    if quick:
        events, seconds, tail_seconds = min(events, 20_000), min(seconds, 3), min(tail_seconds, 10)
    if output is not None:
        # Better now than after ten minutes, if it cannot be written.
        output.touch()
    systems = only or list(get_args(System))
    with work_directory() as directory:
        library = slow_sync.build(directory)
        bench = _Bench(events, seconds, library, tail_seconds, rounds=2 if quick else ROUNDS)
        _say("configuration")
        described = configuration(events, seconds)
        failed: list[str] = [system for system in systems if not bench.measure(system)]
        if soak and not bench.measure_long_load(seconds if quick else 60):
            failed.append("long load")
    result = Result(
        described,
        bench.figures,
        bench.readings,
        bench.lasting,
        bench.passing_on,
        bench.cloudforet,
        bench.opsview,
        bench.console,
    )
    page = markdown(result)
    print(page, end="")
    if output is not None:
        output.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
        output.with_suffix(".md").write_text(page, encoding="utf-8")
    missed = [bar for bar in bars(result) if _is_missed(bar)]
    return 1 if failed or miscounted(result) or (missed and not quick) else 0


class _Bench:
    """Measures system after system, each on a fresh copy of the store."""

    def __init__(self, events: int, seconds: int, library: Path, tail_seconds: int, *, rounds: int) -> None:
        self._events = events
        self._seconds = seconds
        self._library = library
        self._tail_seconds = tail_seconds
        self._rounds = rounds
        self.figures: list[Figure] = []
        self.readings: list[Reading] = []
        self.lasting: Soak | None = None
        self.passing_on: PassingOn | None = None
        self.cloudforet: Cloudforet | None = None
        self.opsview: Opsview | None = None
        self.console: Console | None = None

    def measure(self, system: str) -> bool:
        """Measure a system, and tell whether that went well. What was measured before it failed stays."""
        if system == ALERTMANAGER:
            return _went_well(system, self._measure_alertmanager)
        if system == PASSING_ON:
            return _went_well(system, self._measure_passing_on)
        if system == CLOUDFORET:
            return _went_well(system, self._measure_cloudforet)
        if system == OPSVIEW:
            return _went_well(system, self._measure_opsview)
        if system == CONSOLE:
            return _went_well(system, self._measure_console)
        return _went_well(system, partial(self._measure_tocsin, system))

    def measure_long_load(self, minute: int) -> bool:
        """Put a long load on SQLite, and tell whether that went well."""
        return _went_well("long load", partial(self._soak, minute))

    def _measure_alertmanager(self) -> None:
        for workload in WORKLOADS:
            _say(f"{ALERTMANAGER}: {workload.name}")
            # Each on an empty one: it keeps all in memory, and grows slower with what it holds.
            with work_directory() as directory, running_alertmanager(directory, _NOWHERE) as server:
                self.figures.append(
                    measure.load_alertmanager(ALERTMANAGER, server, directory, workload, self._seconds)
                )

    def _measure_tocsin(self, system: str) -> None:
        engine = system.removesuffix(SLOW)
        library = self._library if system.endswith(SLOW) else None
        _say(f"{system}: a store with {self._events} events")
        with copy_of_store(engine, self._events, library) as store, measure.server_on(store) as server:
            for workload in WORKLOADS:
                _say(f"{system}: {workload.name}")
                self.figures.append(measure.load_tocsin(system, server, store, workload, self._seconds))
            _say(f"{system}: newest events")
            self.readings.append(measure.read_tocsin(system, server, store))

    def _measure_passing_on(self) -> None:
        _say(f"{PASSING_ON}: SQLite with {self._events} events")
        with (
            copy_of_store(SQLITE, self._events) as store,
            measure.server_on(store, PRIVATE_TARGETS) as server,
        ):
            self.passing_on = measure_passing_on(SQLITE, server, store, self._seconds)

    def _measure_cloudforet(self) -> None:
        _say(f"{CLOUDFORET}: SQLite with {self._events} events")
        with copy_of_store(SQLITE, self._events) as store, measure.server_on(store, grpc=True) as server:
            self.cloudforet = measure_cloudforet(SQLITE, server, store, self._seconds)

    def _measure_opsview(self) -> None:
        _say(f"{OPSVIEW}: SQLite with {self._events} events of a monitored world")
        with copy_of_store(SQLITE, self._events, past=preload_monitored) as store:
            with measure.server_on(store) as server:
                found = measure_opsview(SQLITE, server, store)
            plans = asyncio.run(plans_of(store, missed_by(found)))
        self.opsview = msgspec.structs.replace(found, plans=plans)

    def _measure_console(self) -> None:
        _say(f"{CONSOLE}: SQLite with {self._events} events")
        with copy_of_store(SQLITE, self._events) as store, measure.server_on(store) as server:
            self.console = measure_console(
                SQLITE, server, store, tail_seconds=self._tail_seconds, rounds=self._rounds
            )

    def _soak(self, minute: int) -> None:
        _say("long load")
        with copy_of_store(SQLITE, self._events) as store, measure.server_on(store) as server:
            self.lasting = measure.soak_tocsin(SQLITE, server, store, minute)


def _went_well(what: str, work: Callable[[], None]) -> bool:
    try:
        work()
    except Exception:  # whatever it is, what else was measured took an hour and is worth more
        _say(f"{what}: FAILED\n{traceback.format_exc()}")
        return False
    return True


def _is_missed(bar: Bar) -> bool:
    return bar.verdict == "MISS"


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    app()
