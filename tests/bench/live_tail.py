"""The events page while events come in: late frames, what it shows, and the memory that it takes."""

import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any, Final

from tests.bench.figures import LiveTail, quantile
from tests.bench.steady import Steady
from tests.bench.visit import Visit
from tests.servers.tocsin import Tocsin

RATE: Final = 500
"""Events a second."""
_HOSTS: Final = 1_000
_SAMPLE_SECONDS: Final = 7
"""Between two looks at the memory. No divisor of the time after which the list begins anew, so that it is
seen at all its lengths."""
_FEWEST_SAMPLES: Final = 9
_ARRIVAL_SECONDS: Final = 30
_WALK: Final = 1_000
"""So many rows of the list are looked at afterwards."""
_SEVERITIES: Final = ("critical", "warning", "info", "error")


def measure_live_tail(visit: Visit, server: Tocsin, path: str, seconds: int) -> LiveTail:
    """Follow events that come in.

    Args:
        visit: of the console.
        server: where they come in.
        path: of the events page, with a time that ends now.
        seconds: how long.
    """
    visit.open(path)
    page = visit.page
    # What is under the pointer does not move: whoever follows keeps it away.
    page.mouse.move(0, 0)
    page.evaluate("bench.follow()")
    memory = _Memory(visit)
    interval = min(_SAMPLE_SECONDS, seconds / _FEWEST_SAMPLES)
    start = time.monotonic()
    with Steady(server, _event, RATE) as steady:
        while (left := start + seconds - time.monotonic()) > 0:
            page.wait_for_timeout(1000 * min(interval, left))
            memory.look()
    samples = _await_last(visit, steady.sent - 1)
    found: dict[str, Any] = page.evaluate("({...bench, samples: []})")
    shown: list[int] = page.evaluate(f"bench.walk({min(_WALK, steady.sent)})")
    behind = sorted(
        1000 * max(0.0, at / 1000 - steady.sent_at[number // steady.together]) for at, number in samples
    )
    return LiveTail(
        seconds=seconds,
        events_per_second=steady.rate,
        frames=found["frames"],
        late_frames=found["late"],
        longest_frame_ms=found["longest"],
        long_tasks=len(found["tasks"]),
        longest_task_ms=max(found["tasks"], default=0.0),
        behind_p50_ms=quantile(behind, 0.5),
        behind_p99_ms=quantile(behind, 0.99),
        gaps=found["gaps"] + _gaps(shown),
        heap_mb=memory.heaps,
    )


def growth(heaps: Sequence[float]) -> float:
    """Give how many times as much memory is taken in the last third of a time as in the one before."""
    third = len(heaps) // 3
    return median(heaps[-third:]) / median(heaps[-2 * third : -third])


class _Memory:
    """Looks at the memory of a page.

    Attributes:
        heaps: what was live at each look, 10^6 bytes.
    """

    def __init__(self, visit: Visit) -> None:
        self._page = visit.page
        self._session = visit.context.new_cdp_session(visit.page)
        self._session.send("Performance.enable")
        self.heaps: list[float] = []

    def look(self) -> None:
        self._page.evaluate("bench.pause(true)")
        self._session.send("HeapProfiler.collectGarbage")
        found = self._session.send("Performance.getMetrics")["metrics"]
        self._page.evaluate("bench.pause(false)")
        metrics = {each["name"]: each["value"] for each in found}
        self.heaps.append(metrics["JSHeapUsedSize"] / 1_000_000)


def _await_last(visit: Visit, last: int) -> list[tuple[float, int]]:
    """Wait for the last event, and give the number of the newest at each moment: milliseconds since 1970."""
    until = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < until:
        samples: list[tuple[float, int]] = visit.page.evaluate("bench.samples")
        if samples and samples[-1][1] == last:
            return samples
        visit.page.wait_for_timeout(250)
    raise AssertionError(f"event {last} is not shown, but {samples[-1:]}")


def _gaps(numbers: Sequence[int]) -> int:
    """Count the places where numbers that fall by one do not."""
    return sum(before - after != 1 for before, after in pairwise(numbers))


def _event(number: int) -> dict[str, str]:
    host = f"web-{number % _HOSTS:03}"
    return {
        "key": f"{host}/tail",
        "host": host,
        "service": "tail",
        "severity": _SEVERITIES[number % len(_SEVERITIES)],
        "title": f"DiskFull on {host}, No. {number}",
        "description": "93 % of the space is used, and it grows by 1 % an hour",
    }
