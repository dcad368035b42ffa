"""The page of silences in a browser, against a running Tocsin."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import create_engine, update

from tests.browser.conftest import Visitor, problem, send
from tests.browser.passing import look_on_a_telephone, made, viewer
from tests.servers.tocsin import Tocsin
from tocsin.store import tables

pytestmark = pytest.mark.timeout(180)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def test_a_silence_says_what_it_holds_back_and_is_changed_copied_and_ended(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    made(tocsin, "silences", expression="host:quiet-1", duration=9000, comment="new racks")
    send(tocsin, problem("quiet-1", "disk", "Disk full on quiet-1"))
    page = visitor.page
    visitor.go_as_admin("/alerts")
    page.keyboard.press("g")
    page.keyboard.press("s")
    active = page.get_by_role("list", name="Active")
    row = active.get_by_role("listitem").filter(has_text="host:quiet-1")
    expect(row).to_contain_text("holds back 1 alert now")
    expect(row).to_contain_text("another 2 h 29 min")
    assert visitor.grave_faults() == []
    look_on_a_telephone(tocsin, browser, "/silences", "new racks")

    row.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("It ends").select_option("in 8 hours")
    dialog.get_by_label("Comment").fill("new racks, and more")
    assert visitor.grave_faults() == []
    dialog.get_by_role("button", name="Change").click()
    expect(row).to_contain_text("another 7 h 59 min")
    expect(row).to_contain_text("new racks, and more")

    row.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_label("Comment")).to_have_value("new racks, and more")
    dialog.get_by_label("Expression").fill("host:quiet-2")
    dialog.get_by_label("It begins").select_option("at …")
    dialog.get_by_label("It lasts").select_option("1 hour")
    dialog.get_by_role("button", name="Silence", exact=True).click()
    expect(page.get_by_text("The silence is planned.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^To come")).click()
    coming = page.get_by_role("list", name="To come").get_by_role("listitem")
    expect(coming.filter(has_text="host:quiet-2")).to_contain_text("in 59 min")

    timeline = page.get_by_role("region", name="What is silenced, and when")
    timeline.get_by_role("button", name="Day").click()
    page.wait_for_url(re.compile("span=day"))
    timeline.get_by_role("button", name="host:quiet-1").click()
    expect(row).to_be_focused()
    row.get_by_role("link", name="holds back 1 alert now").click()
    expect(visitor.rows("Alerts")).to_contain_text(["Disk full on quiet-1"])
    page.go_back()
    row.get_by_role("button", name="End it now").click()
    expect(row).to_have_count(0)


def test_those_that_end_soon_and_those_that_match_nothing_are_found(tocsin: Tocsin, visitor: Visitor) -> None:
    made(tocsin, "silences", expression="host:ends-soon", duration=600)
    stale = made(tocsin, "silences", expression="host:matches-nothing", ends_at=in_hours(48))
    engine = create_engine(tocsin.store_url)
    with engine.begin() as connection:
        columns = tables.silence.c
        since = int((datetime.now(UTC) - timedelta(days=2)).timestamp()) * 1_000_000
        connection.execute(update(tables.silence).where(columns.id == stale["id"]).values(starts_at=since))
    engine.dispose()
    page = visitor.page
    visitor.go_as_admin("/silences?show=ending")
    expect(page.get_by_role("list", name="Ending soon")).to_contain_text("host:ends-soon")
    expect(page.get_by_role("list", name="Ending soon")).not_to_contain_text("host:matches-nothing")
    page.get_by_role("button", name=re.compile("^Stale")).click()
    expect(page.get_by_role("list", name="Stale")).to_contain_text("host:matches-nothing")
    expect(page.get_by_role("list", name="Stale")).not_to_contain_text("host:ends-soon")
    expect(page.get_by_role("list", name="Stale")).to_contain_text("matched nothing in 7 days")
    page.keyboard.press("j")
    expect(page.get_by_role("list", name="Stale").get_by_role("listitem")).to_be_focused()


def test_who_may_only_look_is_offered_no_silence(tocsin: Tocsin, browser: Browser) -> None:
    made(tocsin, "silences", expression="host:looked-at", duration=600)
    visitor = viewer(tocsin, browser, "viewer of silences")
    page = visitor.page
    visitor.go("/silences")
    row = page.get_by_role("list", name="Active").get_by_role("listitem").filter(has_text="host:looked-at")
    expect(row).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="New silence")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.context.close()
    assert visitor.faults == []
