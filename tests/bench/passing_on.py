"""What passing on takes: from the inlet to a target, and of the rate at which alarms are taken."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from random import getrandbits
from typing import Final
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal

from tests.bench import workload as scripts
from tests.bench.figures import PassingOn, quantile
from tests.bench.measure import last_seq, quiet
from tests.bench.stores import Store
from tests.bench.workload import SINGLE_64
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.tocsin import Tocsin
from tests.servers.wrk import run_wrk

PRIVATE_TARGETS: Final = {"TOCSIN_PRIVATE_TARGETS": "true"}
"""What a server has to be told to pass on to this machine."""
RATE: Final = 500
"""Alarms a second of the steady load."""
_CONNECTIONS: Final = 16
_ROUTES: Final = 20
_SILENCES: Final = 10
_ARRIVAL_SECONDS: Final = 30
_LATE: Final = "web-007"
"""The host of one alarm in a hundred of the load: what the live target gets."""


def measure_passing_on(system: str, server: Tocsin, store: Store, seconds: int) -> PassingOn:
    """Measure how long an alarm takes to its target, and what routes and silences take of the intake.

    Args:
        system: what is measured.
        server: running, with `PRIVATE_TARGETS`.
        store: its store.
        seconds: how long each load lasts.
    """
    server.token = store.scene.token
    # First: a load at the limit leaves the server something to do afterwards.
    sent, delays = asyncio.run(_steady(server, store, seconds))
    quiet(lambda: last_seq(store))
    plain, routed = _rates(server, store, seconds)
    return PassingOn(
        system,
        sent / seconds,
        quantile(delays, 0.5),
        quantile(delays, 0.99),
        sent - len(delays),
        plain,
        routed,
    )


def _rates(server: Tocsin, store: Store, seconds: int) -> tuple[float, float]:
    """Give the alarms taken in a second without and with routes, in turns, since the machine changes."""
    script = scripts.for_tocsin(SINGLE_64, store.scene)
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(2):
        for routed in (False, True):
            with _policy(server) if routed else nullcontext():
                run_wrk(server.url, script, store.directory, connections=SINGLE_64.connections, seconds=1)
                load = run_wrk(
                    server.url, script, store.directory, connections=SINGLE_64.connections, seconds=seconds
                )
            rates[routed].append(load.rate)
    return sum(rates[False]) / 2, sum(rates[True]) / 2


@contextmanager
def _policy(server: Tocsin) -> Iterator[None]:
    """Have twenty routes of which one takes an alarm in a hundred to a live target, and ten silences."""
    with _listening() as port:
        target = _make(server, "targets", {"name": "live", "kind": "webhook", "url": _url(port)})
        routes = [
            _make(server, "routes", {"name": f"route-{n}", "expression": expression, "targets": [target]})
            for n, expression in enumerate(
                [f"title:*{_LATE}", *(f"host:db-{n}-* severity>=warning" for n in range(1, _ROUTES))]
            )
        ]
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        silences = [
            _make(
                server,
                "silences",
                {"expression": f"host:cache-{n}-* rule:backup", "ends_at": now, "comment": "bench"},
            )
            for n in range(_SILENCES)
        ]
        try:
            yield
        finally:
            for each in silences:
                server.request("POST", f"/api/v1/silences/{each}/expire").raise_for_status()
            for each in routes:
                server.request("DELETE", f"/api/v1/routes/{each}").raise_for_status()
            server.request("DELETE", f"/api/v1/targets/{target}").raise_for_status()


def _make(server: Tocsin, kind: str, wanted: dict[str, object]) -> str:
    made = server.request("POST", f"/api/v1/{kind}", json=wanted)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}/"


@contextmanager
def _listening() -> Iterator[int]:
    """Take what is passed on in a thread of its own, and give the port."""
    port = free_port()

    async def listen() -> None:
        await asyncio.get_running_loop().create_server(_Target, LOOPBACK, port)

    with start_blocking_portal() as portal:
        portal.call(listen)
        yield port


async def _steady(server: Tocsin, store: Store, seconds: int) -> tuple[int, list[float]]:
    """Send so many alarms a second, each with a key of its own, and take them back as a target.

    Returns:
        How many were sent; and milliseconds from the sending of each that arrived to its arrival.
    """
    arrived: dict[str, float] = {}
    all_here = asyncio.Event()
    port = free_port()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: _Target(arrived, RATE * seconds, all_here), LOOPBACK, port)
    target = _make(server, "targets", {"name": "all", "kind": "webhook", "url": _url(port)})
    route = _make(server, "routes", {"name": "all", "expression": "", "targets": [target]})
    sent: dict[str, float] = {}
    paths = [f"/integrations/generic/20131114/alert/{each.access_key}/bench" for each in store.scene.sources]
    async with _senders(server) as senders:
        start = time.perf_counter()
        for number in range(RATE * seconds):
            await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            key = f"{getrandbits(64):016x}"
            sent[key] = time.perf_counter()
            senders[number % _CONNECTIONS].write(_request(paths[number % len(paths)], key))
        with suppress(TimeoutError):
            async with asyncio.timeout(_ARRIVAL_SECONDS):
                await all_here.wait()
    server.request("DELETE", f"/api/v1/routes/{route}").raise_for_status()
    server.request("DELETE", f"/api/v1/targets/{target}").raise_for_status()
    listener.close()
    return len(sent), sorted(1000 * (arrived[key] - sent[key]) for key in sent.keys() & arrived.keys())


@asynccontextmanager
async def _senders(server: Tocsin) -> AsyncIterator[list[asyncio.StreamWriter]]:
    address = urlsplit(server.url)
    opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(_CONNECTIONS)]
    drains = [asyncio.create_task(reader.read(-1)) for reader, _ in opened]
    yield [writer for _, writer in opened]
    for _, writer in opened:
        writer.close()
    await asyncio.gather(*drains, return_exceptions=True)


def _request(path: str, key: str) -> bytes:
    body = json.dumps(
        {"entity_id": key, "message_type": "CRITICAL", "entity_display_name": f"DiskFull {key}"}
    ).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Target(asyncio.Protocol):
    """Answers every request with 200.

    Args:
        arrived: when each key came first.
        expected: how many are to come.
        all_here: is set when they are.
    """

    _ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def __init__(
        self,
        arrived: dict[str, float] | None = None,
        expected: int = 0,
        all_here: asyncio.Event | None = None,
    ) -> None:
        self._arrived = {} if arrived is None else arrived
        self._expected = expected
        self._all_here = all_here
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (head := self._held.find(b"\r\n\r\n")) >= 0:
            lines = self._held[:head].lower().split(b"\r\n")
            length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
            end = head + 4 + length
            if len(self._held) < end:
                return
            body, self._held = self._held[head + 4 : end], self._held[end:]
            self._arrived.setdefault(json.loads(body)["data"]["event"]["key"], time.perf_counter())
            self._transport.write(self._ANSWER)
        if self._all_here is not None and len(self._arrived) == self._expected:
            self._all_here.set()
