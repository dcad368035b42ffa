"""The bars: what Tocsin has to reach, held against what was measured."""

from collections.abc import Iterator
from statistics import median
from typing import Final

import msgspec

from tests.bench.console import PAGES
from tests.bench.figures import Cloudforet, Console, Figure, Opsview, Result, quantile
from tests.bench.filters import CHANGES, paintings
from tests.bench.live_tail import RATE, growth
from tests.bench.questions import QUESTIONS
from tests.bench.workload import BATCHES, SINGLE_8, SINGLE_64, WORKLOADS

ALERTMANAGER: Final = "alertmanager"
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
SLOW: Final = "-slow-sync"
"""What the name of a system ends with where a millisecond is added to each sync."""


class Bar(msgspec.Struct, frozen=True):
    """Something to reach.

    Attributes:
        what: in words.
        wanted: the least, or the most where `is_most`.
        measured: what it is; None where the run left it out.
        unit: of both.
    """

    what: str
    wanted: float
    measured: float | None
    unit: str
    is_most: bool = False

    @property
    def verdict(self) -> str:
        """Tell: pass, MISS, or not measured."""
        if self.measured is None:
            return "not measured"
        reached = self.measured <= self.wanted if self.is_most else self.measured >= self.wanted
        return "pass" if reached else "MISS"


def bars(result: Result) -> list[Bar]:
    """Give every bar with what was measured."""
    figures = {(figure.system, figure.workload): figure for figure in result.figures}
    return [
        *_of_sqlite(figures),
        *_of_postgresql(figures),
        *_of_readings(result),
        *_of_passing_on(result),
        *_of_cloudforet(result.cloudforet),
        *_of_opsview(result.opsview),
        *_of_console(result.console),
    ]


def miscounted(result: Result) -> list[str]:
    """Find the loads after which a system held less than it acknowledged, or more than was in flight.

    Returns:
        A line for each, empty where every acknowledgement is one row.
    """
    sizes = {workload.name: workload for workload in WORKLOADS}
    figures = [*result.figures, *([result.soak.figure] if result.soak else [])]
    faults = []
    for figure in figures:
        workload = sizes[figure.workload]
        in_flight = workload.connections * workload.size
        if not figure.acknowledged <= figure.recorded <= figure.acknowledged + in_flight:
            counts = f"{figure.acknowledged} acknowledged, {figure.recorded} held"
            faults.append(f"{figure.system}, {figure.workload}: {counts}")
    found = result.cloudforet
    if found and found.acknowledged != found.recorded:
        counts = f"{found.acknowledged} acknowledged, {found.recorded} held"
        faults.append(f"{found.system}, Cloudforet's creates: {counts}")
    return faults


_Figures = dict[tuple[str, str], Figure]


def _of_sqlite(figures: _Figures) -> Iterator[Bar]:
    at_64, at_8 = figures.get((SQLITE, SINGLE_64.name)), figures.get((SQLITE, SINGLE_8.name))
    slow = figures.get((SQLITE + SLOW, SINGLE_64.name))
    against = "rate against Alertmanager"
    singles, batches = (ratio(figures, SQLITE, ALERTMANAGER, each.name) for each in (SINGLE_64, BATCHES))
    yield Bar(f"{SINGLE_64.name}: {against}", 0.2, singles, "times")
    yield Bar(f"{SINGLE_64.name}: p99", 30, at_64.p99_ms if at_64 else None, "ms", is_most=True)
    yield Bar(f"{SINGLE_8.name}: rate", 3_000, at_8.alarms_per_second if at_8 else None, "/s")
    yield Bar(f"{SINGLE_8.name}: p99", 15, at_8.p99_ms if at_8 else None, "ms", is_most=True)
    yield Bar(f"{SINGLE_64.name}, sync + 1 ms: rate", 5_000, slow.alarms_per_second if slow else None, "/s")
    yield Bar(f"{BATCHES.name}: {against}", 0.5, batches, "times")


def _of_postgresql(figures: _Figures) -> Iterator[Bar]:
    for ending, words in (("", ""), (SLOW, ", sync + 1 ms")):
        for workload in WORKLOADS:
            found = ratio(figures, POSTGRESQL + ending, SQLITE + ending, workload.name)
            yield Bar(f"{workload.name}{words}: PostgreSQL against SQLite", 0.4, found, "times")


