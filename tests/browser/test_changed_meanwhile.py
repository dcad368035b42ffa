"""What somebody else changed while one was changing it is not lost: it is said, and loaded anew."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.passing import made
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

SAID = "Somebody else has changed it meanwhile, so nothing was saved."
THINGS: dict[str, dict[str, Any]] = {
    "targets": {"kind": "webhook", "url": "https://pager.example.com/"},
    "routes": {"expression": "host:db*", "targets": []},
    "users": {"role": "viewer", "password": "a password of some length"},
    "roles": {"permissions": ["VIEWSOME"], "scope": "host:db*"},
}


@pytest.mark.parametrize("what", THINGS)
def test_a_change_of_somebody_else_is_not_overwritten(tocsin: Tocsin, visitor: Visitor, what: str) -> None:
    thing = made(tocsin, what, name=f"before-{what}", **THINGS[what])
    at = f"/api/v1/{what}/{thing['id']}"
    page = visitor.page
    visitor.go_as_admin(f"/settings/{what}?edit={thing['id']}")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value(f"before-{what}")
    assert tocsin.request("PATCH", at, json={"name": f"theirs-{what}"}).status_code == 200
    dialog.get_by_label("Name", exact=True).fill(f"mine-{what}")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(SAID)
    assert visitor.grave_faults() == []
    assert tocsin.request("GET", at).json()["name"] == f"theirs-{what}"

    dialog.get_by_role("button", name="Load it anew").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value(f"theirs-{what}")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_label("Name", exact=True).fill(f"mine-{what}")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert tocsin.request("GET", at).json()["name"] == f"mine-{what}"


def test_a_silence_that_was_changed_meanwhile_is_loaded_anew(tocsin: Tocsin, visitor: Visitor) -> None:
    silence = made(
        tocsin, "silences", expression="host=meanwhile", comment="mine", ends_at="2099-01-01T00:00:00Z"
    )
    page = visitor.page
    visitor.go_as_admin("/silences")
    page.get_by_role("listitem").filter(has_text="host=meanwhile").get_by_role(
        "button", name="Change"
    ).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Comment")).to_have_value("mine")
    at = f"/api/v1/silences/{silence['id']}"
    assert tocsin.request("PATCH", at, json={"comment": "theirs"}).status_code == 200
    dialog.get_by_label("Comment").fill("longer")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(SAID)
    dialog.get_by_role("button", name="Load it anew").click()
    expect(dialog.get_by_label("Comment")).to_have_value("theirs")


def test_a_view_that_was_changed_meanwhile_is_loaded_anew(tocsin: Tocsin, visitor: Visitor) -> None:
    view = made(tocsin, "views", name="Meanwhile", page="alerts", expression="host=meanwhile")
    at = f"/api/v1/views/{view['id']}"
    page = visitor.page
    visitor.go_as_admin(f"/alerts?view={view['id']}")
    page.get_by_role("button", name="View: Meanwhile").click()
    page.get_by_text("Rename or share").click()
    assert tocsin.request("PATCH", at, json={"name": "Theirs"}).status_code == 200
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Mine")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(SAID)
    dialog.get_by_role("button", name="Load it anew").click()
    expect(dialog.get_by_label("Name")).to_have_value("Theirs")
    page.keyboard.press("Escape")

    page.get_by_label("Order").select_option("oldest first")
    assert tocsin.request("PATCH", at, json={"order": "newest"}).status_code == 200
    for said in ("Somebody else has changed the view meanwhile", "Theirs is saved."):
        page.get_by_role("button", name="View: Theirs, changed").click()
        page.get_by_text("Save the changes").click()
        expect(page.get_by_text(said)).to_be_visible()
    assert tocsin.request("GET", at).json()["order"] == "oldest"
