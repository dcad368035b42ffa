"""A browser, and a Tocsin that it looks at: one of each for all tests of a module."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.servers.tocsin import PASSWORD, Tocsin, running_tocsin

CHROMIUM = "/usr/bin/chromium"
WAIT = 10_000
"""Milliseconds for which something may be waited for."""


class Visitor:
    """Somebody with a browser of their own.

    Attributes:
        page: what they look at.
        faults: what went wrong in their pages, as the browser says it.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        context.set_default_timeout(WAIT)
        self.url = url
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", lambda said: self._hear(said.type, said.text))

    def _hear(self, kind: str, text: str) -> None:
        # A browser calls every answer from 400 on an error; those are looked for where they matter.
        if kind in {"error", "warning"} and not re.match(r"Failed to load resource", text):
            self.faults.append(text)

    def log_in(self, path: str = "/", name: str = "admin", password: str = PASSWORD) -> None:
        """Go somewhere, and log in there."""
        self.page.goto(f"{self.url}{path}")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("button", name="Log out").wait_for()


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """A Tocsin of this module."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of this module."""
    assert Path(CHROMIUM).exists(), f"{CHROMIUM} is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root, and the pages are ours.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visitor(browser: Browser, tocsin: Tocsin) -> Iterator[Visitor]:
    """Somebody whose pages must not fail."""
    context = browser.new_context()
    visiting = Visitor(context, tocsin.url)
    yield visiting
    context.close()
    assert visiting.faults == []
