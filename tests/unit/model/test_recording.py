import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.model.samples import (
    DAY,
    NOON,
    PAYLOAD,
    acknowledged,
    empty_situation,
    known,
    problem,
    recorded,
    said,
    situation,
    source,
    submission,
)
from tocsin.model.discovery import OBJECTS_FULL
from tocsin.model.life_cycle import ALREADY_OLD, NO_OPEN_ALERT, TRIGGERED_AGAIN
from tocsin.model.naming import name
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.recording import FROM_THE_FUTURE
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal
from tocsin.model.situation import DomainState
from tocsin.model.submission import Payload, Refusal

# --- events


def test_an_event_says_all_that_its_signal_said() -> None:
    signal = Signal(
        Kind.PROBLEM,
        "cpu",
        severity=Severity.ERROR,
        title="Hot",
        description="95 degrees",
        host="web",
        service="load",
        rule="high",
        resource_id="i-1",
        resource_type="vm",
        resource_name="web-1",
        provider="aws",
        account="42",
        image_url="http://pictures.example/1",
        links=[Link("http://runbook.example/")],
        labels={"team": "blue"},
        source_tool="tool",
        author="ann",
        comment="look",
        output="OUT",
        attempt=3,
        markdown=True,
        window_start=5,
        window_end=6,
        occurred_at=NOON - 7,
        index=4,
    )
    (event,) = recorded(submission(signal)).events
    said_by_event = msgspec.structs.asdict(event)
    same = msgspec.structs.asdict(signal)
    del same["state"], same["state_type"]
    for of_signal_alone in (
        "key_made",
        "remarks",
        "index",
        "alert_seq",
        "until_change",
        "sticky",
        "is_active",
        "assigns",
        "assignee",
    ):
        del same[of_signal_alone]
    assert {field: said_by_event[field] for field in same} == same
    assert {field: value for field, value in said_by_event.items() if field not in same} == {
        "domain_id": "default",
        "seq": 1,
        "day": 20_000,
        "project_id": "default",
        "source_id": "source-0000000000aa",
        "state": "critical",
        "state_type": "hard",
        "object_id": 2,
        "silenced_by": "",
        "alert_seq": 1,
        "outcome": Outcome.OPENED,
        "reason": "",
        "payload_seq": 1,
        "payload_index": 4,
        "time": NOON - 7,
        "recorded_at": NOON,
    }


def test_numbers_go_on_where_the_domain_stands_and_requests_keep_theirs() -> None:
    held = situation()
    held.domains["default"].next_seq = 41
    another = Payload("native", "application/json", {}, b"{}")
    entries = recorded(
        submission(problem(), problem(index=1)),
        submission(),
        replace(submission(problem()), payload=another),
        situation=held,
    )
    assert [(event.seq, event.payload_seq, event.payload_index) for event in entries.events] == [
        (41, 41, 0),
        (42, 41, 1),
        (43, 43, 0),
    ]
    assert entries.payloads == [
        ("default", 41, 20_000, "source-0000000000aa", PAYLOAD),
        ("default", 43, 20_000, "source-0000000000aa", another),
    ]
    assert held.domains["default"].next_seq == 44


def test_a_request_that_names_several_sources_is_kept_once_in_each_domain() -> None:
    other = replace(source("other"), id="source-0000000000bb")
    foreign = replace(other, domain_id="umbrella")
    held = empty_situation()
    held.domains["umbrella"] = DomainState("umbrella", 5, 1, 0, 0)
    entries = recorded(
        submission(of=other, refusals=[Refusal(0, "no object")]),
        submission(problem(index=1)),
        submission(problem(index=2), problem(index=3), of=other),
        submission(problem(), of=foreign),
        situation=held,
    )
    assert [(event.domain_id, event.seq, event.payload_seq) for event in entries.events] == [
        ("default", 1, 1),
        ("default", 2, 1),
        ("default", 3, 1),
        ("umbrella", 5, 5),
    ]
    assert [(domain, seq) for domain, seq, _, _, _ in entries.payloads] == [("default", 1), ("umbrella", 5)]


def test_a_clock_that_ran_back_is_held_at_the_domains_last_time() -> None:
    held = situation(recorded_at=NOON)
    entries = recorded(submission(problem()), situation=held, now=NOON - DAY)
    (event,) = entries.events
    assert (event.recorded_at, event.time, event.day) == (NOON, NOON, 20_000)
    assert entries.alerts["default", 1].last_at == NOON
    assert held.domains["default"].recorded_at == NOON
    (event,) = recorded(submission(problem()), situation=held, now=NOON + DAY).events
    assert (event.recorded_at, event.day) == (NOON + DAY, 20_001)


@pytest.mark.parametrize(
    ("ahead", "reason"), [(0, ""), (DAY, ""), (DAY + 1, FROM_THE_FUTURE), (1000 * DAY, FROM_THE_FUTURE)]
)
def test_a_time_more_than_a_day_ahead_is_kept_and_flagged(ahead: int, reason: str) -> None:
    entries = recorded(submission(problem(occurred_at=NOON + ahead)))
    (event,) = entries.events
    assert (event.occurred_at, event.time, event.recorded_at) == (NOON + ahead, NOON + ahead, NOON)
    assert event.reason == reason
    assert entries.receipts[0][0].reason == reason


# --- receipts


