"""The statistics page in a browser, against a running Tocsin: its numbers, and where they lead."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = [pytest.mark.timeout(120), pytest.mark.usefixtures("story")]

ASKED = "labels.test=stat"
PATH = f"/statistics?q={quote(ASKED)}"


@pytest.fixture(scope="module")
def story(tocsin: Tocsin) -> datetime:
    """Tell a story of 9 events and 5 alerts; give an hour in it, two days ago."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    labels = {"test": "stat"}

    def event(host: str, service: str, severity: str = "critical", **more: object) -> dict[str, object]:
        more = {"occurred_at": hour.isoformat()} | more
        return problem(host, service, f"{service} of {host}", severity=severity, labels=labels, **more)

    send(
        tocsin,
        *(event("stat-db", "disk", rule="Full") for _ in range(3)),
        event("stat-web", "load", "warning", rule="Busy"),
        event("stat-mail", "queue", "warning", occurred_at=(hour + timedelta(hours=1)).isoformat()),
        # It flaps: opened three times, and once resolved by its sender.
        event("stat-mail", "queue", kind="recovery"),
        event("stat-mail", "queue", "warning"),
    )
    answer = tocsin.request("GET", "/api/v1/alerts", params={"q": f"{ASKED} host=stat-mail state=open"})
    (alert,) = answer.json()["items"]
    tocsin.request("POST", f"/api/v1/alerts/{alert['id']}/resolve", json={})
    send(tocsin, event("stat-mail", "queue", "warning"))
    answer = tocsin.request("GET", "/api/v1/alerts", params={"q": f"{ASKED} host=stat-db"})
    (alert,) = answer.json()["items"]
    tocsin.request("POST", f"/api/v1/alerts/{alert['id']}/acknowledge", json={})
    return hour


def card(visitor: Visitor, name: str) -> Locator:
    """Give what a card says."""
    numbers = visitor.page.locator("dl .card")
    return numbers.filter(has=visitor.page.get_by_text(name, exact=True)).locator("dd a")


def table(visitor: Visitor, title: str) -> Locator:
    """Give the section with a title."""
    return visitor.page.locator("section").filter(has=visitor.page.get_by_role("heading", name=title))


def cells(visitor: Visitor, title: str) -> list[list[str]]:
    """Give the texts of a table."""
    rows = table(visitor, title).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def test_the_numbers_are_those_of_the_story(visitor: Visitor) -> None:
    visitor.go_as_admin(PATH)
    expect(card(visitor, "alerts opened")).to_have_text("5")
    expect(card(visitor, "acknowledged")).to_have_text("1")
    expect(card(visitor, "resolved")).to_have_text("2")
    expect(card(visitor, "not resolved now")).to_have_text("3")
    expect(card(visitor, "events")).to_have_text("8")
    expect(visitor.page.locator("section")).to_have_count(7)
    assert cells(visitor, "Noisiest hosts") == [
        ["stat-mail", "4", "50 %"],
        ["stat-db", "3", "38 %"],
        ["stat-web", "1", "13 %"],
    ]
    assert cells(visitor, "Noisiest rules")[:2] == [["(empty)", "4", "50 %"], ["Full", "3", "38 %"]]
    assert cells(visitor, "Opened again most often") == [["stat-mail · queue", "stat-mail/queue", "3"]]
    took = cells(visitor, "How long alerts took")
    assert [row[:3] for row in took] == [
        ["acknowledgement", "all", "1"],
        ["acknowledgement", "critical", "1"],
        ["resolution", "all", "2"],
        ["resolution", "warning", "2"],
    ]
    assert all(text.endswith(" s") for row in took for text in row[3:])
    assert visitor.grave_faults() == []


@pytest.mark.parametrize("name", ["events", "alerts opened", "acknowledged", "resolved", "not resolved now"])
def test_a_card_leads_to_as_many_as_it_says(visitor: Visitor, name: str) -> None:
    visitor.go_as_admin(PATH)
    expect(card(visitor, name)).not_to_have_text("0")
    number = int(card(visitor, name).inner_text())
    card(visitor, name).click()
    expect(visitor.rows("Events" if name == "events" else "Alerts")).to_have_count(number)


@pytest.mark.parametrize(
    ("title", "row", "number", "page"),
    [
        ("Noisiest hosts", "stat-db", 3, "Events"),
        ("Noisiest rules", "(empty)", 4, "Events"),
        ("Opened again most often", "stat-mail/queue", 3, "Alerts"),
        ("How long alerts took", "warning", 2, "Alerts"),
    ],
)
def test_a_row_leads_to_its_list(visitor: Visitor, title: str, row: str, number: int, page: str) -> None:
    visitor.go_as_admin(PATH)
    line = table(visitor, title).locator("tbody tr").filter(has_text=row)
    line.get_by_role("link", name=str(number), exact=True).click()
    expect(visitor.rows(page)).to_have_count(number)


def test_the_heat_is_in_the_time_zone_of_who_looks(story: datetime, tocsin: Tocsin, browser: Browser) -> None:
    context = browser.new_context(timezone_id="Asia/Kolkata")
    visitor = Visitor(context, tocsin)
    visitor.go_as_admin(PATH)
    there = story + timedelta(hours=5, minutes=30)
    said = f"{there:%a} {there:%H}:00: 7"
    visitor.page.get_by_role("link", name=said).click()
    expect(visitor.rows("Events")).to_have_count(7)
    context.close()
    assert visitor.faults == []


def test_counts_over_time_are_parted_by_any_field_and_the_address_holds_it(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.go_as_admin(PATH)
    page.get_by_label("By", exact=True).select_option("host")
    over_time = table(visitor, "Over time")
    expect(over_time.get_by_role("listitem")).to_have_text(["stat-mail 4", "stat-db 3", "stat-web 1"])
    assert parse_qs(urlsplit(page.url).query)["by"] == ["host"]
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Over time as CSV").click()
    path = tmp_path / "table.csv"
    downloading.value.save_as(path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [sum(int(row[name]) for row in rows) for name in ("stat-mail", "stat-db", "stat-web")] == [4, 3, 1]
    over_time.get_by_role("link", name="3", exact=True).click()
    expect(visitor.rows("Events")).to_have_count(3)
    page.go_back()
    page.get_by_label("By", exact=True).select_option("…")
    page.get_by_label("Field or label").fill("labels.test")
    page.keyboard.press("Enter")
    expect(over_time.get_by_role("listitem")).to_have_text(["stat 8"])


def test_what_alerts_do_not_know_is_left_out_and_said(visitor: Visitor) -> None:
    visitor.go_as_admin(f"{PATH}%20kind:recovery")
    expect(card(visitor, "events")).to_have_text("1")
    expect(card(visitor, "alerts opened")).to_have_text("5")
    expect(visitor.page.get_by_text("Alerts do not know kind:recovery")).to_be_visible()


def test_it_shows_in_the_dark_and_on_a_telephone(tocsin: Tocsin, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark", viewport={"width": 390, "height": 844})
    visitor = Visitor(context, tocsin)
    visitor.go_as_admin(PATH)
    expect(card(visitor, "events")).to_have_text("8")
    wide: int = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert visitor.grave_faults() == []
    context.close()
    assert visitor.faults == []
