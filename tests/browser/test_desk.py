"""What stands around the board: an alert's own page, the wall, the palette, the height of rows."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)


def the_alert(tocsin: Tocsin, q: str) -> dict[str, Any]:
    """Give the one alert that an expression finds."""
    (found,) = tocsin.request("GET", "/api/v1/alerts", params={"q": q}).json()["items"]
    alert: dict[str, Any] = found
    return alert


def test_the_page_of_an_alert_tells_its_whole_story(tocsin: Tocsin, visitor: Visitor) -> None:
    labels = {"runbook_url": "https://wiki.example/disk", "mount": "/var"}
    disk = problem("story-db1", "disk", "Disk full", severity="critical", labels=labels)
    send(tocsin, disk, {"key": "story-db1/disk", "title": "well", "kind": "recovery"})
    before = the_alert(tocsin, "host=story-db1")
    send(tocsin, disk | {"severity": "warning"}, disk | {"labels": labels | {"mount": "/srv"}})
    alert = the_alert(tocsin, "host=story-db1 state=open")
    page = visitor.page
    visitor.go_as_admin(f"/alerts/{alert['id']}")
    panel = page.get_by_role("complementary", name="Alert")
    expect(panel.get_by_role("link", name="Runbook")).to_have_attribute("href", labels["runbook_url"])
    story = page.get_by_role("region", name="More of this alert")
    expect(story.get_by_role("img", name="How it ran")).to_be_visible()
    expect(story).to_contain_text("reported 2 times in")
    expect(story).to_contain_text("/srv 1")
    expect(story).to_contain_text("Nothing of it was passed on.")
    expect(story.get_by_role("region", name="As it is understood")).to_contain_text('"mount": "/srv"')
    expect(story.locator("pre").first).to_contain_text('"mount": "/srv"')
    assert visitor.grave_faults() == []
    earlier = story.get_by_role("list", name="The same before").get_by_role("link", name="Disk full")
    earlier.click()
    page.wait_for_url(re.compile(before["id"]))
    expect(page.get_by_role("list", name="The same before")).to_contain_text("Disk full")


def test_the_page_of_an_alert_asks_once_for_what_an_event_changes(tocsin: Tocsin, visitor: Visitor) -> None:
    disk = problem("once-db1", "disk", "Disk full")
    send(tocsin, disk)
    alert = the_alert(tocsin, "host=once-db1")
    page = visitor.page
    visitor.go_as_admin(f"/alerts/{alert['id']}")
    story = page.get_by_role("region", name="More of this alert")
    expect(story).to_contain_text("reported once")
    page.wait_for_load_state("load")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(re.sub("event-[0-9a-f]+", "ID", urlsplit(request.url).path))
    )
    # The stream brings them one by one; they are asked about together.
    for number in range(3):
        send(tocsin, disk | {"title": f"Disk full, {number}"})
    expect(story.get_by_role("region", name="As it is understood")).to_contain_text("Disk full, 2")
    expect(story).to_contain_text("reported 4 times")
    page.wait_for_timeout(500)
    most = max(asked.count(path) for path in set(asked))
    assert most <= 2, asked
    assert {
        "/api/v1/deliveries",
        "/api/v1/events/ID",
        "/api/v1/events/ID/why",
        "/api/v1/events/facets",
        "/api/v1/events/histogram",
        f"/api/v1/alerts/{alert['id']}",
    } == set(asked)


def test_a_label_that_is_no_address_of_the_web_is_no_runbook(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("evil-db1", "disk", "Disk full", labels={"runbook_url": "javascript:alert(1)"}))
    visitor.go_as_admin(f"/alerts/{the_alert(tocsin, 'host=evil-db1')['id']}")
    expect(visitor.page.get_by_role("complementary", name="Alert")).to_contain_text("javascript:alert(1)")
    expect(visitor.page.get_by_role("link", name="Runbook")).to_have_count(0)


def test_the_wall_says_how_things_stand_by_itself(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:wall-*")
    page.get_by_role("link", name="Wall").click()
    expect(page.get_by_role("heading", name="No problems now")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert visitor.grave_faults() == []
    send(
        tocsin,
        problem("wall-db1", "disk", "Disk full", severity="critical"),
        problem("wall-db2", "disk", "Disk nearly full", severity="warning"),
        problem("wall-db3", "disk", "Disk nearly full", severity="warning"),
    )
    tiles = page.get_by_role("list", name="Open alerts by severity").get_by_role("listitem")
    expect(tiles.filter(has_text="critical")).to_contain_text("1")
    expect(tiles.filter(has_text="warning")).to_contain_text("2")
    expect(tiles.filter(has_text="error")).to_contain_text("0")
    expect(page.get_by_role("heading", name="Longest unacknowledged")).to_be_visible()
    expect(page.get_by_text("wall-db1 · disk: Disk full")).to_be_visible()
    assert visitor.grave_faults() == []
    asked = {"q": "host:wall-*", "action": "acknowledge", "expected": 3}
    assert tocsin.request("POST", "/api/v1/alerts/bulk", json=asked).json()["done"] == 3
    expect(page.get_by_role("heading", name="All are acknowledged")).to_be_visible()
    page.keyboard.press("Escape")
    expect(visitor.rows("Alerts")).to_have_count(3)


def test_the_wall_gives_no_all_clear_where_it_knows_nothing(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("unknown-db1", "disk", "Disk full"))
    visitor.go_as_admin("/alerts")
    visitor.go("/wall?q=severity>=bad")
    page = visitor.page
    expect(page.get_by_role("alert")).to_contain_text("expected one of critical")
    expect(page.get_by_text("newest event")).to_be_visible()
    expect(page.get_by_text("No problems now")).to_have_count(0)
    expect(page.get_by_role("list", name="Open alerts by severity")).to_have_count(0)
    expect(page.get_by_text("acknowledged")).to_have_count(0)
    expect(page.locator(".beat.late")).to_have_count(1)


def test_an_address_that_leads_nowhere_says_so(tocsin: Tocsin, visitor: Visitor) -> None:
    visitor.go_as_admin("/nosuchpage")
    expect(visitor.page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert tocsin.request("GET", "/nosuchpage").headers["content-type"] == "application/problem+json"
    assert visitor.grave_faults() == []


def test_a_page_scrolls_in_one_place(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, *(problem(f"scroll-{n}", "disk", "Disk full", severity="none") for n in range(20)))
    visitor.go_as_admin("/statistics")
    visitor.page.locator("dl[aria-busy=false]").wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_wall_says_so_where_nothing_comes_in_any_more(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("stale-db1", "disk", "Disk full"))
    visitor.go_as_admin("/alerts")
    visitor.go("/wall?stale=1")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Nothing has come in for")
    assert visitor.grave_faults() == []


def test_the_palette_leads_anywhere_and_acts_on_what_is_chosen(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("palette-db1", "disk", "Disk full"))
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:palette-*")
    visitor.rows("Alerts").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    found = page.get_by_role("listbox", name="Found").get_by_role("option")
    expect(found.filter(has_text="Go to the hosts")).to_be_visible()
    assert visitor.grave_faults() == []
    page.keyboard.type("acknowledge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Acknowledge")).to_be_visible()
    page.keyboard.press("Escape")

    for typed, wanted, path in (
        ("palette-db", "Host palette-db1", r"/hosts\?q=host"),
        ("first", "Source first", "/sources/"),
        ("silences", "Go to the silences", "/silences"),
        ("severity=critical", "Look for alerts with severity=critical", r"/alerts\?q=severity"),
    ):
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="What are you looking for?").fill(typed)
        found.filter(has_text=wanted).click()
        page.wait_for_url(re.compile(path))


def test_rows_are_as_high_as_one_likes_and_stay_so(tocsin: Tocsin, browser: Browser) -> None:
    send(tocsin, problem("rows-db1", "disk", "Disk full"))
    context = browser.new_context()
    visitor = Visitor(context, tocsin)
    visitor.go_as_admin("/alerts?q=host:rows-*")
    row = visitor.rows("Alerts").first
    choice = visitor.page.get_by_role("combobox", name="Rows", exact=True)
    heights = []
    for name in ("wide", "normal", "close"):
        choice.select_option(name)
        expect(row).to_be_visible()
        box = row.bounding_box()
        assert box is not None
        heights.append(box["height"])
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3
    visitor.page.reload()
    row.wait_for()
    expect(choice).to_have_value("close")
    box = row.bounding_box()
    assert box is not None
    assert box["height"] == heights[-1]
    context.close()
    assert visitor.faults == []
