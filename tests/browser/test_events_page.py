"""The events page in a browser, against a running Tocsin."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.servers.tocsin import Tocsin


def send(tocsin: Tocsin, *events: Mapping[str, object]) -> None:
    answer = tocsin.request("POST", "/api/v1/events", json=list(events))
    assert answer.status_code == 200, answer.text


def problem(key: str, title: str, **more: object) -> dict[str, object]:
    return {"key": key, "title": title, "host": key.partition("/")[0], **more}


def rows(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Events").get_by_role("option")


def test_the_first_event_shows_by_itself_and_others_wait(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.log_in("/events")
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    send(tocsin, problem("db1/disk", "Disk full on db1", service="disk", labels={"team": "storage"}))
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Disk full on db1")

    page.keyboard.press("j")
    send(tocsin, problem("web1/load", "Load is high on web1", severity="warning"))
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press(".")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("Load is high on web1")
