"""The real Apprise, told to notify VictorOps, with Tocsin's address in place of VictorOps's."""

from collections.abc import Iterator

import pytest
from apprise import Apprise, NotifyType
from apprise.plugins.splunk import NotifySplunk

from tests.acceptance.receiving import Receiving, receiving

# Apprise's own: it looks for a module that Python 3.13 left out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    with receiving(tmp_path_factory.mktemp("tocsin")) as started:
        yield started


@pytest.fixture
def tocsin(running: Receiving, monkeypatch: pytest.MonkeyPatch) -> Receiving:
    """Point Apprise at Tocsin, and let it send without the pause between two messages."""
    monkeypatch.setattr(NotifySplunk, "notify_url", running.api_url + "{apikey}/{routing_key}")
    monkeypatch.setattr(NotifySplunk, "request_rate_per_sec", 0)
    return running


def notifier(tocsin: Receiving, entity_id: str, options: str = "") -> Apprise:
    apprise = Apprise()
    assert apprise.add(f"victorops://Database@{tocsin.access_key}/{entity_id}{options}")
    return apprise


def test_a_warning_a_failure_and_a_success_are_one_alert(tocsin: Receiving) -> None:
    apprise = notifier(tocsin, "backup-db1")
    for body, kind in (
        ("no backup since 20 hours", NotifyType.WARNING),
        ("no backup since 40 hours", NotifyType.FAILURE),
        ("backup done", NotifyType.SUCCESS),
    ):
        assert apprise.notify(body, title="Backup of db1", notify_type=kind)

    (alert,) = tocsin.alerts("key=backup-db1")
    events = tocsin.events("key=backup-db1")
    assert [(event["kind"], event["outcome"], event["severity"]) for event in events] == [
        ("problem", "opened", "warning"),
        ("problem", "joined", "critical"),
        ("recovery", "resolved", "none"),
    ]
    assert {event["alert_id"] for event in events} == {alert["id"]}
    assert (alert["state"], alert["severity"], alert["count"]) == ("resolved", "critical", 2)
    assert (alert["title"], alert["opened_at"]) == ("Backup of db1", events[0]["recorded_at"])
    assert alert["resolved_at"] == events[2]["recorded_at"]
    assert events[1]["description"] == "no backup since 40 hours"
    assert {event["source_tool"] for event in events} == {"Apprise"}
    assert {event["labels"]["routing_key"] for event in events} == {"database"}


def test_an_info_opens_nothing(tocsin: Receiving) -> None:
    assert notifier(tocsin, "deployment").notify("version 7 is out", notify_type=NotifyType.INFO)
    (event,) = tocsin.events("key=deployment")
    assert (event["kind"], event["outcome"], event["alert_id"]) == ("info", "recorded", "")
    assert event["title"] == "Apprise Notifications"
    assert tocsin.alerts("key=deployment") == []


def test_an_action_acknowledges(tocsin: Receiving) -> None:
    assert notifier(tocsin, "queue").notify("the queue stands", notify_type=NotifyType.FAILURE)
    assert notifier(tocsin, "queue", "?action=acknowledgement").notify("Ann looks at it")
    (alert,) = tocsin.alerts("key=queue")
    assert (alert["state"], alert["count"]) == ("acknowledged", 1)


def test_a_wrong_key_is_told(tocsin: Receiving) -> None:
    apprise = Apprise()
    assert apprise.add(f"victorops://Database@{'0' * 32}/nowhere")
    assert not apprise.notify("nobody takes this", notify_type=NotifyType.FAILURE)
    assert tocsin.events("key=nowhere") == []
