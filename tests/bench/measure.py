"""Loads on running servers, and what they hold afterwards."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, func, select

from tests.bench import workload as scripts
from tests.bench.figures import Figure, Reading, Soak, figure_of
from tests.bench.slow_sync import assert_preloaded
from tests.bench.stores import SQLITE, Store
from tests.bench.workload import SINGLE_64, Workload
from tests.servers.alertmanager import Alertmanager
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.servers.wrk import Load, run_wrk
from tocsin.store import directory, tables
from tocsin.store.database import open_database

WARM_UP_SECONDS: Final = 2
NEWEST_SECONDS: Final = 3
SOAK_MINUTES: Final = 5
QUIET_SECONDS: Final = 2.0


@contextmanager
def server_on(
    store: Store, settings: Mapping[str, str] = MappingProxyType({}), *, grpc: bool = False
) -> Iterator[Tocsin]:
    """Run Tocsin on a store, ready for its loads.

    Args:
        store: which.
        settings: more variables for its environment.
        grpc: listen for gRPC too.
    """
    is_sqlite = store.engine == SQLITE
    with running_tocsin(
        store.directory,
        database="" if is_sqlite else store.url,
        environment={**store.server_environment, **settings},
        grpc=grpc,
    ) as server:
        if store.slow_sync is not None and is_sqlite:
            assert_preloaded(server.pid, store.slow_sync)
        yield server


def load_tocsin(system: str, server: Tocsin, store: Store, workload: Workload, seconds: int) -> Figure:
    """Put a load on Tocsin and count the rows that came of it."""
    script = scripts.for_tocsin(workload, store.scene)
    warm_up(server.url, script, store.directory, workload)
    before = quiet(lambda: last_seq(store))
    load = run_wrk(server.url, script, store.directory, connections=workload.connections, seconds=seconds)
    quiet(lambda: last_seq(store))
    return figure_of(system, workload.name, workload.size, load, rows_after(store, before))


def load_alertmanager(
    system: str, server: Alertmanager, directory: Path, workload: Workload, seconds: int
) -> Figure:
    """Put a load on Alertmanager and ask what it took."""
    script = scripts.for_alertmanager(workload)
    warm_up(server.url, script, directory, workload)
    before = quiet(lambda: taken(server))
    load = run_wrk(server.url, script, directory, connections=workload.connections, seconds=seconds)
    return figure_of(system, workload.name, workload.size, load, quiet(lambda: taken(server)) - before)


def read_tocsin(system: str, server: Tocsin, store: Store) -> Reading:
    """Ask for the newest events, and look how much memory the server takes."""
    script = scripts.newest(store.scene)
    load = run_wrk(server.url, script, store.directory, connections=1, seconds=NEWEST_SECONDS)
    assert load.requests
    assert not load.refused, "the newest events are refused"
    return Reading(system, load.p50 / 1000, load.p99 / 1000, memory_mb(server.pid))


def soak_tocsin(system: str, server: Tocsin, store: Store, minute: int) -> Soak:
    """Put a long load on Tocsin, and look each minute how far it is.

    Args:
        system: what is measured.
        server: running.
        store: its store.
        minute: how many seconds a minute is.
    """
    script = scripts.for_tocsin(SINGLE_64, store.scene)
    warm_up(server.url, script, store.directory, SINGLE_64)
    before = quiet(lambda: last_seq(store))
    with ThreadPoolExecutor(1) as running:
        start = time.monotonic()
        sent = running.submit(
            run_wrk,
            server.url,
            script,
            store.directory,
            connections=SINGLE_64.connections,
            seconds=SOAK_MINUTES * minute,
        )
        marks = [before]
        for number in range(1, SOAK_MINUTES + 1):
            time.sleep(max(0.0, start + number * minute - time.monotonic()))
            marks.append(last_seq(store))
        load: Load = sent.result()
    quiet(lambda: last_seq(store))
    figure = figure_of(system, SINGLE_64.name, 1, load, rows_after(store, before))
    per_minute = [later - earlier for earlier, later in pairwise(marks)]
    return Soak(figure, per_minute, memory_mb(server.pid))


def warm_up(url: str, script: str, directory: Path, workload: Workload) -> None:
    """Send the load for a moment, so that caches and statements are ready."""
    load = run_wrk(url, script, directory, connections=workload.connections, seconds=WARM_UP_SECONDS)
    assert not load.refused, f"{workload.name}: refused already while warming up: {load}"


def quiet(look: Callable[[], int]) -> int:
    """Give a growing number when it grows no more: what was in flight when the load ended is done."""
    last = look()
    while True:
        time.sleep(QUIET_SECONDS)
        if (now := look()) == last:
            return now
        last = now


def last_seq(store: Store) -> int:
    """Give the number of the last event."""
    next_seq = select(tables.domain.c.next_seq).where(tables.domain.c.id == directory.DEFAULT)
    return _ask(store, lambda connection: connection.execute(next_seq).scalar_one()) - 1


def rows_after(store: Store, seq: int) -> int:
    """Count the events after a number, each by a key of its own."""
    event = tables.event.c
    keys = select(func.count(event.key.distinct())).where(
        event.domain_id == directory.DEFAULT, event.seq > seq
    )
    return _ask(store, lambda connection: connection.execute(keys).scalar_one())


def taken(server: Alertmanager) -> int:
    """Give how many alerts Alertmanager has taken."""
    return int(server.metric("alertmanager_alerts_received_total", 'version="v2"'))


def memory_mb(pid: int) -> float:
    """Give the memory that a process holds, 10^6 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise AssertionError(f"/proc/{pid}/status says nothing of memory")


def processor_seconds(pid: int) -> float:
    """Give the processor time that a process has taken, all its threads together."""
    # The name of the program, in parentheses, can hold blanks.
    counts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(counts[11]) + int(counts[12])) / os.sysconf("SC_CLK_TCK")


def _ask(store: Store, look: Callable[[Connection], int]) -> int:
    async def ask() -> int:
        database = open_database(store.url)
        try:
            return await database.read(look, seconds=300)
        finally:
            await database.close()

    return asyncio.run(ask())
