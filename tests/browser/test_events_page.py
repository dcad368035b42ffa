"""The events page in a browser, against a running Tocsin."""

import re
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

FACETS = [
    problem("facet-db1", "disk", "Disk full", severity="critical", labels={"team": "storage"}),
    problem("facet-db2", "disk", "Disk full", severity="warning"),
    problem("facet-web1", "load", "Load is high", severity="warning"),
]


def asked(visitor: Visitor) -> dict[str, str]:
    """Give what the address of the page holds."""
    return {name: values[0] for name, values in parse_qs(urlsplit(visitor.page.url).query).items()}


def test_events_show_as_they_come_and_wait_where_somebody_reads(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go_as_admin("/events?q=host:live-*")
    expect(page.get_by_text("No event in this time is found")).to_be_visible()
    send(tocsin, problem("live-db1", "disk", "Disk full on db1"), problem("other", "x", "Something else"))
    expect(visitor.rows("Events")).to_have_count(1)
    expect(visitor.rows("Events")).to_contain_text("Disk full on db1")

    page.keyboard.press("j")
    send(tocsin, problem("live-web1", "load", "Load is high on web1", severity="warning"))
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(visitor.rows("Events")).to_have_count(1)
    page.keyboard.press(".")
    expect(visitor.rows("Events")).to_have_count(2)
    expect(visitor.rows("Events").first).to_contain_text("Load is high on web1")


def test_a_long_list_is_cut_while_it_follows_and_loaded_again_further_down(
    tocsin: Tocsin, visitor: Visitor
) -> None:
    def post(numbers: range) -> None:
        send(tocsin, *(problem("cut-db1", str(number), f"Number {number}.") for number in numbers))

    post(range(100))
    page = visitor.page
    visitor.go_as_admin("/events?q=host:cut-*")
    newest = visitor.rows("Events").first
    expect(newest).to_contain_text("Number 99.")
    for start in range(100, 2_100, 400):
        post(range(start, start + 400))
        expect(newest).to_contain_text(f"Number {start + 399}.")
    size = int(newest.get_attribute("aria-setsize") or 0)
    assert 1_000 <= size < 1_500
    rows = page.get_by_role("listbox", name="Events")
    for loaded in (size, size + 100):
        # Scrolled before the page is there, the list would end where it ended before.
        expect(visitor.rows("Events").first).to_have_attribute("aria-setsize", str(loaded))
        rows.evaluate("box => box.scrollTo({top: box.scrollHeight})")
        expect(rows.get_by_text(f"Number {2_100 - loaded}.")).to_be_visible()


def test_filters_and_the_expression_are_one_and_the_address_is_shared(
    tocsin: Tocsin, visitor: Visitor, browser: Browser
) -> None:
    send(tocsin, *FACETS)
    page = visitor.page
    visitor.go_as_admin("/events?q=host:facet-*")
    expect(visitor.rows("Events")).to_have_count(3)
    page.get_by_role("button", name="warning 2", exact=False).first.click()
    expect(visitor.rows("Events")).to_have_count(2)
    assert asked(visitor)["q"] == "host:facet-* severity=warning"
    page.get_by_role("button", name="Without facet-db2").click()
    expect(visitor.rows("Events")).to_have_count(1)
    assert asked(visitor)["q"] == "host:facet-* severity=warning host!=facet-db2"

    visitor.rows("Events").first.click()
    panel = page.get_by_role("complementary", name="Event")
    expect(panel).to_contain_text("It opened the alert")
    expect(panel.locator("pre")).to_contain_text('"title": "Load is high"')
    context = browser.new_context()
    colleague = Visitor(context, tocsin)
    colleague.go_as_admin(page.url.removeprefix(tocsin.url))
    expect(colleague.rows("Events")).to_have_count(1)
    expect(colleague.page.get_by_role("complementary", name="Event")).to_contain_text("Load is high")
    context.close()

    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove severity=warning").click()
    expect(visitor.rows("Events")).to_have_count(2)
    page.go_back()
    expect(visitor.rows("Events")).to_have_count(1)


def test_the_expression_is_completed_and_its_faults_are_shown_where_they_are(
    tocsin: Tocsin, visitor: Visitor
) -> None:
    send(tocsin, problem("typed-db1", "disk", "Disk full"), problem("typed-web1", "load", "Load is high"))
    page = visitor.page
    visitor.go_as_admin("/events")
    page.keyboard.press("/")
    page.keyboard.type("ho")
    page.keyboard.press("Tab")
    page.keyboard.type("typed-w")
    suggestions = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(suggestions).to_have_text(re.compile("typed-web1"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("severity>=warnin")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("expected one of critical")
    expect(page.locator("mark")).to_have_text("warnin")
    page.keyboard.type("g ")
    page.keyboard.press("Enter")
    expect(visitor.rows("Events")).to_have_count(1)
    assert asked(visitor)["q"] == "host:typed-web1 severity>=warning"


def test_the_time_is_narrowed_in_the_chart_and_led_back_out(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("zoom-db1", "disk", "Disk full"))
    page = visitor.page
    visitor.go_as_admin("/events?q=host:zoom-*&from=-1h")
    expect(visitor.rows("Events")).to_have_count(1)
    chart = page.get_by_role("application")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40, steps=4)
    page.mouse.up()
    page.mouse.move(0, 0)
    expect(page.get_by_text("No event in this time is found")).to_be_visible()
    assert set(asked(visitor)) == {"q", "from", "to"}
    page.get_by_role("button", name="Wider").click()
    expect(visitor.rows("Events")).to_have_count(1)

    page.go_back()
    with page.expect_response(re.compile("histogram.*from=-1h")):
        page.go_back()
    expect(visitor.rows("Events")).to_have_count(1)
    expect(chart).to_have_accessible_name(re.compile("^1 event"))
    chart.focus()
    bar = page.get_by_text(re.compile("1 critical"))
    # Another bar may have begun since: then the event does not stand in the last one.
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
        with suppress(AssertionError):
            expect(bar).to_be_visible(timeout=1_000)
            break
    expect(bar).to_be_visible()
    earlier = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1_800))
    send(tocsin, problem("zoom-web1", "load", "Load is high", occurred_at=earlier))
    expect(chart).to_have_accessible_name(re.compile("^2 events"))
    # The chart is drawn anew with each answer: who stands on a bar is not taken from it.
    expect(bar).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("to="))
    expect(visitor.rows("Events")).to_have_count(1)
    expect(visitor.rows("Events")).to_contain_text("Disk full")


