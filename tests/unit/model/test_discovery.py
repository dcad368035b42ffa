import pytest

from tests.unit.model.samples import (
    DAY,
    NOON,
    known,
    problem,
    recorded,
    said,
    situation,
    submission,
)
from tocsin.model.discovery import OBJECTS_FULL
from tocsin.model.entries import Entries
from tocsin.model.monitored import MonitoredObject
from tocsin.model.recording import KEY_MADE
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal


def objects(entries: Entries) -> dict[tuple[str, str], MonitoredObject]:
    return {(each.host, each.service): each for each in entries.objects.values()}


def test_the_object_of_a_signal_is_discovered_with_its_host() -> None:
    held = situation()
    entries = recorded(submission(problem(Severity.WARNING, host="web", service="load")), situation=held)
    assert objects(entries) == {
        ("web", ""): known(10, "web", state_since=NOON, seen_at=NOON),
        ("web", "load"): known(
            11,
            "web",
            "load",
            state="warning",
            state_since=NOON,
            seen_at=NOON,
            hard_state="warning",
            attempt=1,
        ),
    }
    assert (held.domains["default"].discovered, held.domains["default"].next_object) == (2, 12)


def test_a_source_is_no_discovered_object() -> None:
    held = situation()
    entries = recorded(submission(problem(key_made=True), problem(index=1)), situation=held)
    assert {named: each.discovered for named, each in objects(entries).items()} == {
        ("agent", ""): False,
        ("agent", "cpu"): True,
    }
    assert held.domains["default"].discovered == 1


@pytest.mark.parametrize(
    ("present", "signal", "state", "since"),
    [
        ("ok", problem(), "critical", NOON),
        ("critical", problem(), "critical", NOON - DAY),
        ("critical", said(Kind.RECOVERY), "ok", NOON),
        ("critical", said(Kind.INFO), "critical", NOON - DAY),
        ("warning", said(Kind.ACKNOWLEDGEMENT), "warning", NOON - DAY),
        ("ok", said(Kind.ERROR, severity=Severity.CRITICAL), "unknown", NOON),
    ],
)
def test_an_event_shows_the_state_that_its_signal_leaves(
    present: str, signal: Signal, state: str, since: int
) -> None:
    held = situation(known(1, "agent", discovered=False), known(2, "agent", "cpu", state=present))
    entries = recorded(submission(signal), situation=held)
    (event,) = entries.events
    assert (event.state, event.state_type, event.object_id) == (state, "hard", 2)
    now = held.objects["default", "agent", "cpu"]
    assert (now.state, now.state_since) == (state, since)
    is_written = since == NOON or signal.kind is Kind.ACKNOWLEDGEMENT
    assert bool(entries.objects) == is_written


def test_objects_are_seen_once_a_day_and_their_hosts_with_them() -> None:
    yesterday = NOON - DAY
    held = situation(
        known(1, "web", seen_at=yesterday),
        known(2, "web", "load", seen_at=yesterday),
        known(3, "web", "disk", seen_at=yesterday),
    )
    first = recorded(submission(said(Kind.INFO, host="web", service="load")), situation=held)
    assert {named: each.seen_at for named, each in objects(first).items()} == {
        ("web", ""): NOON,
        ("web", "load"): NOON,
    }
    again = recorded(submission(said(Kind.INFO, host="web", service="load")), situation=held, now=NOON + 1)
    assert again.objects == {}


def test_a_change_of_state_is_seen_too() -> None:
    held = situation(known(1, "web", seen_at=NOON - DAY))
    entries = recorded(submission(problem(host="web")), situation=held)
    assert objects(entries)["web", ""] == known(
        1, "web", state="down", state_since=NOON, seen_at=NOON, hard_state="down", attempt=1
    )


def test_beyond_the_limit_an_event_stands_on_the_sources_own_object() -> None:
    held = situation(known(1, "agent", discovered=False), discovered=3)
    entries = recorded(submission(problem(host="web", service="load")), situation=held, object_limit=3)
    (event,) = entries.events
    assert (event.object_id, event.host, event.service) == (1, "web", "load")
    assert (event.state, event.reason) == ("critical", OBJECTS_FULL)
    assert entries.objects == {}
    assert held.domains["default"].discovered == 3


@pytest.mark.parametrize(("limit", "fits"), [(4, False), (5, True)])
def test_a_service_needs_room_for_its_host_too(limit: int, fits: bool) -> None:
    held = situation(known(1, "agent", discovered=False), discovered=3)
    entries = recorded(submission(problem(host="web", service="load")), situation=held, object_limit=limit)
    assert objects(entries).keys() == ({("web", ""), ("web", "load")} if fits else set())
    assert entries.receipts[0][0].reason == ("" if fits else OBJECTS_FULL)


def test_what_is_known_needs_no_room() -> None:
    held = situation(known(1, "web"), known(2, "web", "load"), discovered=3)
    entries = recorded(submission(problem(host="web", service="load")), situation=held, object_limit=0)
    assert (entries.events[0].object_id, entries.receipts[0][0].reason) == (2, "")


def test_there_is_always_room_for_the_source_itself() -> None:
    held = situation(discovered=3)
    entries = recorded(
        submission(problem(key_made=True), problem(host="web", index=1)), situation=held, object_limit=0
    )
    assert objects(entries).keys() == {("agent", "")}
    assert [(event.object_id, event.reason) for event in entries.events] == [
        (10, KEY_MADE),
        (10, OBJECTS_FULL),
    ]
    assert held.domains["default"].discovered == 3


def test_a_key_made_up_leaves_the_host_alone_that_its_signal_names() -> None:
    held = situation(known(1, "agent", discovered=False), known(2, "web"))
    entries = recorded(submission(problem(host="web", service="load", key_made=True)), situation=held)
    (event,) = entries.events
    assert (event.object_id, event.host, event.service, event.state) == (1, "web", "", "down")
    assert (event.reason, entries.objects) == (KEY_MADE, {})


def test_a_key_made_up_makes_no_host() -> None:
    held = situation()
    held.alerts.clear()
    entries = recorded(submission(problem(host="web", key_made=True)), situation=held)
    assert objects(entries) == {
        ("agent", ""): known(10, "agent", discovered=False, state_since=NOON, seen_at=NOON)
    }
    (opened,) = entries.alerts.values()
    assert (opened.object_id, opened.host, opened.service) == (10, "web", "")
