"""A browser, and a Tocsin that it looks at: one of each for all tests of a module.

The tests may run in any order, and on several workers: each has hosts of its own, and looks
for them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.servers.tocsin import PASSWORD, Tocsin, running_tocsin
from tocsin.api.principal import COOKIE

CHROMIUM: Final = Path("/usr/bin/chromium-headless-shell")
"""Without the browser's own user interface, which takes more of a processor than the pages."""
AXE: Final = Path(__file__).resolve().parents[2] / "console/node_modules/axe-core/axe.min.js"
WAIT: Final = 10_000
"""Milliseconds for which something may be waited for."""
_GRAVE: Final = {"serious", "critical"}


class Visitor:
    """Somebody with a browser of their own.

    Attributes:
        page: what they look at.
        faults: what went wrong in their pages, as the browser says it.
    """

    def __init__(self, context: BrowserContext, tocsin: Tocsin) -> None:
        context.set_default_timeout(WAIT)
        self._context = context
        self._tocsin = tocsin
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", lambda said: self._hear(said.type, said.text))

    def _hear(self, kind: str, text: str) -> None:
        # A browser calls every answer from 400 on an error; those are looked for where they matter.
        if kind in {"error", "warning"} and not re.match(r"Failed to load resource", text):
            self.faults.append(text)

    def go(self, path: str) -> None:
        """Go to a page, logged in already or not."""
        self.page.goto(f"{self._tocsin.url}{path}")

    def go_as_admin(self, path: str) -> None:
        """Go to a page with the session of somebody who logged in before."""
        self._context.add_cookies(
            [{"name": COOKIE, "value": _session(self._tocsin), "url": self._tocsin.url}]
        )
        self.go(path)
        self.page.get_by_role("button", name="Log out").wait_for()

    def log_in(self, path: str, name: str, password: str) -> None:
        """Go to a page, and log in there."""
        self.go(path)
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("button", name="Log out").wait_for()

    def rows(self, name: str) -> Locator:
        """Give the rows of the list of a page: Events or Alerts."""
        return self.page.get_by_role("listbox", name=name).get_by_role("option")

    def grave_faults(self) -> list[str]:
        """Give what axe finds on the page that keeps somebody out."""
        assert AXE.exists(), f"{AXE} is missing: make lint installs it"
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = json.loads(self.page.evaluate("axe.run().then(JSON.stringify)"))
        return [
            f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in _GRAVE
            for node in each["nodes"]
        ]


@cache
def _session(tocsin: Tocsin) -> str:
    """Log in once to each server, which is not known by its address: a later one may get the same port."""
    answer = httpx2.post(
        f"{tocsin.url}/api/v1/session",
        json={"name": "admin", "password": PASSWORD},
        trust_env=False,
        timeout=30,
    )
    return str(answer.json()["token"])


def send(tocsin: Tocsin, *events: Mapping[str, object]) -> None:
    """Post events that must be taken."""
    answer = tocsin.request("POST", "/api/v1/events", json=list(events))
    assert answer.status_code == 200, answer.text
    outcomes = [receipt["outcome"] for receipt in answer.json()["receipts"]]
    assert "rejected" not in outcomes, answer.text


def problem(host: str, service: str, title: str, **more: object) -> dict[str, object]:
    """Make an event that says there is a problem."""
    return {"key": f"{host}/{service}", "title": title, "host": host, "service": service, **more}


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """A Tocsin of this module."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of this module: its event loop must end before tests of other folders run theirs."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: apt-get install chromium-headless-shell"
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root, and the pages are ours.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visitor(browser: Browser, tocsin: Tocsin) -> Iterator[Visitor]:
    """Somebody whose pages must not fail."""
    context = browser.new_context()
    visiting = Visitor(context, tocsin)
    yield visiting
    context.close()
    assert visiting.faults == []
