"""How soon clients of Opsview are answered, while results come in."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Final

import httpx2

from tests.bench.configured import HOSTS, SERVICES, host_name, service_of
from tests.bench.figures import Opsview
from tests.bench.measure import processor_seconds
from tests.bench.questions import QUESTIONS
from tests.bench.steady import Steady
from tests.bench.stores import Store
from tests.servers.tocsin import Tocsin

RATE: Final = 500
"""Results a second."""
_ASKED: Final = 50
_COPY_SECONDS: Final = 60
_STATES: Final = ("critical", "ok", "warning")
_ALONE_SECONDS: Final = 3
"""So long the results come without a question, to know what they take by themselves."""


def measure_opsview(system: str, server: Tocsin, store: Store) -> Opsview:
    """Ask every question 50 times, one at a time.

    Args:
        system: what is measured.
        server: running.
        store: its store, with the past of a monitored world.
    """
    server.token = store.scene.token
    _await_copy(server)
    first: dict[str, float] = {}
    p50: dict[str, float] = {}
    processor: dict[str, float] = {}
    with Steady(server, _result, RATE) as results:
        time.sleep(_ALONE_SECONDS)
        by_results, alone = _taken(server, lambda: time.sleep(_ALONE_SECONDS))
        for name, question in QUESTIONS.items():
            token = store.scene.limited[question.limited] if question.limited else store.scene.token
            path = f"/rest/event?{question.at(time.time())}"
            with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}) as client:
                client.get("/rest")
                first[name] = _asked(client, path)
                delays: list[float] = []
                ask = partial(_ask_often, client, path, delays)
                by_all, took = _taken(server, ask)
            p50[name] = median(delays)
            processor[name] = 1000 * (by_all - by_results / alone * took) / _ASKED
    return Opsview(system, store.scene.events, first, p50, processor, results.rate)


def _taken(server: Tocsin, work: Callable[[], object]) -> tuple[float, float]:
    """Do something, and give the processor time that the server took, and how long it was: both seconds."""
    start, before = time.monotonic(), processor_seconds(server.pid)
    work()
    return processor_seconds(server.pid) - before, time.monotonic() - start


def _await_copy(server: Tocsin) -> None:
    """Wait until the server has looked at the columnar copy that came with the store."""
    until = time.monotonic() + _COPY_SECONDS
    while "\ntocsin_columnar_lag_events 0.0" not in server.request("GET", "/metrics").text:
        assert time.monotonic() < until, "the columnar copy does not get done"
        time.sleep(0.1)


def _ask_often(client: httpx2.Client, path: str, delays: list[float]) -> None:
    delays += (_asked(client, path) for _ in range(_ASKED))


def _asked(client: httpx2.Client, path: str) -> float:
    start = time.perf_counter()
    answer = client.get(path)
    took = 1000 * (time.perf_counter() - start)
    assert answer.status_code == 200, answer.text
    assert answer.json()["list"], path
    return took


def _result(number: int) -> dict[str, str]:
    host, state = number % HOSTS, _STATES[number // HOSTS % len(_STATES)]
    service = service_of(host, number % SERVICES)
    return {
        "kind": "check_result",
        "key": f"{host_name(host)}/{service}",
        "host": host_name(host),
        "service": service,
        "state": state,
        "title": f"{state.upper()} - load average: {number % 100}",
    }
