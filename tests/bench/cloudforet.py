"""What clients of Cloudforet get over gRPC: creates, alone and beside HTTP, and answers about the stored."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from random import getrandbits
from typing import Any, Final

import grpc
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from spaceone.api.monitoring.v1 import event_pb2

from tests.bench import workload as scripts
from tests.bench.figures import Cloudforet, quantile
from tests.bench.measure import last_seq, quiet, rows_after
from tests.bench.scene import Sender
from tests.bench.stores import Store
from tests.bench.workload import SINGLE_64
from tests.servers.tocsin import Tocsin
from tests.servers.wrk import run_wrk

CALLERS: Final = 8
"""How many wait for an answer at a time, where creates have the server for themselves."""
STEADY_RATE: Final = 320
"""Creates a second that are sent beside HTTP; a little above what has to be answered."""
_WARM_UP_SECONDS: Final = 2
_QUESTIONS: Final = 100
_WARM_UP_QUESTIONS: Final = 20
_SERVICE: Final = "/spaceone.api.monitoring.v1.Event/"
_NEWEST: Final = {
    "query": {
        "filter": [{"key": "severity", "value": "CRITICAL", "operator": "eq"}],
        "page": {"start": 1, "limit": 50},
    }
}
_BY_HOUR: Final = {
    "domain_id": "default",
    "query": {
        "aggregate": [
            {
                "group": {
                    "keys": [
                        {"key": "severity", "name": "severity"},
                        {"key": "created_at", "name": "hour", "date_format": "%Y-%m-%dT%H"},
                    ],
                    "fields": [{"name": "count", "operator": "count"}],
                }
            }
        ]
    },
}


def measure_cloudforet(system: str, server: Tocsin, store: Store, seconds: int) -> Cloudforet:
    """Measure creates and questions.

    Args:
        system: what is measured.
        server: running, with gRPC.
        store: its store.
        seconds: how long each load lasts.
    """
    newest = asyncio.run(_asked(server, store, "list", ParseDict(_NEWEST, event_pb2.EventQuery())))
    by_hour = asyncio.run(_asked(server, store, "stat", ParseDict(_BY_HOUR, event_pb2.EventStatQuery())))
    asyncio.run(_created(server, store, _WARM_UP_SECONDS))
    before = quiet(lambda: last_seq(store))
    alone = asyncio.run(_created(server, store, seconds))
    quiet(lambda: last_seq(store))
    recorded = rows_after(store, before)
    with ThreadPoolExecutor(1) as running:
        script = scripts.for_tocsin(SINGLE_64, store.scene)
        http = running.submit(
            run_wrk,
            server.url,
            script,
            store.directory,
            connections=SINGLE_64.connections,
            seconds=seconds + 2 * _WARM_UP_SECONDS,
        )
        time.sleep(_WARM_UP_SECONDS)
        beside, took = asyncio.run(_steady(server, store, seconds))
        http_rate = http.result().rate
    return Cloudforet(
        system,
        creates_per_second=len(alone) / seconds,
        create_p99_ms=quantile(alone, 0.99),
        acknowledged=len(alone),
        recorded=recorded,
        beside_per_second=len(beside) / took,
        beside_longest_ms=quantile(beside, 1),
        http_per_second=http_rate,
        list_p50_ms=quantile(newest, 0.5),
        list_p99_ms=quantile(newest, 0.99),
        stat_p50_ms=quantile(by_hour, 0.5),
        stat_p99_ms=quantile(by_hour, 0.99),
    )


async def _asked(server: Tocsin, store: Store, verb: str, question: Message) -> list[float]:
    """Ask a question again and again, and give how long each answer took, milliseconds, by size."""
    async with grpc.aio.insecure_channel(server.grpc_address) as channel:
        call: Any = channel.unary_unary(f"{_SERVICE}{verb}")
        body, metadata = question.SerializeToString(), (("token", store.scene.token),)
        delays = []
        for _ in range(_WARM_UP_QUESTIONS + _QUESTIONS):
            start = time.perf_counter()
            answer = await call(body, metadata=metadata)
            delays.append(1000 * (time.perf_counter() - start))
            assert answer, "nothing is found"
    return sorted(delays[_WARM_UP_QUESTIONS:])


async def _created(server: Tocsin, store: Store, seconds: float) -> list[float]:
    """Create events of new keys for some time, and give how long each took, milliseconds, by size."""
    until = time.perf_counter() + seconds

    async def work(call: Any, sender: Sender) -> list[float]:
        delays = []
        while (start := time.perf_counter()) < until:
            await call(_creation(sender))
            delays.append(1000 * (time.perf_counter() - start))
        return delays

    async with grpc.aio.insecure_channel(server.grpc_address) as channel:
        call: Any = channel.unary_unary(f"{_SERVICE}create")
        callers = [work(call, store.scene.sources[number]) for number in range(CALLERS)]
        delays = await asyncio.gather(*callers)
    return sorted(delay for each in delays for delay in each)


async def _steady(server: Tocsin, store: Store, seconds: int) -> tuple[list[float], float]:
    """Create events at a steady rate, whatever is still unanswered.

    Returns:
        How long each took, milliseconds, by size; and how long all together, seconds.
    """
    delays: list[float] = []

    async def create(call: Any, sender: Sender) -> None:
        start = time.perf_counter()
        await call(_creation(sender))
        delays.append(1000 * (time.perf_counter() - start))

    async with grpc.aio.insecure_channel(server.grpc_address) as channel:
        call: Any = channel.unary_unary(f"{_SERVICE}create")
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(STEADY_RATE * seconds):
                await asyncio.sleep(max(0.0, began + number / STEADY_RATE - time.perf_counter()))
                tasks.create_task(create(call, store.scene.sources[number % CALLERS]))
        took = time.perf_counter() - began
    return sorted(delays), took


def _creation(sender: Sender) -> bytes:
    key = f"{getrandbits(64):016x}"
    request = event_pb2.CreateEventRequest(webhook_id=sender.id, access_key=sender.access_key)
    request.data.update({"key": key, "title": f"DiskFull {key}", "severity": "critical"})
    body: bytes = request.SerializeToString()
    return body