def _of_readings(result: Result) -> Iterator[Bar]:
    newest = {reading.system: reading.newest_p99_ms for reading in result.readings}
    for system in (SQLITE, POSTGRESQL):
        yield Bar(f"newest 50 of a severity, {system}: p99", 5, newest.get(system), "ms", is_most=True)
    steady = memory = None
    if result.soak:
        first, *_, last = result.soak.alarms_per_minute
        steady, memory = last / max(1, first), result.soak.memory_mb
    yield Bar("five minutes: rate of the last against the first", 0.9, steady, "times")
    yield Bar("five minutes: memory of the server", 250, memory, "MB", is_most=True)


def _of_passing_on(result: Result) -> Iterator[Bar]:
    found = result.passing_on
    kept = found.routed_rate / max(1.0, found.plain_rate) if found else None
    yield Bar("500 alarms a second to a target: p50", 20, found.p50_ms if found else None, "ms", is_most=True)
    yield Bar(
        "500 alarms a second to a target: p99", 100, found.p99_ms if found else None, "ms", is_most=True
    )
    yield Bar(
        "500 alarms a second to a target: missing", 0, found.missing if found else None, "", is_most=True
    )
    yield Bar("intake with routes and silences against without", 0.85, kept, "times")


def _of_cloudforet(found: Cloudforet | None) -> Iterator[Bar]:
    def most(what: str, wanted: float, measured: float | None) -> Bar:
        return Bar(f"Cloudforet: {what}", wanted, measured, "ms", is_most=True)

    yield Bar("Cloudforet: creates", 1_500, found.creates_per_second if found else None, "/s")
    beside = "creates beside 64 connections of HTTP"
    yield Bar(f"Cloudforet: {beside}", 300, found.beside_per_second if found else None, "/s")
    yield most(f"{beside}, longest", 1_000, found.beside_longest_ms if found else None)
    yield most("newest 50 of a severity, p99", 10, found.list_p99_ms if found else None)
    yield most("counts by severity and hour, p99", 50, found.stat_p99_ms if found else None)


def _of_opsview(found: Opsview | None) -> Iterator[Bar]:
    for name, question in QUESTIONS.items():
        measured = found.p50_ms.get(name) if found else None
        wanted = question.most_among(found.events if found else 0)
        yield Bar(f"Opsview: {name}, p50", wanted, measured, "ms", is_most=True)


def _of_console(found: Console | None) -> Iterator[Bar]:
    def most(what: str, wanted: float, measured: float | None, unit: str = "ms") -> Bar:
        return Bar(f"Console: {what}", wanted, measured, unit, is_most=True)

    for page in PAGES:
        took = [each.painted_ms for each in found.first[page]] if found else []
        yield most(f"first paint of {page}", 1_000, median(took) if took else None)
    for change in CHANGES:
        took = [each.painted_ms for each in found.changes[change]] if found else []
        yield most(f"{change}, p50", 300, median(took) if took else None)
    took = sorted(each.painted_ms for each in paintings(found.changes)) if found else []
    yield most("all changes of the filter, p95", 300, quantile(took, 0.95) if took else None)
    tail = found.tail if found else None
    yield Bar("Console: events that come in", 0.98 * RATE, tail.events_per_second if tail else None, "/s")
    yield most("frames late by more than 100 ms", 0, tail.late_frames if tail else None, "")
    yield most("events missing in the list", 0, tail.gaps if tail else None, "")
    grown = growth(tail.heap_mb) if tail else None
    yield most("memory, the last third against the one before", 1.1, grown, "times")


def missed_by(found: Opsview) -> list[str]:
    """Give the names of the questions of Opsview's clients that were answered too late."""
    return [name for name, p50 in found.p50_ms.items() if p50 > QUESTIONS[name].most_among(found.events)]


def ratio(figures: _Figures, system: str, other: str, workload: str) -> float | None:
    """Give the rate of a system against that of another, None where one was not measured."""
    own, theirs = figures.get((system, workload)), figures.get((other, workload))
    if own is None or theirs is None:
        return None
    return own.alarms_per_second / theirs.alarms_per_second
