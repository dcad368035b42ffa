"""A browser that looks at the console, and says when what it looks at was painted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.bench.figures import Painting
from tests.servers.tocsin import Tocsin
from tocsin.api.principal import COOKIE

CHROMIUM: Final = Path("/usr/bin/chromium")
_WATCH: Final = Path(__file__).parent / "js" / "watch.js"
_WAIT: Final = 60_000
"""Milliseconds for which something may be waited for."""
_LOOK: Final = 50
"""Milliseconds between two looks whether a page is done ..."""
_STILL: Final = 8
"""... and in so many of them, one after the other, it must be."""


class Paint(msgspec.Struct, frozen=True):
    """A frame in which a part of a page was painted anew.

    Attributes:
        part: list, facets, chart, or total, which is the first time that the chart shows another number.
        at: milliseconds since the navigation.
    """

    part: str
    at: float


def painting_of(paints: list[Paint], since: float) -> Painting:
    """Tell how long the parts of a page took.

    Args:
        paints: all until nothing changed any more, in order.
        since: when somebody did something, or 0 for the navigation, milliseconds.
    """
    last = {each.part: each.at - since for each in paints}
    total = next((each.at - since for each in paints if each.part == "total"), 0.0)
    facets, rows = last.get("facets", 0.0), last.get("list", 0.0)
    return Painting(
        rows, facets, total or 0.0, max(rows, facets, total or 0.0), max(last.values(), default=0.0)
    )


class Visit:
    """A page of the console in a browser of its own, with nothing in its caches.

    Attributes:
        page: what is looked at.
        context: its browser.
    """

    def __init__(self, context: BrowserContext, server: Tocsin) -> None:
        context.add_cookies([{"name": COOKIE, "value": server.token, "url": server.url}])
        context.add_init_script(path=_WATCH)
        context.set_default_timeout(_WAIT)
        self._url = server.url
        self._asked: set[Request] = set()
        self.context = context
        self.page: Page = context.new_page()
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/api/") and not path.endswith("/stream"):
            self._asked.add(request)

    def _ended(self, request: Request) -> None:
        self._asked.discard(request)

    def open(self, path: str) -> Painting:
        """Go to a page, and give how long it took from the navigation on."""
        self.page.goto("about:blank")
        self.page.goto(f"{self._url}{path}", wait_until="commit")
        return painting_of(self._settled({"list", "facets"}), since=0)

    def begin(self) -> None:
        """Forget what was painted: what comes next is measured."""
        self.page.evaluate("bench.begin()")

    def changed(self) -> Painting:
        """Give how long what was done since `begin` took, from the click or the key on."""
        paints = self._settled({"total"})
        return painting_of(paints, self.page.evaluate("bench.acted"))

    def back(self) -> None:
        """Take back what was done."""
        self.begin()
        self.page.go_back()
        self._settled({"total"})

    def _settled(self, parts: set[str]) -> list[Paint]:
        """Wait until some parts are painted, no answer is due and nothing more is painted."""
        still = 0
        paints: list[Paint] = []
        for _ in range(_WAIT // _LOOK):
            self.page.wait_for_timeout(_LOOK)
            before, paints = paints, msgspec.convert(self.page.evaluate("bench.paints"), list[Paint])
            is_still = not self._asked and paints == before and parts <= {each.part for each in paints}
            still = still + 1 if is_still else 0
            if still == _STILL:
                return paints
        asked = [each.url for each in self._asked]
        raise AssertionError(f"{self.page.url} does not get done: painted {paints}, asked {asked}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Debian's chromium, without a window."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root, and the pages are ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, server: Tocsin) -> Iterator[Visit]:
    """Look at the console with empty caches."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="UTC", reduced_motion="reduce"
    )
    try:
        yield Visit(context, server)
    finally:
        context.close()
