"""Every route has its section, and every table of members says what the API shows."""

import json
import re
from typing import Any, cast

import msgspec
import pytest
from litestar.routes import HTTPRoute

from tests.unit.docs.pages import Page, code
from tocsin.api import inlet
from tocsin.api.app import create_app
from tocsin.api.deliveries import DeliveryWithAttempts
from tocsin.api.events import EventDetail
from tocsin.api.intake import Intake
from tocsin.api.routes import RouteItem
from tocsin.api.shapes import AlertItem, EventItem, PayloadItem, ReceiptItem, SourceWithKey
from tocsin.api.silences import SilenceItem
from tocsin.api.targets import TargetWithSecret
from tocsin.api.views import ListedView
from tocsin.dialects.victorops import endpoints
from tocsin.hub.hub import Hub

PAGE = Page("reference/http-api.md")
OPERATIONS = [heading for heading in PAGE.headings() if re.match(r"[A-Z]+ /", heading)]
LATER = {"GET /api/v1/events/stream", "GET /healthz", "GET /metrics", "GET /openapi.json"}
"""What is no JSON that the page could show."""


def routes() -> set[str]:
    """Give every route of the native API, as its method and its path."""
    app = create_app(cast("Hub", None), cast("Intake", None), {}, version="0", body_limit=1, batch_limit=1)
    found = set()
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        path = re.sub(r":\w+\}", "}", route.path_format)
        if path == "/openapi" or path.startswith("/openapi/"):
            continue  # the framework's own places for what stands at /openapi.json
        found |= {f"{method} {path}" for method in route.methods - {"OPTIONS", "HEAD"}}
    return found


def names(struct: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(struct)]


def test_every_route_has_a_section_and_every_section_a_route() -> None:
    native = {operation for operation in OPERATIONS if not operation.startswith("POST /in")}
    assert native == routes()


def test_the_inlets_have_sections() -> None:
    inlets = {operation for operation in OPERATIONS if operation.startswith("POST /in")}
    assert inlets == {
        f"POST {inlet.PREFIX}{{source_id}}/{{access_key}}",
        f"POST {endpoints.PREFIX}{{vendor}}/{{version}}/alert/{{api_key}}/{{routing_key}}",
    }


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("Receipts", ReceiptItem),
        ("Events", EventItem),
        ("Alerts", AlertItem),
        ("Sources", SourceWithKey),
        ("Targets", TargetWithSecret),
        ("Routes", RouteItem),
        ("Silences", SilenceItem),
        ("Views", ListedView),
        ("Deliveries", DeliveryWithAttempts),
    ],
)
def test_every_member_has_a_row(heading: str, struct: type[msgspec.Struct]) -> None:
    assert sorted(code(row[0]) for row in PAGE.rows(heading)) == sorted(names(struct))


def test_the_shown_payload_has_all_its_members() -> None:
    (shown,) = (
        json.loads(block.text)
        for block in PAGE.blocks()
        if block.language == "json" and block.heading == "GET /api/v1/events/{event_id}"
    )
    assert list(shown["payload"]) == names(PayloadItem)
    assert set(shown) <= set(names(EventDetail))


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if "/integrations/" not in each])
def test_an_operation_has_a_command_and_an_answer(operation: str) -> None:
    languages = {block.language for block in PAGE.blocks() if block.heading == operation}
    answer: set[Any] = set() if operation in LATER or operation.startswith("DELETE") else {"json"}
    assert {"sh"} | answer <= languages
