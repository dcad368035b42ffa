"""How the events page is laid out by who looks: groups, columns, the time before, links."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)


def asked(visitor: Visitor) -> dict[str, str]:
    """Give what the address of the page holds."""
    return {name: values[0] for name, values in parse_qs(urlsplit(visitor.page.url).query).items()}


def nodes(visitor: Visitor, level: int) -> Locator:
    """Give the heads of groups, at level 1, or what is in them."""
    return visitor.page.get_by_role("treeitem", level=level)


def test_events_stand_in_groups_that_open_and_the_address_is_shared(
    tocsin: Tocsin, visitor: Visitor, browser: Browser
) -> None:
    send(
        tocsin,
        *(problem("group-a", f"disk{n}", f"Full {n}", labels={"team": "x"}) for n in range(3)),
        problem("group-b", "load", "Load is high"),
    )
    page = visitor.page
    visitor.go_as_admin("/events?q=host:group-*")
    page.get_by_label("Group by").select_option("host")
    heads, events = nodes(visitor, 1), nodes(visitor, 2)
    expect(heads).to_have_text([re.compile(r"group-a\s*3"), re.compile(r"group-b\s*1")])
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(events).to_have_count(3)
    assert json.loads(asked(visitor)["open"]) == ["group-a"]
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_role("complementary", name="Event")).to_contain_text("Full 2")
    assert visitor.grave_faults() == []

    context = browser.new_context()
    colleague = Visitor(context, tocsin)
    colleague.go_as_admin(page.url.removeprefix(tocsin.url))
    expect(nodes(colleague, 2)).to_have_count(3)
    context.close()

    # Nothing moves under who reads; nobody there, and it is up to date by itself.
    send(tocsin, problem("group-a", "disk9", "Full 9"))
    page.get_by_role("button", name="1 new").click()
    expect(events.first).to_contain_text("Full 9")
    expect(events).to_have_count(4)
    page.keyboard.press("Escape")
    page.mouse.move(1, 1)
    send(tocsin, problem("group-a", "disk10", "Full 10"))
    expect(events.first).to_contain_text("Full 10")
    events.first.click()
    expect(page.get_by_role("complementary", name="Event")).to_contain_text("Full 10")
    heads.first.click()
    expect(events).to_have_count(0)
    assert "open" not in asked(visitor)

    page.get_by_label("Group by").select_option("…")
    page.get_by_label("Field or label").fill("labels.team")
    page.keyboard.press("Enter")
    expect(heads).to_have_text([re.compile(r"\(empty\)\s*3"), re.compile(r"x\s*3")])
    page.get_by_label("Group by").select_option("in a list")
    expect(visitor.rows("Events")).to_have_count(6)


def test_a_group_of_any_size_is_read_as_one_goes_down(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, *(problem("deep-a", f"s{n}", f"Full {n}") for n in range(250)))
    visitor.go_as_admin('/events?q=host:deep-*&group=host&open=["deep-a"]')
    events = nodes(visitor, 2)
    expect(events.first).to_contain_text("Full 249")
    tree = visitor.page.get_by_role("tree")
    for _ in range(4):
        tree.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        visitor.page.wait_for_timeout(300)
    expect(events.last).to_contain_text("Full 0")


def test_the_time_before_is_compared(tocsin: Tocsin, visitor: Visitor) -> None:
    now = datetime.now(UTC)

    def at(minutes: int, number: int) -> list[dict[str, object]]:
        moment = (now - timedelta(minutes=minutes)).isoformat()
        return [problem("before-a", f"s{n}", "Full", occurred_at=moment) for n in range(number)]

    send(tocsin, *at(10, 5), *at(75, 4))
    visitor.go_as_admin("/events?q=host:before-*&from=-1h")
    said = visitor.page.get_by_text("5 events, +25 % against the time before (4)")
    expect(said).to_be_visible()
    chart = visitor.page.get_by_role("application")
    chart.focus()
    visitor.page.keyboard.press("ArrowLeft")
    expect(visitor.page.get_by_text(re.compile(r"\d+ in the time before$"))).to_be_visible()
    visitor.go("/events?q=host:before-*%20service:s4&from=-1h")
    expect(visitor.page.get_by_text("1 event; none in the time before")).to_be_visible()


def test_what_comes_in_live_is_told(tocsin: Tocsin, visitor: Visitor) -> None:
    visitor.go_as_admin("/events?q=host:rate-*")
    expect(visitor.page.get_by_text("No event in this time is found")).to_be_visible()
    send(tocsin, *(problem("rate-a", f"s{n}", "Full") for n in range(3)))
    expect(visitor.page.get_by_text("3 in the last minute")).to_be_visible()


def test_columns_are_chosen_put_in_order_and_sized_by_keys_alone(
    tocsin: Tocsin, visitor: Visitor, browser: Browser
) -> None:
    send(tocsin, problem("column-a", "disk", "Disk full", labels={"team": "storage"}))
    page = visitor.page
    visitor.go_as_admin("/events?q=host:column-*")
    expect(visitor.rows("Events")).to_have_count(1)
    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Enter")
    for name in ("host", "labels.team", "title"):
        page.get_by_role("checkbox", name=name, exact=True).focus()
        page.keyboard.press("Space")
    cells = visitor.rows("Events").first.locator(".cell")
    expect(cells).to_have_text(["column-a", "storage", "Disk full"])
    page.get_by_role("button", name="title further to the left").focus()
    page.keyboard.press("Enter")
    page.get_by_role("slider", name="Width of host").focus()
    page.keyboard.press("ArrowRight")
    expect(cells).to_have_text(["column-a", "Disk full", "storage"])
    assert asked(visitor)["columns"] == "host:160,title:0,labels.team:150"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Columns")).to_be_focused()
    assert visitor.grave_faults() == []

    context = browser.new_context()
    colleague = Visitor(context, tocsin)
    colleague.go_as_admin(page.url.removeprefix(tocsin.url))
    expect(colleague.rows("Events").first.locator(".cell")).to_have_text(["column-a", "Disk full", "storage"])
    context.close()

    visitor.go("/events?q=host:column-*")
    expect(cells).to_have_count(3)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="As usual").click()
    expect(cells).to_have_count(0)
    expect(visitor.rows("Events")).to_have_count(1)


def test_a_link_holds_the_time_and_an_event_has_a_page(tocsin: Tocsin, browser: Browser) -> None:
    send(tocsin, problem("link-a", "disk", "Disk full"))
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.go_as_admin("/events?q=host:link-*&from=-1h")
    expect(visitor.rows("Events")).to_have_count(1)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied, with the time")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    held = {name: values[0] for name, values in parse_qs(urlsplit(copied).query).items()}
    first, last = (datetime.fromisoformat(held[name]) for name in ("from", "to"))
    assert held["q"] == "host:link-*"
    assert timedelta(minutes=59) < last - first < timedelta(minutes=61)

    visitor.rows("Events").first.click()
    page.get_by_role("complementary", name="Event").get_by_role("link", name=re.compile("^event-")).click()
    expect(page).to_have_url(re.compile("/e/event-[0-9a-f]{12}$"))
    page.reload()
    expect(page.get_by_role("heading", name="Disk full")).to_be_visible()
    assert visitor.grave_faults() == []
    page.get_by_role("button", name="Only link-a").first.click()
    expect(visitor.rows("Events")).to_have_count(1)
    assert asked(visitor)["q"] == "host=link-a"
    context.close()
    assert visitor.faults == []


def test_a_value_that_was_chosen_stays_among_the_filters(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("zero-a", "disk", "Disk full", severity="warning"))
    visitor.go_as_admin("/events?q=host:zero-*%20severity=critical")
    expect(visitor.page.get_by_text("No event in this time is found")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="critical 0")).to_be_visible()
