"""The page of hosts in a browser, against a running Tocsin."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

LIST = "Hosts and services, by name"


def downtimes(tocsin: Tocsin, q: str) -> list[dict[str, Any]]:
    answer = tocsin.request("GET", "/api/v1/downtimes", params={"q": q})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_hosts_are_found_and_put_into_a_downtime_that_is_cancelled(tocsin: Tocsin, visitor: Visitor) -> None:
    send(
        tocsin,
        problem("down-web1", "load", "Load is high", severity="warning"),
        problem("down-web1", "disk", "Disk full", severity="critical"),
        problem("down-web2", "disk", "Disk full", severity="critical"),
        {**problem("down-web2", "disk", "Disk is well"), "kind": "recovery"},
    )
    page = visitor.page
    visitor.go_as_admin("/hosts?q=host:down-*")
    rows = visitor.rows(LIST)
    expect(rows).to_have_count(5)
    expect(rows.filter(has_text="down-web1 · load")).to_contain_text("warning")
    page.get_by_role("button", name="In trouble").click()
    expect(rows).to_have_count(2)
    page.wait_for_url(re.compile("show=trouble"))
    page.get_by_role("button", name="All", exact=True).click()
    expect(rows).to_have_count(5)

    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name="Downtime")
    expect(dialog).to_contain_text("It is over 5 hosts and services.")
    dialog.get_by_label("Expression").fill("host=bad(")
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Expression").fill('host=down-web1 service=""')
    expect(dialog).to_contain_text("It is over 3 hosts and services.")
    dialog.get_by_label("Comment").fill("new disks")
    assert visitor.grave_faults() == []
    send(tocsin, problem("down-web1", "fan", "A fan stands still"))
    dialog.get_by_role("button", name="Put 3 into a downtime").click()
    expect(dialog.get_by_role("alert")).to_contain_text("it would be over 4 hosts and services, not 3")
    dialog.get_by_label("Expression").fill("host=down-web1")
    dialog.get_by_role("button", name="Put 4 into a downtime").click()
    expect(page.get_by_text("It ends in 2 hours.")).to_be_visible()
    expect(rows.filter(has_text="in downtime")).to_have_count(4)
    assert visitor.grave_faults() == []

    page.get_by_role("button", name="Downtimes", exact=True).click()
    listed = page.get_by_role("list", name="Downtimes")
    expect(listed).to_contain_text("new disks")
    expect(listed).to_contain_text("4 hosts and services")
    assert visitor.grave_faults() == []
    listed.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("No downtime runs or waits.")).to_be_visible()
    assert downtimes(tocsin, "host=down-web1") == []


def test_a_telephone_in_the_dark_shows_hosts_and_who_may_only_look_puts_none_into_a_downtime(
    tocsin: Tocsin, browser: Browser
) -> None:
    wanted = {"name": "hanna", "role": "viewer", "password": "hanna looks on"}
    assert tocsin.request("POST", "/api/v1/users", json=wanted).status_code == 201
    send(tocsin, problem("small-db1", "a service with a long name", "Disk full"))
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    visitor = Visitor(context, tocsin)
    page = visitor.page
    visitor.log_in("/hosts?q=host:small-*", "hanna", "hanna looks on")
    expect(visitor.rows(LIST)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert visitor.grave_faults() == []
    expect(page.get_by_role("button", name="Downtime for these")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url(re.compile(r"/events\?q=host%3Dsmall-db1"))
    context.close()
    assert visitor.faults == []
