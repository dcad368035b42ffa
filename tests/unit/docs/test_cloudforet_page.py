"""Every method of the stubs has its row, with its state; every code and every field has its row."""

import ast
import inspect
from pathlib import Path

from spaceone.api.monitoring.v1 import event_pb2, webhook_pb2

from tests.unit.docs.pages import Page, code
from tocsin.dialects.cloudforet import errors
from tocsin.dialects.cloudforet.errors import Status
from tocsin.dialects.cloudforet.plugins import FORMATS
from tocsin.hub.hub import Hub
from tocsin.server.app import compose
from tocsin.server.settings import Settings
from tocsin.store.database import open_database, sqlite_url

PAGE = Page("reference/cloudforet.md")


def test_every_method_has_a_row_that_says_whether_it_is_built(tmp_path: Path) -> None:
    service = compose(Hub(open_database(sqlite_url(tmp_path))), Settings()).cloudforet
    shown = [(code(name), code(path), state) for name, path, state in PAGE.rows("Methods")]
    assert shown == [
        (method.name, method.path, "not built" if method.operation is None else "built")
        for method in service.methods
    ]


def test_every_code_has_a_row_with_its_statuses() -> None:
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(errors))):
        match node:
            case ast.Call(
                func=ast.Name("CloudforetError"), args=[ast.Attribute(attr=status), ast.Constant(value), *_]
            ):
                found.add((value, status, str(Status[status].http)))
    assert {(code(row[0]), code(row[1]), row[2]) for row in PAGE.rows("Codes")} == found


def test_every_field_of_an_event_has_a_row() -> None:
    named = {name.strip("`") for row in PAGE.rows("Events") for name in row[0].split(", ")}
    assert named == {field.name for field in event_pb2.EventInfo.DESCRIPTOR.fields}


def test_every_field_of_a_webhook_has_a_row() -> None:
    rows = [row for row in PAGE.rows("Webhooks") if "plugin-" not in row[0]]
    named = {
        name.strip("`").removeprefix("plugin_info.")
        for row in rows
        for name in row[0].replace(" and ", ", ").split(", ")
    }
    shown = {field.name for field in webhook_pb2.WebhookInfo.DESCRIPTOR.fields}
    inner = {field.name for field in webhook_pb2.WebhookPluginInfo.DESCRIPTOR.fields}
    assert named == shown - {"plugin_info", "project_id", "domain_id", "created_at"} | inner


def test_every_plugin_has_a_row_with_its_format() -> None:
    rows = [row for row in PAGE.rows("Webhooks") if "plugin-" in row[0]]
    assert {code(plugin): code(name) for plugin, name in rows} == FORMATS
