"""How soon the web console shows what is asked of it, and how it follows what comes in."""

import os
from datetime import datetime, timedelta
from typing import Final

from playwright.sync_api import Browser

from tests.bench.figures import Console, Painting
from tests.bench.filters import measure_changes
from tests.bench.live_tail import measure_live_tail
from tests.bench.stores import Store
from tests.bench.visit import running_browser, visiting
from tests.servers.tocsin import Tocsin

ROUNDS: Final = 5
"""So often each page is opened, and each filter changed."""
_PAST: Final = timedelta(days=8)
"""How far back is looked: more than the past of the store."""
_ALERTS: Final = "/alerts"
_CACHES: Final = ("empty", "full")
PAGES: Final = tuple(f"{page}, {caches} caches" for page in ("events", "alerts") for caches in _CACHES)
"""What is opened, and how."""


def measure_console(
    system: str, server: Tocsin, store: Store, *, tail_seconds: int, rounds: int = ROUNDS
) -> Console:
    """Look at the console with a browser.

    Args:
        system: what is measured.
        server: running.
        store: its store.
        tail_seconds: how long events come in that are followed.
        rounds: how often each page is opened, and each filter changed.
    """
    server.token = store.scene.token
    newest = _newest(server)
    events = f"/events?from={(newest - _PAST).strftime('%Y-%m-%dT%H:%M:%SZ')}"
    load_before = os.getloadavg()[0]
    with running_browser() as browser:
        first = _first_paints(browser, server, (events, _ALERTS), rounds)
        with visiting(browser, server) as visit:
            changes = measure_changes(visit, events, newest, rounds)
        with visiting(browser, server) as visit:
            tail = measure_live_tail(visit, server, events, tail_seconds)
        version = browser.version
    loads = [load_before, os.getloadavg()[0]]
    return Console(system, store.scene.events, f"Chromium {version}", loads, first, changes, tail)


def _first_paints(
    browser: Browser, server: Tocsin, paths: tuple[str, str], rounds: int
) -> dict[str, list[Painting]]:
    """Open pages with empty caches and, right after that, with full ones."""
    found: dict[str, list[Painting]] = {name: [] for name in PAGES}
    for _ in range(rounds):
        names = iter(PAGES)
        for path in paths:
            with visiting(browser, server) as visit:
                for _ in _CACHES:
                    found[next(names)].append(visit.open(path))
    return found


def _newest(server: Tocsin) -> datetime:
    found = server.request("GET", "/api/v1/events?limit=1").raise_for_status()
    return datetime.fromisoformat(found.json()["items"][0]["time"])
