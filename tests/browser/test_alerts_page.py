"""The alerts page in a browser, against a running Tocsin."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import PASSWORD, Tocsin

pytestmark = pytest.mark.timeout(120)


def alerts(tocsin: Tocsin, q: str) -> list[dict[str, Any]]:
    answer = tocsin.request("GET", "/api/v1/alerts", params={"q": q})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_problems_are_worked_on_without_a_mouse(tocsin: Tocsin, visitor: Visitor) -> None:
    send(
        tocsin,
        problem("keys-web1", "load", "Load is high", severity="warning"),
        problem("keys-db1", "disk", "Disk full", severity="critical"),
        problem("keys-db2", "disk", "Disk nearly full", severity="error"),
    )
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:keys-*")
    rows = visitor.rows("Alerts")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Disk full")
    expect(rows.nth(2)).to_contain_text("Load is high")

    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.type("looking into it")
    page.keyboard.press("Tab")
    page.keyboard.type("in 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows.nth(0)).to_contain_text("admin · 1 h 59 min")
    (alert,) = alerts(tocsin, "host=keys-db1")
    assert (alert["state"], alert["acknowledged_comment"]) == ("acknowledged", "looking into it")
    page.get_by_role("button", name="Undo").click()
    expect(rows.nth(0)).not_to_contain_text("admin")

    for key in ("j", "x", "j", "x", "r"):
        page.keyboard.press(key)
    page.keyboard.type("all well")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 alerts resolved.")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("changed")
    assert {each["host"] for each in alerts(tocsin, "host:keys-* state=resolved")} == {
        "keys-web1",
        "keys-db2",
    }

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Acknowledge")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/events"))


def test_a_board_that_nobody_works_on_is_up_to_date(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go_as_admin("/?q=host:board-*")
    expect(page.get_by_text("No alert is found by this")).to_be_visible()
    send(tocsin, problem("board-web1", "load", "Load is high", severity="warning"))
    expect(visitor.rows("Alerts")).to_have_count(1)
    send(tocsin, problem("board-db1", "disk", "Disk full"))
    expect(visitor.rows("Alerts").first).to_contain_text("Disk full")

    page.keyboard.press("j")
    send(tocsin, problem("board-db2", "disk", "Disk full, too"))
    send(tocsin, {"key": "board-db1/disk", "title": "Disk is well", "kind": "recovery"})
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(visitor.rows("Alerts").first).to_contain_text("changed")
    page.keyboard.press(".")
    expect(visitor.rows("Alerts").first).to_contain_text("Disk full, too")
    expect(visitor.rows("Alerts")).to_have_count(2)


def test_what_is_found_is_silenced_after_one_has_seen_what_that_is(tocsin: Tocsin, visitor: Visitor) -> None:
    send(
        tocsin,
        *(problem(f"quiet-web{each}", "load", "Load is high") for each in range(3)),
        problem("quiet-db1", "disk", "Disk full"),
    )
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:quiet-web*")
    expect(visitor.rows("Alerts")).to_have_count(3)
    page.get_by_role("button", name="Silence this filter").click()
    dialog = page.get_by_role("dialog", name="Silence")
    expect(dialog).to_contain_text("It matches 3 open alerts, and 3 events of the last 24 hours.")
    expect(dialog).to_contain_text("quiet-web0 · load: Load is high")
    dialog.get_by_label("Expression").fill("host:quiet-*")
    expect(dialog).to_contain_text("It matches 4 open alerts")
    dialog.get_by_label("Expression").fill("severity=bad")
    expect(dialog.get_by_role("alert")).to_contain_text("expected one of critical")
    expect(dialog.get_by_role("button", name="Silence", exact=True)).to_be_disabled()
    dialog.get_by_label("Expression").fill("host:quiet-*")
    dialog.get_by_label("Comment").fill("moving the racks")
    dialog.get_by_role("button", name="Silence", exact=True).click()
    expect(page.get_by_text("Silenced. It ends in 2 hours.")).to_be_visible()
    (silence,) = tocsin.request("GET", "/api/v1/silences", params={"state": "active"}).json()["items"]
    assert (silence["expression"], silence["comment"]) == ("host:quiet-*", "moving the racks")

    page.keyboard.press("g")
    page.keyboard.press("s")
    listed = page.get_by_role("list", name=re.compile("^(Active|Over)$")).get_by_role("listitem")
    expect(listed).to_contain_text("moving the racks")
    expect(listed).to_contain_text("another 1 h 59 min")
    listed.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Nothing is silenced now.")).to_be_visible()
    page.get_by_role("button", name="Over").click()
    expect(listed).to_contain_text("moving the racks")
    assert tocsin.request("GET", "/api/v1/silences", params={"state": "active"}).json()["items"] == []


def test_all_that_is_found_is_acted_on_if_it_is_as_many_as_one_saw(tocsin: Tocsin, visitor: Visitor) -> None:
    count = 1_005
    problems = [problem("many-1", f"service{each}", "Too many", severity="info") for each in range(count)]
    send(tocsin, *problems)
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:many-*")
    expect(page.get_by_text("Shown are the worst 1,000 of 1,005.")).to_be_visible()
    visitor.rows("Alerts").first.wait_for()
    page.keyboard.press("X")
    page.get_by_role("button", name="Choose all 1,005").click()
    page.keyboard.press("a")
    tocsin.request(
        "POST", "/api/v1/alerts/bulk", json={"q": "key=many-1/service7", "action": "resolve", "expected": 1}
    )
    dialog = page.get_by_role("dialog", name="Acknowledge")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(dialog.get_by_role("alert")).to_contain_text("1005 alerts were expected, and there are 1004")
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_text("Shown are the worst 1,000 of 1,004.").wait_for()
    visitor.rows("Alerts").first.wait_for()
    page.keyboard.press("X")
    page.get_by_role("button", name="Choose all 1,004").click()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1,004 alerts acknowledged.")).to_be_visible()


def test_an_alert_has_an_address_of_its_own(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("one-db1", "disk", "Disk full"))
    (alert,) = alerts(tocsin, "host=one-db1")
    page = visitor.page
    visitor.go_as_admin(f"/alerts/{alert['id']}")
    panel = page.get_by_role("complementary", name="Alert")
    expect(panel).to_contain_text("Disk full")
    panel.get_by_role("button", name="Note").click()
    page.keyboard.type("It is the backup.")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("note · admin")
    expect(panel).to_contain_text("It is the backup.")
    send(tocsin, {"key": "one-db1/disk", "title": "Disk is well", "kind": "recovery"})
    expect(panel).to_contain_text("recovery")
    expect(panel.get_by_role("button", name="Resolve")).to_be_hidden()


def test_who_may_only_look_is_offered_nothing_else(tocsin: Tocsin, visitor: Visitor) -> None:
    wanted = {"name": "vera", "role": "viewer", "password": "vera looks on"}
    assert tocsin.request("POST", "/api/v1/users", json=wanted).status_code == 201
    send(tocsin, problem("look-db1", "disk", "Disk full"))
    page = visitor.page
    visitor.log_in("/alerts?q=host:look-*", "vera", "vera looks on")
    visitor.rows("Alerts").first.click()
    expect(page.get_by_role("complementary", name="Alert")).to_contain_text("It opened the alert")
    for name in ("Acknowledge", "Resolve", "Silence", "Note"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_session_that_ended_asks_for_the_password_and_goes_on_there(
    tocsin: Tocsin, visitor: Visitor
) -> None:
    send(tocsin, problem("ended-db1", "disk", "Disk full"))
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:ended-*")
    expect(visitor.rows("Alerts")).to_have_count(1)
    page.get_by_role("button", name="Acknowledged").click()
    expect(page.get_by_text("No alert is found by this")).to_be_visible()
    page.context.clear_cookies()
    # Whatever the page asks for next finds out.
    send(tocsin, problem("ended-db1", "load", "Load is high"))
    expect(page.get_by_text("The session has ended")).to_be_visible()
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("wrong name or password")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No alert is found by this")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledged")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in to Tocsin")).to_be_visible()


def test_alerts_are_given_to_people_and_found_by_them(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("own-db1", "disk", "Disk full"), problem("own-web1", "load", "Load is high"))
    page = visitor.page
    visitor.go_as_admin("/alerts?q=host:own-*&order=oldest")
    rows = visitor.rows("Alerts")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("w")
    expect(page.get_by_label("To whom")).to_have_value("admin")
    page.get_by_role("button", name="Assign", exact=True).last.click()
    expect(rows.nth(0)).to_contain_text("→ admin")
    page.get_by_role("button", name="Nobody's").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("own-web1")
    page.get_by_role("button", name="Nobody's").click()
    page.get_by_role("button", name="Mine").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("own-db1")
    rows.first.click()
    panel = page.get_by_role("complementary", name="Alert")
    panel.get_by_role("button", name="Assign").click()
    page.get_by_label("To whom").fill("ann")
    page.get_by_label("Comment").fill("knows the vendor")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("assigned to ann: knows the vendor")
    assert [each["assignee"] for each in alerts(tocsin, "host:own-db1")] == ["ann"]
