import yaml

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import route, source, target
from tests.unit.client.fake_tocsin import FakeTocsin


def test_what_is_configured_is_told_without_secrets(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/projects", {"items": [{"id": "default", "name": "main"}]})
    tocsin.answer("GET", "/sources", {"items": [source(name="Überwachung", options={"rate_limit": 5})]})
    tocsin.answer("GET", "/targets", {"items": [target()]})
    tocsin.answer("GET", "/routes", {"items": [route()]})
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
    }
