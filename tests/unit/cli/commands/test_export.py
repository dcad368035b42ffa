import yaml

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import role, route, silence, source, target, user
from tests.unit.client.fake_tocsin import FakeTocsin


def test_what_is_configured_is_told_without_secrets(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/projects", {"items": [{"id": "default", "name": "main"}]})
    tocsin.answer("GET", "/sources", {"items": [source(name="Überwachung", options={"rate_limit": 5})]})
    tocsin.answer("GET", "/targets", {"items": [target()]})
    tocsin.answer("GET", "/routes", {"items": [route()]})
    tocsin.answer("GET", "/silences", {"items": [silence(), silence(state="expired", expression="over")]})
    tocsin.answer("GET", "/roles", {"items": [role()]})
    tocsin.answer("GET", "/users", {"items": [user()]})
    monitored = {"host_groups": [{"name": "UK", "groups": []}], "hosts": [{"name": "web", "group": "UK"}]}
    tocsin.answer("GET", "/world", monitored)
    said = run("export").out
    assert "Überwachung" in said
    assert yaml.safe_load(said) == {
        "sources": [
            {
                "name": "Überwachung",
                "format": "victorops",
                "project": "main",
                "enabled": True,
                "options": {"rate_limit": 5},
            }
        ],
        "targets": [{"name": "pager", "kind": "webhook", "enabled": True, "options": {}}],
        "routes": [
            {
                "name": "night",
                "expression": "severity>=error",
                "targets": ["pager"],
                "every_event": False,
                "fallback": False,
                "position": 1,
                "enabled": True,
            }
        ],
        "silences": [
            {
                "expression": "host:web-*",
                "ends_at": "2026-01-01T14:00:00.000000Z",
                "starts_at": "2026-01-01T12:00:00.000000Z",
                "comment": "moving",
            }
        ],
        "roles": [{"name": "on-call", "permissions": ["VIEWALL", "ACTIONSOME"], "scope": "host:db*"}],
        "users": [{"name": "ann", "role": "on-call", "disabled": False}],
        **monitored,
    }
