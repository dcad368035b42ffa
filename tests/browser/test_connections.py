"""The few connections that a browser opens to one server, shared by all pages that look at it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.conftest import WAIT, Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(180)

PAGES = [
    "/wall",
    "/wall",
    "/alerts",
    "/",
    "/events",
    "/hosts",
    "/wall",
    "/events?q=host:kept-*",
    "/alerts",
    "/",
]


CHROMIUM: Final = Path("/usr/bin/chromium")
"""The whole browser: without its user interface it keeps no page that was left."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that keeps the pages that were left, as people's browsers do."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield running
        running.close()


def one_stream(tocsin: Tocsin) -> None:
    """Wait until one stream is open, and no other any more."""
    deadline = time.monotonic() + WAIT / 1000
    while "tocsin_feed_listeners 1.0" not in (metrics := tocsin.request("GET", "/metrics").text):
        assert time.monotonic() < deadline, metrics
        time.sleep(0.1)


def test_all_tabs_share_one_stream(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("first", "disk", "Disk full"))
    visitor.go_as_admin("/events?q=host:tabs-*")
    tabs = [visitor.page]
    for number in range(1, 8):
        tab = visitor.page.context.new_page()
        tab.goto(f"{tocsin.url}/events?q=host:tabs-*{' kind:problem' * (number % 2)}")
        tabs.append(tab)
    for tab in tabs:
        expect(tab.get_by_text("No event in this time is found")).to_be_visible()
    one_stream(tocsin)
    send(tocsin, problem("tabs-db1", "disk", "Disk full on db1"))
    for tab in tabs:
        expect(tab.get_by_role("listbox", name="Events").get_by_role("option")).to_contain_text(
            "Disk full on db1"
        )
    one_stream(tocsin)


def test_pages_that_were_left_hold_no_connection_and_go_on_when_they_come_back(
    tocsin: Tocsin, visitor: Visitor
) -> None:
    send(tocsin, problem("first", "disk", "Disk full"))
    visitor.go_as_admin("/alerts")
    page = visitor.page
    for path in PAGES:
        visitor.go(path)
        one_stream(tocsin)
    visitor.go("/events?q=host:kept-*")
    expect(page.get_by_text("No event in this time is found")).to_be_visible()
    page.evaluate("window.isKept = true")
    visitor.go("/wall")
    send(tocsin, problem("kept-db1", "disk", "It came meanwhile"))
    page.go_back(wait_until="commit")
    assert page.evaluate("window.isKept")
    expect(visitor.rows("Events")).to_contain_text("It came meanwhile")
    send(tocsin, problem("kept-db2", "disk", "It came since"))
    expect(visitor.rows("Events")).to_have_count(2)
