"""Saved views in a browser: saved, shared, counted, on the wall, deleted; and pages on a telephone."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Visitor, problem, send
from tests.browser.passing import made, viewer
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

PHONE = 390
PAGES = ("alerts", "events", "hosts", "silences", "sources", "statistics", "settings", "welcome")


def asked(visitor: Visitor) -> dict[str, str]:
    """Give what the address of a page asks for, but for the view itself."""
    query = parse_qs(urlsplit(visitor.page.url).query)
    return {name: values[0] for name, values in query.items() if name != "view"}


def save(visitor: Visitor, name: str, *, shared: bool = False) -> None:
    """Save what a page shows, by the keyboard alone."""
    page = visitor.page
    page.get_by_role("button", name="Save view").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Save view")
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    if shared:
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    assert visitor.grave_faults() == []
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=f"View: {name}", exact=True)).to_be_visible()


def entry(visitor: Visitor, name: str) -> Locator:
    """Open the list of views, where it is not, and give one of them."""
    button = visitor.page.get_by_role("navigation").get_by_role("button", name="Views")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return visitor.page.get_by_role("group", name="Views").get_by_role("link", name=re.compile(name))


def do(visitor: Visitor, view: str, act: str) -> None:
    """Do something with the view that is open."""
    visitor.page.get_by_role("button", name=f"View: {view}").click()
    visitor.page.get_by_role("group", name=f"View: {view}").get_by_text(act).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_view_is_saved_opened_changed_and_deleted(tocsin: Tocsin, browser: Browser, scheme: str) -> None:
    name, host = f"Mine {scheme}", f"view-{scheme}-db1"
    send(tocsin, problem(host, "disk", "Disk full"))
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    visitor = Visitor(context, tocsin)
    page = visitor.page
    state = {"q": f"host={host}", "from": "-6h", "columns": "time:120,labels.data%2Ccentre:150,title:0"}
    visitor.go_as_admin(f"/events?{urlencode(state)}")
    shown = asked(visitor)
    save(visitor, name)
    assert asked(visitor) == shown

    visitor.go("/hosts")
    page.keyboard.press("g")
    page.keyboard.press("v")
    expect(entry(visitor, name)).to_contain_text("1")
    assert visitor.grave_faults() == []
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation").get_by_role("button", name="Views")).to_be_focused()
    entry(visitor, name).press("Enter")
    expect(visitor.rows("Events")).to_have_count(1)
    assert asked(visitor) == shown

    page.get_by_label("Group by").select_option("host")
    do(visitor, f"{name}, changed", "Back to as it was saved")
    expect(page.get_by_role("button", name=f"View: {name}", exact=True)).to_be_visible()
    page.get_by_label("Group by").select_option("service")
    do(visitor, f"{name}, changed", "Save the changes")
    expect(page.get_by_role("button", name=f"View: {name}", exact=True)).to_be_visible()
    do(visitor, name, "Rename or share")
    page.get_by_role("dialog").get_by_label("Name").fill(f"Other {scheme}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"View: Other {scheme}", exact=True)).to_be_visible()
    (saved,) = (
        view
        for view in tocsin.request("GET", "/api/v1/views").json()["items"]
        if view["name"] == f"Other {scheme}"
    )
    assert (saved["group"], saved["from"], saved["shared"]) == ("service", "-6h", False)

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="What are you looking for?").fill(f"view other {scheme}")
    page.get_by_role("option", name=f"View Other {scheme}", exact=True).click()
    do(visitor, f"Other {scheme}", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Save view")).to_be_visible()
    expect(entry(visitor, f"Other {scheme}")).to_have_count(0)
    context.close()
    assert visitor.faults == []


def test_a_name_that_is_taken_is_said_so(tocsin: Tocsin, visitor: Visitor) -> None:
    made(tocsin, "views", name="Taken", page="alerts")
    visitor.go_as_admin("/alerts")
    visitor.page.keyboard.press("v")
    visitor.page.get_by_role("dialog").get_by_label("Name").fill("Taken")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("exists already")


def test_a_shared_view_is_everybodys_with_live_counts(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    visitor.go_as_admin("/alerts?q=host:shared-*&order=oldest")
    save(visitor, "Everybody's", shared=True)
    reader = viewer(tocsin, browser, "view-reader")
    expect(entry(reader, "Everybody's")).to_contain_text("0")
    send(tocsin, *(problem(f"shared-db{n}", "disk", "Disk full") for n in range(3)))
    # By itself, while the list is open.
    expect(entry(reader, "Everybody's")).to_contain_text("3", timeout=30_000)
    assert reader.grave_faults() == []
    entry(reader, "Everybody's").click()
    expect(reader.rows("Alerts")).to_have_count(3)
    assert asked(reader) == {"q": "host:shared-*", "order": "oldest"}
    reader.page.get_by_role("button", name="View: Everybody's").click()
    expect(reader.page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(reader.page.get_by_role("button", name="Save as another")).to_be_visible()

    do(visitor, "Everybody's", "Rename or share")
    visitor.page.get_by_role("dialog").get_by_role("checkbox", name="Share it").uncheck()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    reader.page.reload()
    expect(reader.page.get_by_role("status").filter(has_text="is not shared with you")).to_be_visible()
    expect(reader.rows("Alerts")).to_have_count(3)
    assert reader.faults == []


def test_nothing_is_counted_in_a_tab_that_nobody_sees(tocsin: Tocsin, visitor: Visitor) -> None:
    made(tocsin, "views", name="Hidden", page="alerts", expression="host:hidden-*")
    page = visitor.page
    page.clock.install()
    visitor.go_as_admin("/hosts")
    counted: list[str] = []
    page.on("request", lambda request: counted.append(request.url) if "counts=true" in request.url else None)
    entry(visitor, "Hidden").wait_for()
    assert len(counted) == 1
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'})"
    )
    page.clock.run_for(60_000)
    assert len(counted) == 1
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'visible'})"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(200)
    assert len(counted) == 2


def test_the_wall_of_a_view_shows_what_the_view_finds(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, *(problem(f"viewwall-{n}", "disk", "Disk full", severity="critical") for n in range(3)))
    (first, *_) = tocsin.request("GET", "/api/v1/alerts", params={"q": "host=viewwall-0"}).json()["items"]
    tocsin.request("POST", f"/api/v1/alerts/{first['id']}/acknowledge")
    view = made(
        tocsin, "views", name="Disks", page="alerts", expression="host:viewwall-*", show="unacknowledged"
    )
    page = visitor.page
    visitor.go_as_admin(f"/alerts?view={view['id']}")
    expect(visitor.rows("Alerts")).to_have_count(2)
    do(visitor, "Disks", "Put it on the wall")
    expect(page.get_by_role("heading", name="Disks")).to_be_visible()
    tiles = page.get_by_role("list", name="Open alerts by severity").get_by_role("listitem")
    expect(tiles.filter(has_text="critical")).to_contain_text("2")
    expect(page).to_have_title(re.compile("Disks"))
    assert visitor.grave_faults() == []

    at = f"/api/v1/views/{view['id']}"
    assert tocsin.request("PATCH", at, json={"expression": "host=viewwall-1"}).status_code == 200
    expect(tiles.filter(has_text="critical")).to_contain_text("1", timeout=30_000)
    assert tocsin.request("DELETE", at).status_code == 204
    expect(page.get_by_role("alert")).to_contain_text("This view is not there", timeout=30_000)
    assert visitor.grave_faults() == []
    page.get_by_role("link", name="To the alerts").click()
    visitor.rows("Alerts").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wall_of_a_view_in_groups_shows_how_much_is_in_each(
    tocsin: Tocsin, browser: Browser, scheme: str
) -> None:
    host = f"tilewall-{scheme}"
    send(
        tocsin,
        *(problem(f"{host}-a", f"disk{n}", "Disk full", severity="warning") for n in range(3)),
        problem(f"{host}-b", "load", "Load is high", severity="critical"),
    )
    views = {
        page: made(
            tocsin,
            "views",
            name=f"Tiles {page} {scheme}",
            page=page,
            expression=f"host:{host}-*",
            group="host",
        )
        for page in ("alerts", "events")
    }
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    visitor = Visitor(context, tocsin)
    tiles = visitor.page.get_by_role("list", name="Groups, the greatest first").get_by_role("listitem")
    visitor.go_as_admin("/alerts")
    visitor.page.goto(f"{tocsin.url}/wall?view={views['alerts']['id']}")
    expect(tiles).to_have_text(
        [re.compile(rf"3\s+warning\s+{host}-a"), re.compile(rf"1\s+critical\s+{host}-b")]
    )
    assert visitor.grave_faults() == []
    send(tocsin, problem(f"{host}-a", "load", "Load is high", severity="critical"))
    expect(tiles.first).to_have_text(re.compile(rf"4\s+critical\s+{host}-a"), timeout=30_000)
    visitor.page.goto(f"{tocsin.url}/wall?view={views['events']['id']}")
    expect(tiles).to_have_text([re.compile(rf"4\s+{host}-a"), re.compile(rf"1\s+{host}-b")])
    send(tocsin, problem(f"{host}-b", "disk", "Disk full"))
    expect(tiles.last).to_have_text(re.compile(rf"2\s+{host}-b"), timeout=30_000)
    assert visitor.grave_faults() == []
    context.close()
    assert visitor.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wall_of_a_view_of_events_shows_them_as_they_come(
    tocsin: Tocsin, browser: Browser, scheme: str
) -> None:
    view = made(
        tocsin, "views", name=f"Changes {scheme}", page="events", expression=f"host=eventwall-{scheme}"
    )
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.go_as_admin(f"/events?view={view['id']}")
    do(visitor, f"Changes {scheme}", "Put it on the wall")
    expect(page.get_by_role("heading", name=f"Changes {scheme}")).to_be_visible()
    lines = page.get_by_role("list", name="Events, the newest first").get_by_role("listitem")
    expect(lines).to_contain_text("No event in this time is found")
    send(tocsin, *(problem(f"eventwall-{scheme}", "disk", f"Full {n}") for n in range(60)))
    expect(lines.first).to_contain_text("Full 59")
    assert page.locator("main").evaluate("main => main.scrollHeight <= main.clientHeight")
    send(
        tocsin,
        {"key": f"eventwall-{scheme}/disk", "title": "Disk is well", "kind": "recovery"}
        | {"host": f"eventwall-{scheme}"},
    )
    expect(lines.first).to_contain_text("recovery Disk is well")
    expect(page.get_by_text("61 events")).to_be_visible()
    expect(page.get_by_role("link", name="Leave the wall")).to_be_in_viewport(ratio=1)
    assert visitor.grave_faults() == []
    page.keyboard.press("Escape")
    visitor.rows("Events").first.wait_for()
    context.close()
    assert visitor.faults == []


def test_no_page_is_wider_than_a_telephone(tocsin: Tocsin, browser: Browser) -> None:
    send(tocsin, problem("narrow-db1", "disk", "Disk full"))
    made(tocsin, "views", name="A view with a rather long name " * 4, page="alerts", shared=True)
    context = browser.new_context(viewport={"width": PHONE, "height": 844}, has_touch=True, is_mobile=True)
    visitor = Visitor(context, tocsin)
    page = visitor.page

    def widths() -> list[int]:
        """Give how wide the document, the page and its header are."""
        found: list[int] = page.evaluate(
            "[document.documentElement, ...document.querySelectorAll('header, nav, main')]"
            ".map((each) => each.scrollWidth)"
        )
        return found

    visitor.go_as_admin("/alerts")
    for path in PAGES:
        visitor.go(f"/{path}")
        page.get_by_role("navigation", name="Pages").wait_for()
        page.locator("main :is(h1, h2, button)").first.wait_for()
        assert max(widths()) <= PHONE, path
    for link in page.get_by_role("navigation", name="Pages").get_by_role("link").all():
        expect(link).to_be_in_viewport(ratio=1)
    visitor.go("/alerts")
    entry(visitor, "A view with").wait_for()
    expect(page.get_by_role("group", name="Views")).to_be_in_viewport(ratio=1)
    assert max(widths()) <= PHONE
    assert visitor.grave_faults() == []
    entry(visitor, "A view with").tap()
    page.get_by_role("button", name="View: A view with").tap()
    assert max(widths()) <= PHONE
    context.close()
    assert visitor.faults == []
