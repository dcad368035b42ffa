"""The demo: a day of events in an empty store, and then some more while it runs."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.errors import Unavailable
from tocsin.hub.hub import Hub, clock
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.source import Source
from tocsin.model.submission import Payload, Submission
from tocsin.server.demo_story import SOURCES, Message, Story
from tocsin.server.formats import PARSERS
from tocsin.store import directory
from tocsin.store.errors import StoreError
from tocsin.store.ledger import Ledger

_log: Final = structlog.get_logger("tocsin.demo")
_SEED: Final = 7
_PAUSE_SECONDS: Final = (4.0, 15.0)


class StoreInUse(StoreError):
    """The demo wants an empty store, and this one is not."""

    def __init__(self) -> None:
        super().__init__("the demo fills an empty store, and this one is in use: give another --data")


@asynccontextmanager
async def demo(hub: Hub) -> AsyncIterator[None]:
    """Fill the domain `default`, and let something happen now and then for the length of a block.

    Args:
        hub: running, on a store that was just made.
    """
    sources = await hub.database.write(_create_sources)
    await hub.authentication.refresh()
    story = Story(_SEED)
    messages = story.day(time.time())
    await hub.database.write(lambda connection: _fill(connection, messages, sources, hub.object_limit))
    _log.info("demo_filled", messages=len(messages))
    trickle = asyncio.create_task(_trickle(hub, story, sources), name="demo")
    try:
        yield
    finally:
        trickle.cancel()
        with suppress(asyncio.CancelledError):
            await trickle


def _fill(
    connection: Connection, messages: list[Message], sources: Mapping[str, Source], object_limit: int
) -> None:
    """Record a day as if each message had come in when it was sent: alerts last as long as they would."""
    at = 0
    ledger = Ledger(object_limit, lambda: at)
    for message in messages:
        at = round(message.at * MICROSECONDS_PER_SECOND)
        ledger.write(connection, [_submission(message, sources)])


async def _trickle(hub: Hub, story: Story, sources: Mapping[str, Source]) -> None:
    while True:
        await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - keeps no secret
        with suppress(Unavailable):
            await hub.recorder.record(_submission(story.following(time.time()), sources))


def _create_sources(connection: Connection) -> dict[str, Source]:
    project = directory.find_project(connection, directory.DEFAULT, directory.DEFAULT)
    return {
        name: directory.create_source(
            connection,
            domain_id=directory.DEFAULT,
            project_id=project.id,
            name=name,
            source_format=source_format,
            now=clock(),
        )
        for name, source_format in SOURCES.items()
    }


def _submission(message: Message, sources: Mapping[str, Source]) -> Submission:
    """Take a message the way that its source does."""
    source = sources[message.source]
    parsed = PARSERS[source.format](message.document, {}, {})
    payload = Payload(parsed.format, "application/json", {}, msgspec.json.encode(message.document))
    return Submission(source, payload, parsed.signals, parsed.refusals)
