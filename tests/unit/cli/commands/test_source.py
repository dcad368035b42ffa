from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import source
from tests.unit.client.fake_tocsin import FakeTocsin, Reply

KEY = "0123456789abcdef0123456789abcdef"
SECRETS = {"access_key": KEY, "urls": {"webhook": f"http://tocsin/in/source-1/{KEY}"}}


def test_sources_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/sources", {"items": [source()]})
    assert run("source", "list").lines == [source()]
    table = run("source", "list", "-o", "table").out.splitlines()
    assert table[1].split()[:3] == ["zabbix", "victorops", "yes"]


def test_a_new_source_is_told_with_its_key_and_addresses(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/sources", Reply(source() | SECRETS, 201))
    ran = run("source", "create", "zabbix", "--format", "victorops", "--output", "json")
    assert ran.document == {"id": "source-1", **SECRETS}
    assert tocsin.last.document == {
        "name": "zabbix",
        "format": "victorops",
        "project_id": "default",
        "options": {},
    }


def test_options_are_read_as_what_they_are(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/sources", Reply(source() | SECRETS, 201))
    options = ["warning_opens=false", "rate_limit=10", 'identity=["host"]', "text=a=b"]
    words = [word for option in options for word in ("--option", option)]
    run("source", "create", "zabbix", "--project", "web", *words)
    assert tocsin.last.document == {
        "name": "zabbix",
        "format": "auto",
        "project_id": "web",
        "options": {"warning_opens": False, "rate_limit": 10, "identity": ["host"], "text": "a=b"},
    }
    assert run("source", "create", "zabbix", "--option", "rate_limit").code == 2


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_key_is_shown_only_where_it_is_asked_for(run: Run, tocsin: FakeTocsin, output: str) -> None:
    tocsin.answer("GET", "/sources/zabbix", source() | SECRETS)
    assert KEY not in run("source", "show", "zabbix", "--output", output).out
    assert KEY in run("source", "show", "zabbix", "--key", "--output", output).out


@pytest.mark.parametrize(("word", "enabled"), [("enable", True), ("disable", False)])
def test_a_source_is_switched(run: Run, tocsin: FakeTocsin, word: str, enabled: bool) -> None:
    tocsin.answer("PATCH", "/sources/zabbix", source(enabled=enabled) | SECRETS)
    assert run("source", word, "zabbix").document == source(enabled=enabled)
    assert tocsin.last.document == {"enabled": enabled}


def test_a_source_is_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.replies["DELETE", "/api/v1/sources/my%20source"] = [Reply(status=204)]
    ran = run("source", "delete", "my source")
    assert (ran.code, ran.out) == (0, "")


def trial(**fields: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "refused": "",
        "kind": "problem",
        "key": "db1/disk",
        "title": "Full",
        "severity": "critical",
        "host": "db1",
        "service": "",
        "outcome": "opened",
        "reason": "",
        "alert_id": "",
        "new_alert": True,
        "alert_state": "open",
        "silenced_by": "",
        "targets": [{"id": "target-1", "name": "pager", "route_id": "route-1", "route": "night"}],
    } | fields


def test_a_payload_is_tried(run: Run, tocsin: FakeTocsin, tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_bytes(b'{"key": "db1/disk"}')
    tocsin.answer("POST", "/sources/zabbix/test", {"format": "native", "items": [trial()]})
    ran = run("source", "test", "zabbix", str(file))
    assert (ran.code, ran.lines) == (0, [{"format": "native"} | trial()])
    assert tocsin.last.document == {"key": "db1/disk"}
    assert run("source", "test", "zabbix", "-", given=b'{"key": "k"}').code == 0
    assert tocsin.last.document == {"key": "k"}


def test_a_trial_is_a_table_for_people(run: Run, tocsin: FakeTocsin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    known = trial(index=1, alert_id="alert-1", new_alert=False, alert_state="acknowledged", targets=[])
    tocsin.answer("POST", "/sources/zabbix/test", {"format": "native", "items": [trial(), known]})
    out = run("source", "test", "zabbix", "-", "-o", "table", given=b"{}").out
    assert "a new one, open" in out
    assert "pager (night)" in out
    assert "alert-1, acknowledged" in out


def test_what_a_trial_refuses_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    items = [trial(), trial(index=1, refused="not an event")]
    tocsin.answer("POST", "/sources/zabbix/test", {"format": "native", "items": items})
    ran = run("source", "test", "zabbix", "-", given=b"[]")
    assert (ran.code, len(ran.lines)) == (1, 2)


def test_a_payload_that_cannot_be_read_is_named(run: Run) -> None:
    ran = run("source", "test", "zabbix", "missing.json")
    assert ran.code == 2
    assert "missing.json: No such file" in ran.err
