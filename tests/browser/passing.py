"""Where the tests of the settings send to, and who looks at them."""

from typing import Any, Final

from playwright.sync_api import Browser

from tests.browser.conftest import Visitor
from tests.servers.tocsin import Tocsin

PHONE: Final = 360
"""Pixels that a telephone is wide."""


def made(tocsin: Tocsin, what: str, **document: Any) -> Any:
    """Make something by the API, and give it."""
    answer = tocsin.request("POST", f"/api/v1/{what}", json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()


def viewer(tocsin: Tocsin, browser: Browser, name: str) -> Visitor:
    """Give somebody with a browser of their own who may only look."""
    password = f"the password of {name}"
    made(tocsin, "users", name=name, role="viewer", password=password)
    visitor = Visitor(browser.new_context(), tocsin)
    visitor.log_in("/alerts", name, password)
    return visitor


def look_on_a_telephone(tocsin: Tocsin, browser: Browser, path: str, text: str) -> None:
    """See that a page fits on a dark telephone, and keeps nobody out.

    Args:
        tocsin: whose page.
        browser: to look with.
        path: of the page.
        text: what is waited for.
    """
    context = browser.new_context(viewport={"width": PHONE, "height": 740}, color_scheme="dark")
    visitor = Visitor(context, tocsin)
    visitor.go_as_admin(path)
    visitor.page.locator("main").get_by_text(text).first.wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert visitor.grave_faults() == []
    context.close()
    assert visitor.faults == []
