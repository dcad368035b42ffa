"""`tocsin serve`: the process that listens until it is told to stop.

Tocsin owns the signals: uvicorn would raise a SIGTERM again after its own shutdown, and the process would end
before the recorder has written what it took.
"""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog
import uvicorn
import uvloop
from sqlalchemy.exc import SQLAlchemyError

from tocsin.hub.housekeeping import Keep
from tocsin.hub.hub import Hub, HubSettings
from tocsin.hub.recorder import Limits
from tocsin.model.source import Source
from tocsin.server import first_start, logs
from tocsin.server.alone import alone
from tocsin.server.app import compose, pulls, senders
from tocsin.server.bounded_http import bounded_http
from tocsin.server.demo import StoreInUse, demo
from tocsin.server.first_start import NewDomain
from tocsin.server.grpc_server import serving_grpc
from tocsin.server.settings import Settings
from tocsin.store import directory, schema
from tocsin.store.database import Database, open_database, refuse_undurable
from tocsin.store.errors import NotFound, StoreError

_log: Final = structlog.get_logger("tocsin.serve")
_BACKLOG: Final = 2048
_COLLECT_AFTER: Final = 20_000


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: the operator's.

    Returns:
        0 after a stop that was asked for; 1 where it could not start, with a sentence on standard error, or
        ended by itself.
    """
    logs.configure(settings.log_level, settings.log_format)
    # The store holds keys: whatever is made here is its owner's alone.
    os.umask(0o077)
    try:
        if not settings.database:
            Path(settings.data).mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(settings.database_url):
            return uvloop.run(_serve(settings))
    except (StoreError, OSError, ValueError) as failure:
        print(f"tocsin: {failure}", file=sys.stderr)
        return 1
    except SQLAlchemyError as failure:
        # The engine's first line says what is wrong; those after it may quote values.
        reason = str(getattr(failure, "orig", failure)).partition("\n")[0]
        print(f"tocsin: the store failed: {reason}", file=sys.stderr)
        return 1


async def _serve(settings: Settings) -> int:
    database = open_database(settings.database_url, synchronous=settings.synchronous)
    try:
        await schema.migrate(database)
        if not settings.allow_undurable:
            await refuse_undurable(database)
        made = await database.write(
            lambda connection: first_start.ensure_default(connection, settings.admin_password)
        )
        hub = Hub(database, _hub_settings(settings), senders(settings), pulls(settings))
        async with AsyncExitStack() as stack:
            if settings.demo and made is None:
                raise StoreInUse
            await stack.enter_async_context(hub.running())
            if settings.demo:
                await stack.enter_async_context(demo(hub))
            asked = await _listen(hub, settings, made)
    finally:
        await database.close()
    if not asked:
        _log.error("ended_unasked")
    return 0 if asked else 1


def _hub_settings(settings: Settings) -> HubSettings:
    return HubSettings(
        Limits(settings.queue_signals, settings.queue_bytes, settings.batch_signals),
        Keep(settings.retention_days, settings.rejected_count, settings.objects_days),
        settings.object_limit,
        columnar=settings.columnar_directory,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _listen(hub: Hub, settings: Settings, made: NewDomain | None) -> bool:
    """Listen to the end, and say whether that was asked for."""
    asked = False
    stopping = asyncio.Event()
    listening = _listening(settings.host, settings.port)
    composed = compose(hub, settings)
    server = _Server(
        uvicorn.Config(
            composed.http,
            http=bounded_http(settings.body_seconds),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
        )
    )

    def stop() -> None:
        nonlocal asked
        asked = True
        _log.info("stopping")
        server.should_exit = True
        stopping.set()
        # Streams never end by themselves, and a graceful stop waits for every answer.
        hub.feed.end()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    async with serving_grpc(composed.cloudforet, settings, stopping) as grpc_address:
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
        ready = asyncio.create_task(server.ready.wait(), name="ready")
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        # Where it failed before it was ready, nobody would ever say so.
        ready.cancel()
        if not serving.done():
            _spare_the_collector()
            _log.info("started", address=address, grpc_address=grpc_address)
            await _welcome(hub.database, address, grpc_address, made, settings)
        await serving
    return asked


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as failure:
        if failure.errno != errno.EADDRINUSE:
            raise
        raise OSError(
            f"something listens on {host}, port {port}, already: choose another with --port or TOCSIN_PORT"
        ) from None
    listening.setblocking(False)
    return listening


def _spare_the_collector() -> None:
    """Leave what lives as long as the process out of every garbage collection, and collect less often.

    What a request makes goes by reference counting; full collections would cost each second some milliseconds
    of latency and find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)


async def _welcome(
    database: Database, address: str, grpc_address: str, made: NewDomain | None, settings: Settings
) -> None:
    """Tell whoever started it where it listens, how to send a first event, and, once, the secrets it made."""
    lines = [f"listening on {address}"]
    if grpc_address:
        lines.append(f"listening for gRPC on {grpc_address}")
    if made is not None:
        if not settings.admin_password:
            lines.append(f"user {made.admin}, password {made.password}")
        lines.append(f"export TOCSIN_URL={address} TOCSIN_TOKEN={made.token}")
    source = await _first_source(database)
    if source is not None:
        url = f"{address}/integrations/generic/20131114/alert/{source.access_key}/example"
        body = '{"message_type":"CRITICAL","entity_id":"disk-db1","entity_display_name":"Disk full on db1"}'
        lines.append(f"send a first event:\n  curl -sS -d '{body}' {url}")
    print("\n".join(lines), flush=True)


async def _first_source(database: Database) -> Source | None:
    try:
        return await database.read(
            lambda connection: directory.find_source(connection, directory.DEFAULT, directory.FIRST_SOURCE)
        )
    except NotFound:
        return None