def test_receipts_tell_outcome_reason_number_and_alert() -> None:
    entries = recorded(
        submission(
            problem(remarks=["title cut", "labels cut"]),
            said(Kind.ACKNOWLEDGEMENT, index=1),
            said(Kind.INFO, index=2),
            said(Kind.RECOVERY, index=3),
            said(Kind.RECOVERY, index=4, remarks=["title cut"]),
        )
    )
    assert entries.receipts == [
        [
            Receipt(0, Outcome.OPENED, "title cut; labels cut", 1, 1),
            Receipt(1, Outcome.ACKNOWLEDGED, "", 2, 1),
            Receipt(2, Outcome.JOINED, "", 3, 1),
            Receipt(3, Outcome.RESOLVED, "", 4, 1),
            Receipt(4, Outcome.RECORDED, f"title cut; {NO_OPEN_ALERT}", 5, 0),
        ]
    ]
    assert [(event.outcome, event.reason) for event in entries.events] == [
        (receipt.outcome, receipt.reason) for receipt in entries.receipts[0]
    ]


def test_all_reasons_are_told() -> None:
    held = situation(known(1, "agent", discovered=False))
    held.alerts["default", "default", "cpu"] = acknowledged()
    signal = problem(remarks=["title cut"], occurred_at=NOON + 2 * DAY)
    entries = recorded(submission(signal), situation=held, object_limit=0)
    assert entries.receipts[0][0].reason == "; ".join(
        ["title cut", TRIGGERED_AGAIN, FROM_THE_FUTURE, OBJECTS_FULL]
    )


def test_refused_items_are_answered_in_their_place_and_kept() -> None:
    bad = [Refusal(0, "no object"), Refusal(2, "no key")]
    given = submission(problem(index=1), problem(index=3), refusals=bad)
    entries = recorded(given)
    assert entries.receipts == [
        [
            Receipt(0, Outcome.REJECTED, "no object"),
            Receipt(1, Outcome.OPENED, "", 1, 1),
            Receipt(2, Outcome.REJECTED, "no key"),
            Receipt(3, Outcome.JOINED, "", 2, 1),
        ]
    ]
    assert [(item.submission, item.refusal, item.rejected_at) for item in entries.rejected] == [
        (given, bad[0], NOON),
        (given, bad[1], NOON),
    ]


def test_a_request_of_which_nothing_was_taken_leaves_no_payload() -> None:
    held = situation()
    entries = recorded(
        submission(said(Kind.NOTE, alert_seq=9), refusals=[Refusal(1, "no key")]), situation=held
    )
    assert [receipt.outcome for receipt in entries.receipts[0]] == [Outcome.REJECTED] * 2
    assert [item.refusal.index for item in entries.rejected] == [1, 0]
    assert (entries.events, entries.alerts, entries.objects, entries.payloads) == ([], {}, {}, [])
    assert held.domains["default"].next_seq == 2


# --- alerts


def test_within_a_batch_each_signal_finds_what_the_one_before_left() -> None:
    entries = recorded(
        submission(problem()),
        submission(said(Kind.RECOVERY)),
        submission(problem(), of=source("other")),
        submission(said(Kind.RECOVERY), problem(index=1)),
    )
    assert [(event.outcome.value, event.alert_seq) for event in entries.events] == [
        ("opened", 1),
        ("resolved", 1),
        ("opened", 3),
        ("resolved", 3),
        ("opened", 5),
    ]
    assert {seq: (each.state.value, each.count) for (_, seq), each in entries.alerts.items()} == {
        1: ("resolved", 1),
        3: ("resolved", 1),
        5: ("open", 1),
    }


def test_domains_and_projects_have_alerts_of_their_own() -> None:
    held = empty_situation()
    held.domains["south"] = msgspec.structs.replace(held.domains["default"], id="south")
    of_project = msgspec.structs.replace(source("second"), project_id="web")
    of_domain = msgspec.structs.replace(source(), domain_id="south")
    entries = recorded(
        submission(problem()),
        submission(problem(), of=of_project),
        submission(problem(), of=of_domain),
        situation=held,
    )
    assert [
        (event.domain_id, event.project_id, event.seq, event.outcome.value) for event in entries.events
    ] == [
        ("default", "default", 1, "opened"),
        ("default", "web", 2, "opened"),
        ("south", "default", 1, "opened"),
    ]
    assert entries.alerts.keys() == {("default", 1), ("default", 2), ("south", 1)}


def test_what_is_old_by_the_senders_clock_changes_neither_alert_nor_object() -> None:
    held = situation(known(1, "agent", discovered=False), known(2, "agent", "cpu", state="warning"))
    late = said(Kind.RECOVERY, occurred_at=NOON - 1000)
    entries = recorded(submission(late, of=source(source_time=True)), situation=held)
    (event,) = entries.events
    assert (event.outcome, event.reason, event.alert_seq) == (Outcome.RECORDED, ALREADY_OLD, 1)
    assert (event.state, entries.alerts, entries.objects) == ("warning", {}, {})


def test_the_identity_of_a_source_makes_the_key_of_event_and_alert() -> None:
    entries = recorded(submission(problem(host="web"), of=source(identity=("host", "key"))))
    assert entries.events[0].key == "web/cpu"
    assert entries.alerts["default", 1].key == "web/cpu"


def test_names_are_domain_project_and_key_and_domain_host_and_service() -> None:
    (named,) = name(submission(problem(host="web", service="load")))
    assert named.alert == ("default", "default", "cpu")
    assert named.object == ("default", "web", "load")
