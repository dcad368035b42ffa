"""The pages of targets and deliveries in a browser, against a running Tocsin and where it sends to."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.test_passing_on import PRIVATE, listening
from tests.browser.conftest import Visitor, problem, send
from tests.browser.passing import look_on_a_telephone, made, viewer
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.unit.dialects.receiver import Receiver, Reply

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """A Tocsin that sends to loopback addresses."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin"), environment=PRIVATE) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where it sends to."""
    with listening() as running:
        yield running


def test_a_target_is_made_tried_paused_changed_and_deleted(
    tocsin: Tocsin, browser: Browser, visitor: Visitor, receiver: Receiver
) -> None:
    page = visitor.page
    visitor.go_as_admin("/alerts")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/settings/targets$"))
    page.get_by_role("heading", name="Targets").wait_for()
    page.keyboard.press("n")
    page.get_by_label("Name").fill("chat room")
    page.get_by_label("Address").fill(f"{receiver.url}/hooks/s3cret")
    assert visitor.grave_faults() == []
    page.get_by_label("Name").press("Enter")
    shown = page.get_by_role("region", name="Secret")
    expect(shown).to_contain_text("whsec_")
    secret = shown.inner_text()
    page.get_by_role("dialog").get_by_text("Close", exact=True).click()

    row = page.get_by_role("row").filter(has_text="chat room")
    expect(row).to_contain_text("nothing was sent yet")
    row.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("delivered")
    expect(dialog).to_contain_text("HTTP 200")
    assert visitor.grave_faults() == []
    page.keyboard.press("Escape")
    expect(row).to_contain_text("takes what is sent")

    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("paused")
    expect(row.get_by_role("button", name="Send a test")).to_be_disabled()
    row.get_by_role("button", name="Go on").click()
    row.get_by_role("button", name="Change").click()
    page.wait_for_url(re.compile(r"\?edit=target-"))
    assert secret not in page.content()
    assert "s3cret" not in page.content()
    page.get_by_label("Name").fill("chat")
    page.get_by_text("Make a new secret").click()
    page.get_by_role("button", name="Save").click()
    expect(shown).to_contain_text("whsec_")
    assert shown.inner_text() != secret
    page.keyboard.press("Escape")
    chat = page.get_by_role("row").filter(has=page.get_by_role("link", name="chat", exact=True))
    expect(chat).to_be_visible()
    look_on_a_telephone(tocsin, browser, "/settings/targets", "chat")

    chat.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(chat).to_have_count(0)
    known = [each["name"] for each in tocsin.request("GET", "/api/v1/targets").json()["items"]]
    assert "chat" not in known


def test_what_was_given_up_is_found_understood_and_tried_again(
    tocsin: Tocsin, browser: Browser, visitor: Visitor, receiver: Receiver
) -> None:
    receiver.replies = [*[Reply(400, b"no such room")] * 2, Reply()]
    made(tocsin, "targets", name="fussy", kind="webhook", url=receiver.url)
    made(tocsin, "routes", name="for fussy", expression="host:fussy-*", targets=["fussy"])
    send(tocsin, problem("fussy-1", "disk", "Disk full"), problem("fussy-2", "disk", "Disk full"))
    page = visitor.page
    visitor.go_as_admin("/settings/deliveries")
    page.get_by_label("Target").select_option("fussy")
    page.get_by_label("State").select_option("given up")
    page.wait_for_url(re.compile(r"\?target=target-.*state=dead"))
    rows = page.get_by_role("row").filter(has_text="fussy-")
    expect(rows).to_have_count(2, timeout=30_000)
    expect(rows.first).to_contain_text("for fussy")
    rows.first.get_by_role("button", name="Show its attempts").click()
    expect(page.get_by_role("region", name="The answer")).to_have_text("no such room")
    expect(page.get_by_text("HTTP 400")).to_be_visible()
    assert visitor.grave_faults() == []
    look_on_a_telephone(tocsin, browser, "/settings/deliveries", "fussy-1/disk")

    rows.first.get_by_role("button", name="Try again").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Try 1 again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 delivery to fussy was given up.")
    dialog.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No delivery is found by this.")).to_be_visible()
    page.get_by_label("State").select_option("delivered")
    expect(rows).to_have_count(2, timeout=30_000)


def test_who_may_only_look_is_offered_no_more(tocsin: Tocsin, browser: Browser) -> None:
    made(tocsin, "targets", name="seen by all", kind="webhook", url="http://127.0.0.1:9/")
    visitor = viewer(tocsin, browser, "viewer of targets")
    page = visitor.page
    visitor.go("/settings")
    expect(page.get_by_role("row").filter(has_text="seen by all")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_have_count(0)
    visitor.go("/settings/targets?new=1")
    expect(page.get_by_role("row").filter(has_text="seen by all")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.context.close()
    assert visitor.faults == []
