"""How the console's pages look: to those who see little, in the dark, and on a telephone."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

PAGES = {"/alerts?q=host:look-*": "Alerts", "/events?q=host:look-*": "Events"}
SEVERITIES = ("critical", "error", "warning", "info", "none")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_a_page_keeps_anybody_out(tocsin: Tocsin, browser: Browser, scheme: str) -> None:
    send(
        tocsin,
        *(
            problem("look-db1", each, f"It is {each}", severity=each, labels={"team": "x"})
            for each in SEVERITIES
        ),
    )
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.go("/")
    page.get_by_label("Name").wait_for()
    faults = {"/log-in": visitor.grave_faults()}
    visitor.go_as_admin("/alerts")
    for path, name in PAGES.items():
        visitor.go(path)
        visitor.rows(name).first.click()
        page.get_by_text(re.compile("It (opened|joined) the alert")).wait_for()
        faults[path] = visitor.grave_faults()
    visitor.go("/alerts?q=host:look-*")
    for key in ("a", "s", "?"):
        visitor.rows("Alerts").first.wait_for()
        page.keyboard.press("j")
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        faults[key] = visitor.grave_faults()
        page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.get_by_role("button", name="New silence").wait_for()
    faults["/silences"] = visitor.grave_faults()
    context.close()
    assert {place: found for place, found in faults.items() if found} == {}
    assert visitor.faults == []


def test_the_colours_are_those_of_the_system_or_chosen_and_kept(tocsin: Tocsin, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.go_as_admin("/events")

    def is_dark() -> bool:
        colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour[4:-1].split(",")) < 3 * 128

    assert is_dark()
    page.get_by_label("Colours").select_option("light")
    assert not is_dark()
    page.reload()
    page.get_by_label("Colours").wait_for()
    assert not is_dark()
    page.get_by_label("Colours").select_option("auto")
    assert is_dark()
    context.close()
    assert visitor.faults == []


def test_a_telephone_shows_all_of_it(tocsin: Tocsin, browser: Browser) -> None:
    send(tocsin, problem("look-db1", "critical", "A title that is much too long for a telephone " * 3))
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.go_as_admin("/alerts")
    for path, name in PAGES.items():
        visitor.go(path)
        visitor.rows(name).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="Filters").tap()
        page.get_by_role("button", name="Without look-db1").wait_for()
        page.get_by_role("button", name="Filters").tap()
        visitor.rows(name).first.tap()
        expect(page.get_by_role("complementary", name=name.removesuffix("s"))).to_be_in_viewport(ratio=0.9)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
    assert visitor.faults == []
