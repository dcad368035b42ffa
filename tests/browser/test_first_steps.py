"""A new Tocsin in a browser: from the password that it printed to the first event, as somebody new goes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor, send
from tests.servers.alertmanager import running_alertmanager
from tests.servers.tocsin import PASSWORD, Tocsin, running_tocsin

pytestmark = pytest.mark.timeout(180)


def systems(page: Page) -> list[str]:
    """Give what can be chosen."""
    buttons = page.get_by_role("listitem").filter(has_text="What sends your alarms?").get_by_role("button")
    return buttons.all_inner_texts()


def test_somebody_new_connects_alertmanager_and_sees_its_first_alert(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "alertmanager").mkdir()
    with running_tocsin(tmp_path) as tocsin:
        visitor = Visitor(browser.new_context(), tocsin)
        page = visitor.page
        visitor.go("/")
        expect(page.get_by_text("was printed when Tocsin started")).to_be_visible()
        visitor.log_in("/", "admin", PASSWORD)
        expect(page.get_by_role("heading", name="Welcome to Tocsin")).to_be_visible()
        page.get_by_label("Password now").fill("wrong")
        page.get_by_label("New password").fill("my own password")
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong name or password")
        page.get_by_label("Password now").fill(PASSWORD)
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_text("It is changed.")).to_be_visible()
        assert visitor.grave_faults() == []

        page.get_by_role("button", name="Alertmanager").click()
        light = page.get_by_role("status").filter(has_text="first event")
        expect(light).to_contain_text("Waiting for the first event")
        snippet = page.get_by_role("region", name="To copy").inner_text()
        assert f"{tocsin.url}/in/source-" in snippet
        assert "ACCESS_KEY" not in snippet
        expect(page.get_by_role("region", name="To try it")).to_contain_text("amtool")
        assert visitor.grave_faults() == []
        page.reload()
        expect(page.get_by_role("region", name="To copy")).to_have_text(snippet)

        quick = snippet.replace("receiver: tocsin\n", "receiver: tocsin\n  group_wait: 10ms\n", 1)
        with running_alertmanager(tmp_path / "alertmanager", quick) as alertmanager:
            expect(light).to_contain_text("Waiting")
            alertmanager.post(
                {"labels": {"alertname": "DiskFull", "instance": "db1", "severity": "critical"}}
            )
            expect(light).to_contain_text("The first event is here.")
        expect(page.get_by_text("db1 · DiskFull")).to_be_visible()
        assert visitor.grave_faults() == []
        expect(page.get_by_role("link", name="Look at its alert")).to_be_in_viewport()
        page.get_by_role("link", name="Look at its alert").click()
        page.wait_for_url(re.compile(r"/alerts/alert-\d+"))
        expect(page.get_by_role("complementary", name="Alert")).to_contain_text("DiskFull")

        visitor.go("/")
        expect(visitor.rows("Alerts")).to_have_count(1)
        page.context.close()
        assert visitor.faults == []


def test_every_system_has_what_to_put_there_and_a_source_of_its_own(browser: Browser, tmp_path: Path) -> None:
    with running_tocsin(tmp_path) as tocsin:
        visitor = Visitor(browser.new_context(viewport={"width": 360, "height": 740}), tocsin)
        page = visitor.page
        visitor.go_as_admin("/")
        page.get_by_role("heading", name="What sends your alarms?").wait_for()
        names = systems(page)
        assert {"Alertmanager", "Grafana", "Zabbix", "Icinga", "Opsview", "Cloudforet"} < set(names)
        for name in names:
            page.get_by_role("button", name=name, exact=True).click()
            expect(page.get_by_role("region", name="To copy")).to_contain_text(tocsin.url)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
            page.get_by_role("link", name="Choose another").click()
        sources = tocsin.request("GET", "/api/v1/sources").json()["items"]
        assert len(sources) == len(names) + 1

        # Who has begun is not led there again, but finds the way.
        visitor.go("/")
        expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
        page.get_by_role("link", name="Connect what sends").click()
        page.get_by_role("button", name="Grafana").click()
        page.get_by_role("status").filter(has_text="Waiting for the first event").wait_for()
        assert len(tocsin.request("GET", "/api/v1/sources").json()["items"]) == len(sources)
        page.context.close()
        assert visitor.faults == []


def test_an_address_makes_nothing_and_a_name_that_is_taken_keeps_nobody_out(
    browser: Browser, tmp_path: Path
) -> None:
    with running_tocsin(tmp_path) as tocsin:
        taken = {"name": "grafana", "format": "zabbix"}
        assert tocsin.request("POST", "/api/v1/sources", json=taken).status_code == 201
        visitor = Visitor(browser.new_context(), tocsin)
        page = visitor.page
        visitor.go_as_admin("/welcome?for=grafana")
        expect(page.get_by_text("No source is there for it yet.")).to_be_visible()
        assert visitor.grave_faults() == []
        before = len(tocsin.request("GET", "/api/v1/sources").json()["items"])
        page.get_by_role("button", name="Make one").click()
        expect(page.get_by_text("The source grafana-2 was made for it.")).to_be_visible()
        page.reload()
        expect(page.get_by_text("The source grafana-2 is there for it.")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Waiting for the first event")).to_be_visible()
        assert len(tocsin.request("GET", "/api/v1/sources").json()["items"]) == before + 1
        page.context.close()
        assert visitor.faults == []


def test_who_may_not_connect_anything_is_not_led_there(tocsin: Tocsin, visitor: Visitor) -> None:
    wanted = {"name": "vito", "role": "viewer", "password": "vito looks on"}
    assert tocsin.request("POST", "/api/v1/users", json=wanted).status_code == 201
    visitor.log_in("/", "vito", "vito looks on")
    expect(visitor.page.get_by_text("Nothing has come in yet")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Connect what sends")).to_have_count(0)
    send(tocsin, {"key": "a", "title": "It begins"})
    expect(visitor.rows("Alerts")).to_have_count(1)
