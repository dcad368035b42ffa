"""What a run of the bench measured."""

import math
from collections.abc import Sequence

import msgspec

from tests.servers.wrk import Load


class Figure(msgspec.Struct, frozen=True):
    """A load on a system.

    Attributes:
        system: what was measured: alertmanager, sqlite, sqlite-slow-sync ...
        workload: name of the load.
        alarms_per_second: acknowledged ones.
        p50_ms: half of the answers came within this, milliseconds.
        p99_ms: 99 of 100 answers came within this, milliseconds.
        acknowledged: alarms of requests that were answered with success.
        recorded: alarms that the system holds for them.
        refused: answers that were no success.
        broken: connections that could not be made or broke, and answers that took two seconds or more.
    """

    system: str
    workload: str
    alarms_per_second: float
    p50_ms: float
    p99_ms: float
    acknowledged: int
    recorded: int
    refused: int
    broken: int


class Reading(msgspec.Struct, frozen=True):
    """A system after its loads.

    Attributes:
        system: what was measured.
        newest_p50_ms: half of the answers with the newest 50 events of a severity came within this.
        newest_p99_ms: 99 of 100 came within this.
        memory_mb: memory of the server's process, 10^6 bytes.
    """

    system: str
    newest_p50_ms: float
    newest_p99_ms: float
    memory_mb: float


class Soak(msgspec.Struct, frozen=True):
    """A long load.

    Attributes:
        figure: of the whole time.
        alarms_per_minute: recorded in each minute, in order.
        memory_mb: memory of the server's process afterwards, 10^6 bytes.
    """

    figure: Figure
    alarms_per_minute: list[int]
    memory_mb: float


class PassingOn(msgspec.Struct, frozen=True):
    """What passing on takes.

    Attributes:
        system: what was measured.
        alarms_per_second: of the load whose alarms were timed, each passed on to one target.
        p50_ms: half of them were at the target within this, milliseconds from their sending.
        p99_ms: 99 of 100 were there within this.
        missing: so many did not arrive.
        plain_rate: alarms taken in a second without routes and silences.
        routed_rate: alarms taken in a second with twenty routes, ten silences and a live target that gets
            one in a hundred.
    """

    system: str
    alarms_per_second: float
    p50_ms: float
    p99_ms: float
    missing: int
    plain_rate: float
    routed_rate: float


class Cloudforet(msgspec.Struct, frozen=True):
    """What clients of Cloudforet get over gRPC.

    Attributes:
        system: what was measured.
        creates_per_second: acknowledged ones.
        create_p99_ms: 99 of 100 were acknowledged within this, milliseconds.
        acknowledged: how many were.
        recorded: events that the system holds for them.
        beside_per_second: acknowledged ones, while the HTTP inlet takes all that it can.
        beside_longest_ms: the slowest of them.
        http_per_second: alarms that the HTTP inlet took meanwhile.
        list_p50_ms: half of the answers with the newest 50 events of a severity came within this.
        list_p99_ms: 99 of 100 came within this.
        stat_p50_ms: half of the counts by severity and hour came within this.
        stat_p99_ms: 99 of 100 came within this.
    """

    system: str
    creates_per_second: float
    create_p99_ms: float
    acknowledged: int
    recorded: int
    beside_per_second: float
    beside_longest_ms: float
    http_per_second: float
    list_p50_ms: float
    list_p99_ms: float
    stat_p50_ms: float
    stat_p99_ms: float


class Opsview(msgspec.Struct, frozen=True):
    """What clients of Opsview get, while results come in.

    Attributes:
        system: what was measured.
        events: about how many the store held beforehand.
        first_ms: how long the first answer to each question took, milliseconds.
        p50_ms: half of the answers to it came within this.
        processor_ms: processor time of the server for an answer, without what it takes for the results.
        results_per_second: how many were taken meanwhile.
        plans: how the engines go about the questions that missed their bar, by question.
    """

    system: str
    events: int
    first_ms: dict[str, float]
    p50_ms: dict[str, float]
    processor_ms: dict[str, float]
    results_per_second: float
    plans: dict[str, list[str]] = {}


class Painting(msgspec.Struct, frozen=True):
    """How long a page took to paint what was asked for: milliseconds, 0 for what it does not have.

    Attributes:
        list_ms: the rows.
        facets_ms: the filters with their counts.
        chart_ms: the histogram.
        painted_ms: all of these.
        settled_ms: until nothing changed any more: the time before is drawn for comparison.
    """

    list_ms: float
    facets_ms: float
    chart_ms: float
    painted_ms: float
    settled_ms: float


class LiveTail(msgspec.Struct, frozen=True):
    """The events page while events come in.

    Attributes:
        seconds: how long they came.
        events_per_second: how many were taken a second.
        frames: how many were drawn.
        late_frames: those more than 100 ms after the one before.
        longest_frame_ms: the longest time between two.
        long_tasks: what kept the page from drawing for more than 50 ms.
        longest_task_ms: the longest of these.
        behind_p50_ms: in half of all looks the newest event shown was sent no longer ago.
        behind_p99_ms: in 99 of 100.
        gaps: places in the list where an event was missing, or out of order.
        heap_mb: what the page's scripts hold after garbage was collected, at equal distances, 10^6 bytes.
    """

    seconds: int
    events_per_second: float
    frames: int
    late_frames: int
    longest_frame_ms: float
    long_tasks: int
    longest_task_ms: float
    behind_p50_ms: float
    behind_p99_ms: float
    gaps: int
    heap_mb: list[float]


class Console(msgspec.Struct, frozen=True):
    """What somebody with a browser gets.

    Attributes:
        system: what was measured.
        events: about how many the store held beforehand.
        browser: with which.
        loads: load average of the machine before and after.
        first: from the navigation on, by page and state of the browser's caches.
        changes: from a click or a key on, by what was done to the filter.
        tail: events that come in.
    """

    system: str
    events: int
    browser: str
    loads: list[float]
    first: dict[str, list[Painting]]
    changes: dict[str, list[Painting]]
    tail: LiveTail


class Result(msgspec.Struct, frozen=True):
    """All that a run measured.

    Attributes:
        configuration: what it ran with, by name.
        figures: every load on every system.
        readings: every Tocsin after its loads.
        soak: the long load, where it was asked for.
        passing_on: the way to a target, where it was measured.
        cloudforet: what clients of Cloudforet get, where it was measured.
        opsview: what clients of Opsview get, where it was measured.
        console: what somebody with a browser gets, where it was measured.
    """

    configuration: dict[str, str]
    figures: list[Figure]
    readings: list[Reading]
    soak: Soak | None
    passing_on: PassingOn | None = None
    cloudforet: Cloudforet | None = None
    opsview: Opsview | None = None
    console: Console | None = None


def figure_of(system: str, workload: str, size: int, load: Load, recorded: int) -> Figure:
    """Put together what wrk measured and what the system holds.

    Args:
        system: what was measured.
        workload: name of the load.
        size: alarms in a request.
        load: as wrk measured it.
        recorded: alarms that the system holds for it.
    """
    return Figure(
        system,
        workload,
        load.rate * size,
        load.p50 / 1000,
        load.p99 / 1000,
        (load.requests - load.refused) * size,
        recorded,
        load.refused,
        load.broken + load.timeouts,
    )


def quantile(values: Sequence[float], part: float) -> float:
    """Give the value that some part of all are not above; infinity where there is none.

    Args:
        values: in order of size.
        part: from 0 to 1.
    """
    return values[min(len(values) - 1, int(part * len(values)))] if values else math.inf
