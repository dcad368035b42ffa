"""The page of routes in a browser, against a running Tocsin."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor, problem, send
from tests.browser.passing import look_on_a_telephone, made, viewer
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(180)


def test_a_route_is_made_tried_moved_changed_and_deleted(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    made(tocsin, "targets", name="pager", kind="webhook", url="http://localhost:9/")
    made(tocsin, "routes", name="all others", targets=["pager"], fallback=True)
    made(tocsin, "routes", name="web", expression="host:web-*", targets=["pager"])
    page = visitor.page
    visitor.go_as_admin("/settings/routes")
    page.get_by_role("link", name="web", exact=True).wait_for()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("databases")
    dialog.get_by_role("combobox", name="Expression").fill("host:db* AND")
    dialog.get_by_text("pager").click()
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    assert visitor.grave_faults() == []
    dialog.get_by_role("combobox", name="Expression").fill("host:db*")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog).to_have_count(0)

    tree = page.get_by_role("list", name="Routes in their order")
    names = tree.get_by_role("link").filter(has_not_text="pager")
    expect(names).to_have_text(["web", "databases", "all others"])
    expect(tree.get_by_role("listitem").filter(has_text="databases").last).to_contain_text("host:db*")
    page.get_by_role("button", name="Move databases up").click()
    expect(names).to_have_text(["databases", "web", "all others"])
    page.reload()
    expect(names).to_have_text(["databases", "web", "all others"])
    expect(page.get_by_role("button", name="Move databases up")).to_be_disabled()

    send(tocsin, problem("db1", "disk", "Disk full on db1"))
    page.get_by_role("button", name="Ask").click()
    answer = page.locator("main").get_by_role("status")
    expect(answer).to_contain_text("These take it:")
    expect(answer).to_contain_text("databases → pager")
    (event,) = tocsin.request("GET", "/api/v1/events?q=host=db1%20service=disk").json()["items"]
    for asked in (event["id"], event["alert_id"]):
        page.get_by_label("Event").fill(asked)
        page.get_by_role("button", name="Ask").click()
        expect(answer).to_contain_text("databases → pager")
    page.get_by_label("Event").fill("nothing")
    page.get_by_role("button", name="Ask").click()
    expect(answer).to_have_text("This is neither an id nor JSON.")
    assert visitor.grave_faults() == []
    look_on_a_telephone(tocsin, browser, "/settings/routes", "host:db*")

    row = tree.get_by_role("listitem").filter(has_text="host:db*").last
    page.reload()
    expect(row).to_contain_text("1 delivery in 24 h")
    row.get_by_role("button", name="Change").click()
    page.wait_for_url(re.compile(r"\?edit=route-"))
    dialog.get_by_text("The route is on").click()
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("off")
    row.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(names).to_have_text(["web", "all others"])


def test_who_may_only_look_sees_them_and_no_more(tocsin: Tocsin, browser: Browser) -> None:
    made(tocsin, "routes", name="looked at")
    visitor = viewer(tocsin, browser, "viewer of routes")
    page = visitor.page
    visitor.go("/settings/routes")
    expect(page.get_by_role("link", name="looked at")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("Try it out")).to_have_count(0)
    page.context.close()
    assert visitor.faults == []
