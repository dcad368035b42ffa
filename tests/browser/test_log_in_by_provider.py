"""Logging in by an identity provider of another site."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.servers.identity_provider import CLIENT_ID, SECRET, running_provider
from tests.servers.tocsin import PASSWORD, Tocsin


def test_somebody_is_led_to_the_provider_and_comes_back_logged_in(browser: Browser, tmp_path: Path) -> None:
    known = {
        "TOCSIN_OIDC_CLIENT_ID": CLIENT_ID,
        "TOCSIN_OIDC_CLIENT_SECRET": SECRET,
        "TOCSIN_OIDC_LABEL": "Keycloak",
        "TOCSIN_OIDC_LOG_OUT": "true",
    }
    # To a browser, localhost and 127.0.0.1 are two sites.
    with running_provider("localhost") as provider:
        tocsin = Tocsin(tmp_path, environment=known)
        known |= {"TOCSIN_OIDC_ISSUER": provider.issuer, "TOCSIN_PUBLIC_URL": tocsin.url}
        tocsin.start()
        try:
            visitor = Visitor(browser.new_context(), tocsin)
            page = visitor.page
            visitor.go("/events?q=host:db*&from=-6h")
            page.get_by_role("button", name="Log in with Keycloak").click()
            expect(page.get_by_role("alert")).to_contain_text("There is no user of your name here.")
            assert visitor.grave_faults() == []
            made = tocsin.request("POST", "/api/v1/users", json={"name": "ann", "role": "operator"})
            assert made.status_code == 201, made.text
            page.get_by_role("button", name="Log in with Keycloak").click()
            page.get_by_role("button", name="Log out").wait_for()
            expect(page).to_have_url(f"{tocsin.url}/")
            page.context.clear_cookies()
            visitor.go("/events?q=host:db*&from=-6h")
            page.get_by_role("button", name="Log in with Keycloak").click()
            page.get_by_role("button", name="Log out").wait_for()
            expect(page).to_have_url(f"{tocsin.url}/events?q=host%3Adb*&from=-6h")
            page.reload()
            page.get_by_role("button", name="Log out").click()
            page.wait_for_url(f"{tocsin.url}/")
            expect(page.get_by_role("heading", name="Log in to Tocsin")).to_be_visible()
            assert provider.asked["/end"] == 1
            # Who came by a password has nothing to end there.
            visitor.log_in("/events", "admin", PASSWORD)
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("heading", name="Log in to Tocsin")).to_be_visible()
            assert provider.asked["/end"] == 1
            assert visitor.faults == []
        finally:
            tocsin.stop()
        assert SECRET not in tocsin.output
