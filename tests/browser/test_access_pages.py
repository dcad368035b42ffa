"""The pages of users, roles, tokens and the audit log in a browser, against a running Tocsin."""

import re

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.browser.passing import look_on_a_telephone, viewer
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(180)


def test_a_role_and_a_user_are_made_used_and_deleted(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    page = visitor.page
    dialog = page.get_by_role("dialog")
    visitor.go_as_admin("/settings/roles")
    page.get_by_role("link", name="administrator").wait_for()
    page.keyboard.press("n")
    dialog.get_by_label("Name").fill("web shop")
    expect(dialog.get_by_label("see what is within the scope")).to_be_checked()
    scope = dialog.get_by_role("combobox", name="Expression")
    scope.fill("silenced_by:x")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("events and alerts share")
    scope.fill("host:web-*")
    scope.press("Enter")
    expect(dialog).to_contain_text("of the last 24 hours lie within it")
    assert visitor.grave_faults() == []
    dialog.get_by_role("button", name="Make it").click()
    role = page.get_by_role("row").filter(has_text="web shop")
    expect(role).to_contain_text("host:web-*")
    look_on_a_telephone(tocsin, browser, "/settings/roles", "web shop")

    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Users").click()
    page.get_by_role("link", name="admin", exact=True).wait_for()
    page.keyboard.press("n")
    dialog.get_by_label("Name").fill("ann")
    expect(dialog.get_by_label("Role").locator("option:checked")).to_have_text("viewer")
    dialog.get_by_label("Role").select_option("web shop")
    dialog.get_by_label("Password").fill("a password of ann")
    assert visitor.grave_faults() == []
    dialog.get_by_role("button", name="Make it").click()
    user = page.get_by_role("row").filter(has_text="ann")
    expect(user).to_contain_text("web shop")
    look_on_a_telephone(tocsin, browser, "/settings/users", "web shop")

    ann = Visitor(browser.new_context(), tocsin)
    ann.log_in("/settings", "ann", "a password of ann")
    ann.page.wait_for_url(re.compile("/settings/tokens$"))
    listed = ann.page.get_by_role("navigation", name="Settings").get_by_role("link")
    expect(listed).to_have_text(["Tokens"])
    ann.page.context.close()
    assert ann.faults == []

    user.get_by_role("button", name="Change").click()
    dialog.get_by_label("Disabled").check()
    dialog.get_by_role("button", name="Save").click()
    expect(user).to_contain_text("disabled")
    user.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(user).to_have_count(0)
    own = page.get_by_role("row").filter(has_text="(you)")
    expect(own.get_by_role("button", name="Delete")).to_have_count(0)
    visitor.go("/settings/roles")
    role.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(role).to_have_count(0)


def test_a_token_is_shown_once_works_and_is_revoked(tocsin: Tocsin, browser: Browser) -> None:
    visitor = viewer(tocsin, browser, "maker of tokens")
    page = visitor.page
    visitor.go("/settings/tokens")
    expect(page.get_by_text("There is no token yet.")).to_be_visible()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("nightly report")
    # A viewer's token cannot do what a viewer may not.
    expect(dialog.get_by_role("checkbox")).to_have_count(1)
    expect(dialog.get_by_label("see events and alerts")).to_be_checked()
    page.keyboard.press("Enter")
    shown = page.get_by_role("region", name="Tokens")
    secret = shown.inner_text()
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx2.get(f"{tocsin.url}/api/v1/events", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert visitor.grave_faults() == []
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="nightly report")
    expect(row).to_contain_text("see events and alerts")
    assert secret not in page.content()

    page.keyboard.press("j")
    expect(row.get_by_role("button", name="Revoke")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Revoke").press("Enter")
    expect(row).to_have_count(0)
    answer = httpx2.get(f"{tocsin.url}/api/v1/events", headers=headers, trust_env=False)
    assert answer.status_code == 401
    page.context.close()
    assert visitor.faults == []


def test_the_audit_log_says_who_changed_what_from_what_to_what(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    for method, path, document in (
        ("POST", "/api/v1/roles", {"name": "audited", "permissions": ["VIEWALL"]}),
        ("PATCH", "/api/v1/roles/audited", {"name": "audited since"}),
    ):
        assert tocsin.request(method, path, json=document).status_code < 300
    page = visitor.page
    visitor.go_as_admin("/settings/audit")
    bar = page.get_by_role("combobox", name="Expression")
    expect(page.get_by_role("list", name="Changes, the newest first")).to_be_visible()
    page.keyboard.press("/")
    bar.fill("action:role.change subject_name:audited*")
    bar.press("Enter")
    page.wait_for_url(re.compile(r"\?q=action"))
    entries = page.get_by_role("list", name="Changes, the newest first").get_by_role("listitem")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("by admin")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    change = page.get_by_role("table", name="What changed").get_by_role("row").last
    expect(change.get_by_role("cell")).to_have_text(["audited", "audited since"])
    assert visitor.grave_faults() == []
    look_on_a_telephone(tocsin, browser, "/settings/audit", "role.change")
    page.keyboard.press("/")
    bar.fill("nothing=x")
    bar.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def test_what_belongs_to_administrators_is_offered_to_nobody_else(tocsin: Tocsin, browser: Browser) -> None:
    visitor = viewer(tocsin, browser, "viewer of settings")
    page = visitor.page
    for path in ("users", "roles", "audit"):
        visitor.go(f"/settings/{path}")
        page.wait_for_url(re.compile("/settings/targets$"))
    listed = page.get_by_role("navigation", name="Settings").get_by_role("link")
    expect(listed).to_have_text(["Targets", "Routes", "Deliveries", "Tokens"])
    page.keyboard.press("4")
    page.wait_for_url(re.compile("/settings/tokens$"))
    page.context.close()
    assert visitor.faults == []
