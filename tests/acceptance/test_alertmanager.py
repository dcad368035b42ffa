"""A real Alertmanager whose VictorOps receiver points at Tocsin: Tocsin's address in place of VictorOps's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.receiving import Receiving, receiving, wait_for
from tests.servers.alertmanager import Alertmanager, running_alertmanager

CONFIGURATION = """
route:
  receiver: on-call
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 500ms
  routes:
    - receiver: by-webhook
      matchers: [team="web"]
receivers:
  - name: by-webhook
    webhook_configs:
      - url: "{webhook_url}"
  - name: on-call
    victorops_configs:
      - api_url: "{api_url}"
        api_key: "{access_key}"
        routing_key: Database
        message_type: "{{{{ .CommonLabels.severity | toUpper }}}}"
        entity_display_name: "{{{{ .CommonLabels.alertname }}}} on {{{{ .CommonLabels.instance }}}}"
        custom_fields:
          instance: "{{{{ .CommonLabels.instance }}}}"
"""


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    with receiving(tmp_path_factory.mktemp("tocsin")) as running:
        yield running


@pytest.fixture(scope="module")
def alertmanager(tocsin: Receiving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    with pointed_at(tocsin, tmp_path_factory.mktemp("alertmanager")) as running:
        yield running


@contextmanager
def pointed_at(tocsin: Receiving, directory: Path) -> Iterator[Alertmanager]:
    text = CONFIGURATION.format(
        api_url=tocsin.api_url,
        access_key=tocsin.access_key,
        webhook_url=tocsin.server.create_source("prometheus", "alertmanager").urls["webhook"],
    )
    with running_alertmanager(directory, text) as running:
        yield running


def fire(alertmanager: Alertmanager, name: str, severity: str = "critical") -> None:
    alertmanager.post({"labels": labels(name, severity), "annotations": {"summary": "93 % of /var is used"}})


def resolve(alertmanager: Alertmanager, name: str) -> None:
    alertmanager.post({"labels": labels(name, "critical"), "endsAt": datetime.now(UTC).isoformat()})


def labels(name: str, severity: str) -> dict[str, str]:
    return {"alertname": name, "instance": "db1:9100", "severity": severity}


def only(items: list[dict[str, Any]]) -> dict[str, Any]:
    (item,) = items
    return item


def test_an_alert_fires_repeats_and_resolves(tocsin: Receiving, alertmanager: Alertmanager) -> None:
    fire(alertmanager, "DiskFull")
    wait_for(lambda: tocsin.alerts("title:DiskFull* count>=3"), "two repeats")
    resolve(alertmanager, "DiskFull")
    wait_for(lambda: tocsin.alerts("title:DiskFull* state:resolved"), "the alert resolved")

    alert = only(tocsin.alerts("title:DiskFull*"))
    events = tocsin.events(f"key={alert['key']}")
    assert re.fullmatch(r"[0-9a-f]{64}", alert["key"])
    assert {event["alert_id"] for event in events} == {alert["id"]}
    problems, recovery = events[:-1], events[-1]
    assert [event["kind"] for event in problems] == ["problem"] * alert["count"]
    assert [event["outcome"] for event in problems] == ["opened"] + ["joined"] * (alert["count"] - 1)
    assert (recovery["kind"], recovery["outcome"]) == ("recovery", "resolved")
    assert alert["opened_at"] == problems[0]["recorded_at"]
    assert alert["resolved_at"] == recovery["recorded_at"]
    assert (alert["state"], alert["severity"]) == ("resolved", "critical")


def test_what_it_says_is_kept(tocsin: Receiving, alertmanager: Alertmanager) -> None:
    fire(alertmanager, "DiskSlow")
    event = wait_for(lambda: tocsin.events("title:DiskSlow*"), "an event")[0]
    assert event["title"] == "DiskSlow on db1:9100"
    assert event["source_tool"] == "Alertmanager"
    assert "summary = 93 % of /var is used" in event["description"]
    assert event["labels"] == {"instance": "db1:9100", "routing_key": "database"}
    payload = tocsin.server.request("GET", f"/api/v1/events/{event['id']}").json()["payload"]
    assert (payload["format"], payload["content_type"]) == ("victorops", "application/json")
    assert '"message_type":"CRITICAL"' in payload["body"]


def test_two_groups_are_two_alerts_and_one_resolves_alone(
    tocsin: Receiving, alertmanager: Alertmanager
) -> None:
    fire(alertmanager, "PairFull")
    fire(alertmanager, "PairHigh", "warning")
    wait_for(lambda: len(tocsin.alerts("title:Pair*")) == 2, "both alerts")
    resolve(alertmanager, "PairFull")
    resolved = only(wait_for(lambda: tocsin.alerts("title:Pair* state:resolved"), "the alert resolved"))
    still_open = only(tocsin.alerts("title:Pair* state:open"))
    assert (resolved["title"], resolved["severity"]) == ("PairFull on db1:9100", "critical")
    assert (still_open["title"], still_open["severity"]) == ("PairHigh on db1:9100", "warning")


def test_what_fires_again_opens_a_new_alert(tocsin: Receiving, alertmanager: Alertmanager) -> None:
    fire(alertmanager, "Flaps")
    wait_for(lambda: tocsin.alerts("title:Flaps*"), "the alert")
    resolve(alertmanager, "Flaps")
    first = only(wait_for(lambda: tocsin.alerts("title:Flaps* state:resolved"), "the alert resolved"))
    fire(alertmanager, "Flaps")
    second = only(wait_for(lambda: tocsin.alerts("title:Flaps* state:open"), "a new alert"))
    assert second["key"] == first["key"]
    assert second["id"] != first["id"]
    assert tocsin.alerts("title:Flaps* state:resolved") == [first]


def test_a_source_that_is_switched_off_says_so_and_nothing_is_lost(
    tocsin: Receiving, alertmanager: Alertmanager
) -> None:
    tocsin.set_enabled(False)
    fire(alertmanager, "Refused")
    wait_for(lambda: "unexpected status code 403" in alertmanager.log.read_text(), "the refusal in its log")
    assert tocsin.alerts("title:Refused*") == []
    tocsin.set_enabled(True)
    alert = only(wait_for(lambda: tocsin.alerts("title:Refused*"), "the alert"))
    assert alert["state"] == "open"


def test_by_its_webhook_every_alert_of_a_group_is_one(tocsin: Receiving, alertmanager: Alertmanager) -> None:
    for instance in ("web1:443", "web2:443"):
        said = labels("Slow", "warning") | {"instance": instance, "team": "web"}
        alertmanager.post({"labels": said, "annotations": {"summary": f"{instance} is slow"}})
    wait_for(lambda: len(tocsin.alerts("title:*slow")) == 2, "both alerts")
    over = labels("Slow", "warning") | {"instance": "web1:443", "team": "web"}
    alertmanager.post({"labels": over, "endsAt": datetime.now(UTC).isoformat()})
    resolved = only(wait_for(lambda: tocsin.alerts("title:*slow state:resolved"), "the alert resolved"))
    still_open = only(tocsin.alerts("title:*slow state:open"))
    assert (resolved["host"], resolved["service"], resolved["severity"]) == ("web1", "Slow", "warning")
    assert (still_open["host"], still_open["title"]) == ("web2", "web2:443 is slow")
    assert re.fullmatch(r"[0-9a-f]{16}", resolved["key"])


def test_what_fired_while_tocsin_was_away_comes_later_and_once(tmp_path: Path) -> None:
    with receiving(tmp_path) as tocsin, pointed_at(tocsin, tmp_path) as alertmanager:
        assert tocsin.server.terminate() == 0
        fire(alertmanager, "DiskFull")
        wait_for(lambda: failed_attempts(alertmanager), "an attempt that failed")
        tocsin.server.start()
        alert = only(wait_for(tocsin.alerts, "the alert"))
        event = tocsin.events()[0]
    assert (event["outcome"], event["alert_id"]) == ("opened", alert["id"])


def failed_attempts(alertmanager: Alertmanager) -> float:
    return alertmanager.metric("alertmanager_notification_requests_failed_total", 'integration="victorops"')
