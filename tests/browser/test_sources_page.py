"""The pages of sources in a browser, against a running Tocsin."""

import re
import shlex
import subprocess

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)


def test_a_source_is_made_connected_and_watched(tocsin: Tocsin, visitor: Visitor) -> None:
    page = visitor.page
    visitor.go_as_admin("/sources")
    expect(page.get_by_role("row").filter(has_text="auto")).not_to_have_count(0)
    page.keyboard.press("n")
    page.get_by_label("Name").fill("racks/2")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="racks/2")).to_be_visible()
    light = page.get_by_role("status").filter(has_text="in 24 h")
    expect(light).to_contain_text("waiting for the first event")

    snippet = page.get_by_role("region", name="To copy")
    expect(snippet).to_contain_text(f"{tocsin.url}/in/source-")
    expect(snippet).to_contain_text("ACCESS_KEY")
    page.get_by_role("button", name="Show the key").click()
    expect(snippet).not_to_contain_text("ACCESS_KEY")
    said = subprocess.run(
        [*shlex.split(snippet.inner_text()), "--silent"], check=True, capture_output=True, timeout=30
    )
    assert b"opened" in said.stdout, said.stdout
    expect(light).to_contain_text("events come in")
    latest = page.get_by_role("list", name="Newest events")
    expect(latest.get_by_role("link")).to_contain_text("Disk full on db1")
    page.get_by_role("button", name="NRDP").click()
    expect(snippet).to_contain_text(f"send_nrdp.sh -u {tocsin.url}/nrdp/ -t ")
    page.wait_for_url(re.compile(r"/sources/.*\?for=nrdp"))

    page.get_by_label("Payload").fill('{"key": "db1/disk", "title": "Disk is well", "kind": "recovery"}')
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Understood as native: 1 item.")).to_be_visible()
    expect(page.get_by_text("the alert would be resolved")).to_be_visible()
    page.get_by_label("Payload").fill("{")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert visitor.grave_faults() == []

    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="racks/2")
    expect(row).to_contain_text("events come in")
    expect(row.get_by_role("link", name="1", exact=True)).to_have_attribute("href", re.compile("source_id"))
    assert visitor.grave_faults() == []
    visitor.go("/sources/%E0%A4%A")
    expect(page.get_by_text("There is no source %E0%A4%A that you may see.")).to_be_visible()


def test_what_was_not_taken_is_shown_and_taken_again(
    tocsin: Tocsin, browser: Browser, visitor: Visitor
) -> None:
    source = tocsin.create_source("torn", "native")
    tocsin.request(
        "POST",
        "/api/v1/events",
        json=[{"key": "torn"}, {"key": "whole", "title": "It is whole"}],
        headers={"Authorization": f"Bearer {source.access_key}"},
    )
    page = visitor.page
    visitor.go_as_admin("/sources/torn")
    rejected = page.get_by_role("list", name="Not taken")
    expect(rejected).to_contain_text("item 0: object missing required field `title`")
    rejected.get_by_text("As it came").click()
    expect(rejected).to_contain_text("It is whole")
    rejected.get_by_role("button", name="Take it again").click()
    expect(rejected.get_by_role("alert")).to_contain_text("missing required field `title`")

    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    on_telephone = Visitor(context, tocsin)
    on_telephone.go_as_admin("/sources/torn")
    on_telephone.page.get_by_role("list", name="Not taken").get_by_text("item 0").wait_for()
    assert on_telephone.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert on_telephone.grave_faults() == []
    on_telephone.go("/sources")
    on_telephone.page.get_by_role("link", name="torn").wait_for()
    assert on_telephone.page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
    assert on_telephone.faults == []
