"""How the connection to a source stands that is fetched from, in a browser, against a small Icinga."""

import re
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.unit.dialects.icinga2.fake import PASSWORD, USER, answering, result, standing

pytestmark = pytest.mark.timeout(120)


def pull(tocsin: Tocsin) -> dict[str, Any] | None:
    found: dict[str, Any] | None = tocsin.request("GET", "/api/v1/sources/icinga").json()["pull"]
    return found


def test_how_it_is_connected_and_what_was_missed(browser: Browser, tmp_path: Path) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(answering()) as icinga,
        # It ends first, so that it does not connect to what is about to go.
        running_tocsin(tmp_path, environment={"TOCSIN_PRIVATE_TARGETS": "true"}) as tocsin,
    ):
        options = {"url": icinga.url, "user": USER, "fingerprint": icinga.certificates.fingerprint}
        wanted: dict[str, Any] = {"name": "icinga", "format": "icinga2", "secret": "wrong"}
        wanted["options"] = {"format_options": options}
        made = tocsin.request("POST", "/api/v1/sources", json=wanted)
        assert made.status_code == 201, made.text
        context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
        visitor = Visitor(context, tocsin)
        page = visitor.page
        while not (pull(tocsin) or {}).get("trouble"):
            page.wait_for_timeout(100)
        visitor.go_as_admin("/sources/icinga")
        stands = page.get_by_role("status").filter(has_text=re.compile("onnected"))
        expect(stands).to_have_text("Not connected")
        expect(
            page.get_by_text("status 401 for events: the user or the password is not taken")
        ).to_be_visible()
        expect(page.get_by_text(re.compile(r"It is asked again in \d+ s|It is being asked"))).to_be_visible()
        gaps = page.get_by_role("list", name="Gaps")
        expect(gaps).to_contain_text("None since it was connected first.")
        expect(page.get_by_text("Nothing has been heard of it yet.")).to_be_visible()
        assert visitor.grave_faults() == []
        visitor.go("/sources")
        row = page.get_by_role("row").filter(has_text="icinga2")
        expect(row).to_contain_text("not connected")
        assert visitor.grave_faults() == []
        row.get_by_role("link").first.click()

        tocsin.request("PATCH", "/api/v1/sources/icinga", json={"secret": PASSWORD})
        expect(stands).to_have_text("Connected")
        expect(page.get_by_text(f"by the node {(pull(tocsin) or {})['node']}")).to_be_visible()
        icinga.objects["services"] = [
            standing("web1", "disk", result(2)),
            standing("web1", "load", result(0)),
        ]
        portal.call(icinga.hang_up)
        expect(gaps).to_contain_text("2 differences recorded")
        expect(gaps).to_contain_text("ended the stream")
        expect(stands).to_have_text("Connected")
        expect(page.get_by_text("All is recorded that it said up to")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert visitor.grave_faults() == []
        context.close()
        assert visitor.faults == []