def test_a_long_list_is_loaded_as_one_goes_down(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, *(problem("long-1", f"service{number}", f"Number {number}") for number in range(250)))
    page = visitor.page
    visitor.go_as_admin("/events?q=host:long-*")
    expect(visitor.rows("Events").first).to_contain_text("Number 249")
    assert visitor.rows("Events").count() < 80
    box = page.get_by_role("listbox", name="Events")
    page.wait_for_function(
        "box => { box.scrollTo(0, box.scrollHeight); return /Number 0$/m.test(box.innerText) }",
        arg=box.element_handle(),
    )
    assert visitor.rows("Events").count() < 80
    stood = page.get_by_text("Number 0", exact=True).bounding_box()
    send(tocsin, problem("long-2", "new", "It came meanwhile"))
    page.get_by_role("button", name="1 new").wait_for()
    assert page.get_by_text("Number 0", exact=True).bounding_box() == stood
    page.keyboard.press(".")
    expect(page.get_by_text("It came meanwhile")).to_be_in_viewport()


def test_a_broken_stream_says_so_and_catches_up(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go_as_admin("/events?q=host:broken-*")
    expect(page.get_by_text("No event in this time is found")).to_be_visible()
    tocsin.kill()
    expect(page.get_by_text("The live stream broke")).to_be_visible()
    tocsin.start()
    send(tocsin, problem("broken-db1", "disk", "It came meanwhile"))
    expect(visitor.rows("Events")).to_contain_text("It came meanwhile")
    expect(page.get_by_text("The live stream broke")).to_be_hidden()
