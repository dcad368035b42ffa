"""Make the pictures of the console that the README and the docs show: `make screenshots`.

A Tocsin with a day of made-up events runs for it, and Debian's Chromium looks at its pages, light and dark.
"""

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, WAIT
from tests.servers.tocsin import PASSWORD, running_tocsin

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
PAGES: Final = {"alerts": "/alerts", "events": "/events?from=-24h"}
"""Lists, of which the first thing is opened."""
WHOLE: Final = {"statistics": "/statistics?from=-1d", "wall": "/wall"}
"""Pages that are shown as they come, once they are no longer busy."""
SCHEMES: Final = ("light", "dark")
_SIZE: Final = {"width": 1280, "height": 800}


def main() -> None:
    """Look at every page in both schemes."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        running_tocsin(Path(directory), arguments=["--demo"]) as tocsin,
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
            for name, path in WHOLE.items():
                page.goto(f"{tocsin.url}{path}")
                page.locator("[aria-busy=false]").wait_for()
                page.screenshot(path=IMAGES / f"{name}-{scheme}.png")
            page.context.close()
        browser.close()


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
