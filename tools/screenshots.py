"""Make the pictures of the console that the README and the docs show: `make screenshots`.

A Tocsin with a day of made-up events runs for it, and Debian's Chromium looks at its pages, light and dark.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.test_passing_on import PRIVATE, listening
from tests.browser.conftest import CHROMIUM, WAIT, problem, send
from tests.browser.passing import made
from tests.servers.tocsin import PASSWORD, Tocsin, running_tocsin

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
PAGES: Final = {"alerts": "/alerts", "events": "/events?from=-24h"}
"""Lists, of which the first thing is opened."""
AWAITED: Final = {
    "hosts": ("/hosts", "[role=option]"),
    "groups": ('/alerts?group=source&open=["grafana"]', "[role=treeitem][aria-level='2']"),
    "sources": ("/sources", "main [data-row]"),
    "first-steps": ("/welcome", "main h2"),
    "users": ("/settings/users", "main [data-row]"),
    "tokens": ("/settings/tokens", "main [data-row]"),
    "audit": ("/settings/audit", "main [data-row]"),
}
"""Pages that are shown as they come, once something is there."""
WHOLE: Final = {"statistics": "/statistics?from=-1d", "wall": "/wall"}
"""Pages that are shown as they come, once they are no longer busy."""
SET_UP: Final = {
    "targets": "/settings/targets",
    "routes": "/settings/routes",
    "deliveries": "/settings/deliveries",
    "roles": "/settings/roles",
    "silences": "/silences?span=day",
}
"""Pages of what somebody sets up, which the demo does not."""
SCHEMES: Final = ("light", "dark")
_SENT: Final = 4
_SENT_SECONDS: Final = 20.0
_SIZE: Final = {"width": 1280, "height": 800}


def main() -> None:
    """Look at every page in both schemes."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        running_tocsin(Path(directory), arguments=["--demo"], environment=PRIVATE) as tocsin,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = _logged_in(browser, tocsin.url, scheme)
            for name, path in PAGES.items():
                page.goto(f"{tocsin.url}{path}")
                page.get_by_role("listbox").get_by_role("option").first.click()
                page.get_by_text("It came in at").wait_for()
                page.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            for name, (path, awaited) in AWAITED.items():
                page.goto(f"{tocsin.url}{path}")
                page.locator(awaited).first.wait_for()
                page.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            for name, path in WHOLE.items():
                page.goto(f"{tocsin.url}{path}")
                page.locator("[aria-busy=false]").wait_for()
                page.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            page.context.close()
        _set_up(tocsin)
        for scheme in SCHEMES:
            page = _logged_in(browser, tocsin.url, scheme)
            for name, path in SET_UP.items():
                page.goto(f"{tocsin.url}{path}")
                page.locator("main [data-row]").first.wait_for()
                page.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            page.context.close()
        browser.close()


def _set_up(tocsin: Tocsin) -> None:
    """Let something be passed on, and something not."""
    with listening() as receiver:
        for name, kind, url in (
            ("on call", "victorops", receiver.url),
            ("chat", "webhook", receiver.url),
            ("ticket system", "webhook", "http://127.0.0.1:9/hooks"),
        ):
            made(tocsin, "targets", name=name, kind=kind, url=url)
        for name, expression, targets in (
            ("databases", "host:db* severity>=error", ["on call", "chat"]),
            ("web shop", "host:web-* severity>=warning", ["chat"]),
            ("night batch", "service:backup*", ["ticket system"]),
        ):
            made(tocsin, "routes", name=name, expression=expression, targets=targets)
        made(tocsin, "routes", name="all others", targets=["chat"], fallback=True)
        made(tocsin, "roles", name="web shop", permissions=["VIEWSOME", "ACTIONSOME"], scope="host:web-*")
        for host, minutes, comment in (
            ("mail-1", 40, "the queue is moved"),
            ("web-3", 300, "new racks"),
            ("db2", 1200, "a long backup"),
        ):
            made(tocsin, "silences", expression=f"host:{host}", duration=60 * minutes, comment=comment)
        hosts = {"db1": "disk", "web-1": "http", "web-3": "http", "backup-1": "backup nightly", "lb1": "tls"}
        send(tocsin, *(problem(host, service, f"{service} fails") for host, service in hosts.items()))
        deadline = time.monotonic() + _SENT_SECONDS
        while time.monotonic() < deadline:
            counted = tocsin.request("GET", "/api/v1/deliveries/count?state=delivered").json()
            if counted["total"] >= _SENT:
                return
            time.sleep(0.1)
    raise AssertionError("what was to be passed on did not arrive")


def _logged_in(browser: Browser, url: str, scheme: str) -> Page:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport=_SIZE,  # type: ignore[arg-type]
    )
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(url)
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").wait_for()
    return page


if __name__ == "__main__":
    main()
