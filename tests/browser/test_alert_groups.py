"""The board of alerts in groups: what each holds, opened and worked on by the keyboard alone."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)


def asked(visitor: Visitor) -> dict[str, str]:
    """Give what the address of the page holds."""
    return {name: values[0] for name, values in parse_qs(urlsplit(visitor.page.url).query).items()}


def heads(visitor: Visitor) -> Locator:
    """Give the heads of the groups."""
    return visitor.page.get_by_role("treeitem", level=1)


def alerts(visitor: Visitor) -> Locator:
    """Give the alerts of the groups that are open."""
    return visitor.page.get_by_role("treeitem", level=2)


def states(tocsin: Tocsin, q: str) -> dict[str, str]:
    """Give the state of each alert by its service."""
    items: list[dict[str, Any]] = tocsin.request("GET", "/api/v1/alerts", params={"q": q}).json()["items"]
    return {each["service"]: each["state"] for each in items}


def test_groups_are_opened_and_worked_on_without_a_mouse(
    tocsin: Tocsin, visitor: Visitor, browser: Browser
) -> None:
    send(
        tocsin,
        *(problem("fold-a", f"disk{n}", f"Full {n}", severity="warning") for n in range(3)),
        problem("fold-b", "load", "Load is high", severity="critical"),
    )
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:fold-*")
    expect(visitor.rows("Alerts")).to_have_count(4)
    page.get_by_label("Group by").select_option("severity")
    # The worst first, and not the greatest.
    expect(heads(visitor)).to_have_text([re.compile(r"critical\s*1"), re.compile(r"warning\s*3")])
    for key in ("j", "j", "ArrowRight"):
        page.keyboard.press(key)
    expect(alerts(visitor)).to_have_count(3)
    assert json.loads(asked(visitor)["open"]) == ["warning"]
    assert visitor.grave_faults() == []

    context = browser.new_context()
    colleague = Visitor(context, tocsin)
    colleague.go_as_admin(page.url.removeprefix(tocsin.url))
    expect(alerts(colleague)).to_have_count(3)
    context.close()

    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 alert resolved.")).to_be_visible()
    expect(alerts(visitor).first).to_contain_text("changed")
    expect(heads(visitor).last).to_contain_text("2")
    assert states(tocsin, "host=fold-a") == {"disk0": "open", "disk1": "open", "disk2": "resolved"}

    # On the head, an action is for the whole group.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(alerts(visitor)).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("All 2 alerts")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 alerts acknowledged.")).to_be_visible()
    assert set(states(tocsin, "host=fold-a state!=resolved").values()) == {"acknowledged"}
    page.keyboard.press("s")
    expect(page.get_by_label("Expression").last).to_have_value("host:fold-* severity=warning")
    page.keyboard.press("Escape")


def test_alerts_are_grouped_by_age_owner_and_label(tocsin: Tocsin, visitor: Visitor) -> None:
    send(
        tocsin,
        problem("by-a", "disk", "Disk full", severity="warning", labels={"team": "storage"}),
        problem("by-b", "load", "Load is high", severity="critical"),
    )
    bulk = {"q": "host=by-a", "action": "assign", "assignee": "ann", "expected": 1}
    assert tocsin.request("POST", "/api/v1/alerts/bulk", json=bulk).status_code == 200
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:by-*")
    grouping = page.get_by_label("Group by")
    grouping.select_option("by age")
    # As bad as the worst in it.
    expect(heads(visitor)).to_have_text([re.compile(r"critical\s*within the last hour\s*2")])
    heads(visitor).click()
    expect(alerts(visitor)).to_have_count(2)
    grouping.select_option("by owner")
    owners = [re.compile(r"critical\s*\(empty\)\s*1"), re.compile(r"warning\s*ann\s*1")]
    expect(heads(visitor)).to_have_text(owners)
    expect(alerts(visitor)).to_have_count(0)
    grouping.select_option("…")
    page.get_by_label("Field or label").fill("labels.team")
    page.keyboard.press("Enter")
    expect(heads(visitor)).to_have_text([re.compile(r"\(empty\)\s*1"), re.compile(r"storage\s*1")])
    grouping.select_option("in a list")
    expect(visitor.rows("Alerts")).to_have_count(2)


def test_what_comes_in_moves_nothing_under_who_works(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("still-a", "disk1", "Disk full"))
    page = visitor.page
    visitor.go_as_admin('/alerts?q=host:still-*&group=host&open=["still-a"]')
    expect(alerts(visitor)).to_have_count(1)
    send(tocsin, problem("still-a", "disk2", "Disk full, too"))
    expect(alerts(visitor)).to_have_count(2)
    for key in ("j", "j"):
        page.keyboard.press(key)
    send(
        tocsin,
        *(problem("still-b", f"disk{n}", "Disk full") for n in range(5)),
        problem("still-a", "disk3", "Disk full as well"),
        {"key": "still-a/disk1", "title": "Disk is well", "kind": "recovery"},
    )
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(heads(visitor)).to_have_text([re.compile("still-a"), re.compile("still-b")])
    expect(alerts(visitor)).to_have_count(2)
    expect(alerts(visitor).last).to_contain_text("changed")
    page.keyboard.press(".")
    expect(heads(visitor)).to_have_text([re.compile("still-b"), re.compile("still-a")])
    expect(alerts(visitor)).to_have_text([re.compile("as well"), re.compile("too")])


def test_a_group_of_thousands_is_counted_and_read_page_by_page(tocsin: Tocsin, visitor: Visitor) -> None:
    for severity, number in (("info", 1_000), ("critical", 150)):
        many = [problem("vast-a", f"{severity}{n}", f"{severity} {n}") for n in range(number)]
        send(tocsin, *(each | {"severity": severity} for each in many))
    page = visitor.page
    read: list[str] = []
    page.on("request", lambda asked: read.append(asked.url) if "/api/v1/alerts?" in asked.url else None)
    visitor.go_as_admin("/alerts?q=host:vast-*&group=host")
    expect(heads(visitor)).to_contain_text("1,150")
    assert read == []
    heads(visitor).click()
    expect(alerts(visitor).first).to_contain_text("critical 149")
    assert len(read) <= 4
    for _ in range(2):
        page.get_by_role("tree").evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(500)
    # After all that is critical comes the rest, the newest first.
    expect(alerts(visitor).filter(has_text="info 999")).to_be_attached()
