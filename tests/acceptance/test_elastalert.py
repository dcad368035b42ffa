"""The real VictorOps alerter of ElastAlert2: it sends the whole document that matched, at the top level."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.acceptance import elastalert
from tests.acceptance.receiving import Receiving, receiving

RULE = {
    "name": "failed logins",
    "index": "logs-*",
    "victorops_routing_key": "security",
    "victorops_message_type": "CRITICAL",
}

DOCUMENT = {
    "@timestamp": "2026-02-03T04:05:06.789Z",
    "_id": "Zx81",
    "_index": "logs-2026.02",
    "num_hits": 12,
    "num_matches": 1,
    "host": {"name": "web-1", "ip": ["10.0.0.7", "fe80::7"]},
    "user": {"name": "Łukasz", "roles": [{"id": 1}, {"id": None}]},
    "success": False,
}

FIELDS = {
    "_id": "Zx81",
    "host.name": "web-1",
    "host.ip.1": "fe80::7",
    "num_hits": "12",
    "user.name": "Łukasz",
}
"""Some of what the document holds, as the event's labels name it."""


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    with receiving(tmp_path_factory.mktemp("tocsin")) as running:
        yield running


def alert(tocsin: Receiving, **rule: str) -> subprocess.CompletedProcess[str]:
    rule = RULE | {"victorops_api_key": tocsin.access_key} | rule
    return elastalert.alert(tocsin.server.url, rule, DOCUMENT)


def test_a_match_without_an_id_opens_an_alert_with_all_that_the_document_held(tocsin: Receiving) -> None:
    sent = alert(tocsin, victorops_routing_key="logins")
    assert sent.returncode == 0, sent.stderr
    (event,) = tocsin.events("routing_key:logins")
    assert (event["kind"], event["severity"], event["outcome"]) == ("problem", "critical", "opened")
    assert (event["title"], event["source_tool"]) == ("failed logins", "ElastAlert")
    assert event["key"]
    assert event["labels"].items() >= FIELDS.items()
    (opened,) = tocsin.alerts(f"key={event['key']}")
    assert (opened["id"], opened["state"]) == (event["alert_id"], "open")


def test_two_matches_with_an_id_are_one_alert_and_a_recovery_resolves_it(tocsin: Receiving) -> None:
    entity = {"victorops_entity_id": "failed-logins", "victorops_entity_display_name": "Failed logins"}
    for rule in (entity, entity, entity | {"victorops_message_type": "RECOVERY"}):
        sent = alert(tocsin, **rule)
        assert sent.returncode == 0, sent.stderr
    (resolved,) = tocsin.alerts("key=failed-logins")
    assert (resolved["state"], resolved["count"], resolved["title"]) == ("resolved", 2, "Failed logins")
    events = tocsin.events("key=failed-logins")
    assert [event["outcome"] for event in events] == ["opened", "joined", "resolved"]
    assert {event["alert_id"] for event in events} == {resolved["id"]}


def test_a_wrong_key_is_told(tocsin: Receiving) -> None:
    sent = alert(tocsin, victorops_api_key="0" * 32)
    assert sent.returncode == 1
    assert "404 Client Error" in sent.stderr
