import pytest

from tests.unit.model.samples import (
    DAY,
    NOON,
    PAYLOAD,
    acknowledged,
    alert,
    empty_situation,
    known,
    recorded,
    situation,
)
from tocsin.model.alert import Alert, AlertState
from tocsin.model.by_hand import submission_on
from tocsin.model.entries import Entries
from tocsin.model.life_cycle import NOT_ITS_ALERT
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.submission import Submission


def by_ann(on: Alert, kind: Kind, until: int = 0) -> Submission:
    return submission_on(on, kind, author="ann", comment="I look", until=until, payload=PAYLOAD)


def test_an_acknowledgement_can_end_with_a_change() -> None:
    submission = submission_on(
        alert(), Kind.ACKNOWLEDGEMENT, author="ann", comment="", payload=PAYLOAD, until_change=True
    )
    assert [signal.until_change for signal in submission.signals] == [True]


def done(on: Alert, kind: Kind, until: int = 0) -> Entries:
    held = empty_situation()
    held.domains["default"].next_seq = 2
    held.alerts["default", "default", "cpu"] = on
    return recorded(by_ann(on, kind, until), situation=held)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.ACKNOWLEDGEMENT, "CPU is hot: acknowledged"),
        (Kind.ACKNOWLEDGEMENT_END, "CPU is hot: acknowledgement taken back"),
        (Kind.RECOVERY, "CPU is hot: resolved by hand"),
        (Kind.NOTE, "CPU is hot: note"),
    ],
)
def test_what_is_done_is_an_event_of_the_alert(kind: Kind, title: str) -> None:
    (event,) = done(acknowledged(), kind).events
    assert (event.kind, event.title, event.author, event.comment) == (kind, title, "ann", "I look")
    assert (event.seq, event.alert_seq, event.key, event.host, event.service) == (2, 1, "cpu", "web", "cpu")
    assert (event.project_id, event.source_id) == ("default", "source-0000000000aa")


def test_an_alert_without_a_title_is_called_by_its_key() -> None:
    (event,) = done(alert(title=""), Kind.NOTE).events
    assert event.title == "cpu: note"


def test_acknowledging_says_who_why_and_until_when() -> None:
    after = done(alert(), Kind.ACKNOWLEDGEMENT, until=NOON + DAY).alerts["default", 1]
    assert after.state is AlertState.ACKNOWLEDGED
    assert (after.acknowledged_by, after.acknowledged_comment) == ("ann", "I look")
    assert (after.acknowledged_at, after.acknowledged_until) == (NOON, NOON + DAY)


def test_resolving_by_hand_leaves_the_senders_time_alone() -> None:
    after = done(alert(changed_time=NOON + DAY), Kind.RECOVERY).alerts["default", 1]
    assert (after.state, after.resolved_by, after.resolved_at) == (AlertState.RESOLVED, "ann", NOON)
    assert after.changed_time == NOON + DAY


def test_what_comes_too_late_is_rejected() -> None:
    gone = alert(state=AlertState.RESOLVED, resolved_at=NOON - 1)
    entries = done(gone, Kind.ACKNOWLEDGEMENT)
    ((receipt,),) = entries.receipts
    assert (receipt.outcome, receipt.reason, receipt.seq) == (Outcome.REJECTED, NOT_ITS_ALERT, 0)
    assert (entries.events, entries.alerts, entries.objects) == ([], {}, {})


def test_what_is_meant_for_an_earlier_alert_does_not_touch_the_next_one() -> None:
    held = empty_situation()
    held.alerts["default", "default", "cpu"] = alert(seq=5)
    entries = recorded(by_ann(alert(), Kind.RECOVERY), situation=held)
    assert [receipt.outcome for receipt in entries.receipts[0]] == [Outcome.REJECTED]
    assert entries.alerts == {}


def test_the_alerts_object_moves_with_what_is_done() -> None:
    held = situation(known(6, "web"), known(7, "web", "cpu", state="critical"))
    entries = recorded(by_ann(alert(), Kind.RECOVERY), situation=held)
    assert [(each.id, each.state) for each in entries.objects.values()] == [(7, "ok")]
    assert (entries.events[0].object_id, entries.events[0].state) == (7, "ok")


@pytest.mark.parametrize(("kind", "state"), [(Kind.NOTE, "ok"), (Kind.RECOVERY, "ok")])
def test_what_is_done_makes_no_object(kind: Kind, state: str) -> None:
    held = situation()
    entries = recorded(by_ann(alert(), kind), situation=held, object_limit=0)
    (event,) = entries.events
    assert (event.object_id, event.host, event.service, event.state) == (7, "web", "cpu", state)
    assert (event.state_type, event.reason, entries.objects) == ("hard", "", {})
    assert (held.domains["default"].discovered, held.domains["default"].next_object) == (0, 10)


def test_what_is_done_leaves_an_object_alone_on_which_the_alert_does_not_stand() -> None:
    named = known(8, "web", "cpu", state="critical", seen_at=NOON - DAY)
    entries = recorded(by_ann(alert(), Kind.RECOVERY), situation=situation(named))
    assert (entries.events[0].object_id, entries.objects) == (7, {})
