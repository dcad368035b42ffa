import pytest
from msgspec.structs import replace

from tests.unit.model.samples import NOON, acknowledged, alert, place, problem, said
from tocsin.model.alert import Alert, AlertState
from tocsin.model.life_cycle import (
    ALREADY_OLD,
    NO_OPEN_ALERT,
    NOT_ACKNOWLEDGED,
    RECOVERED_BY_HAND,
    TRIGGERED_AGAIN,
    WARNING_OPENS_NOTHING,
    Change,
    Verdict,
    decide,
    misses,
)
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions

DEFAULT = SourceOptions()
QUIET = SourceOptions(warning_opens=False)
BY_SOURCE_TIME = SourceOptions(source_time=True)
RESOLVED = alert(state=AlertState.RESOLVED, resolved_at=NOON - 1, changed_time=NOON - 1)
PROBLEMS = (Kind.PROBLEM, Kind.ERROR)
JOIN_ONLY = tuple(kind for kind in Kind if kind not in PROBLEMS)


def after(signal: Signal, latest: Alert | None, options: SourceOptions = DEFAULT, time: int = 0) -> Verdict:
    return decide(signal, place(time=time), latest, options)


def changed(verdict: Verdict) -> Alert:
    assert verdict.alert is not None
    return verdict.alert


# --- without an open alert


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("latest", [None, RESOLVED])
def test_a_problem_or_error_opens(severity: Severity, kind: Kind, latest: Alert | None) -> None:
    signal = said(kind, severity=severity, title="Hot", rule="r", labels={"a": "b"})
    verdict = decide(signal, place(seq=9, time=NOON - 3), latest, DEFAULT)
    assert verdict == Verdict(
        Alert(
            domain_id="default",
            seq=9,
            project_id="default",
            source_id="source-0000000000aa",
            object_id=7,
            key="cpu",
            title="Hot",
            severity=severity,
            state=AlertState.OPEN,
            host="web",
            service="cpu",
            rule="r",
            labels={"a": "b"},
            count=1,
            last_seq=9,
            last_at=NOON,
            opened_at=NOON,
            changed_at=NOON,
            changed_time=NOON - 3,
        ),
        9,
        Outcome.OPENED,
        change=Change.OPENED,
    )


@pytest.mark.parametrize("kind", JOIN_ONLY)
@pytest.mark.parametrize("latest", [None, RESOLVED])
def test_nothing_else_opens(kind: Kind, latest: Alert | None) -> None:
    signal = said(kind, severity=Severity.CRITICAL)
    reason = "" if kind in {"check_result", "downtime_start", "downtime_end"} else NO_OPEN_ALERT
    assert after(signal, latest) == Verdict(None, 0, Outcome.RECORDED, reason)


@pytest.mark.parametrize(
    ("signal", "opens"),
    [
        (problem(Severity.WARNING), False),
        (problem(Severity.CRITICAL), True),
        (problem(Severity.ERROR), True),
        (problem(Severity.INFO), True),
        (said(Kind.ERROR, severity=Severity.WARNING), True),
    ],
)
def test_a_source_can_say_that_its_warnings_do_not_open(signal: Signal, opens: bool) -> None:
    verdict = after(signal, None, QUIET)
    if opens:
        assert verdict.outcome is Outcome.OPENED
    else:
        assert verdict == Verdict(None, 0, Outcome.RECORDED, WARNING_OPENS_NOTHING)


def test_such_a_warning_joins_all_the_same() -> None:
    verdict = after(problem(Severity.WARNING), alert(), QUIET)
    assert (verdict.outcome, changed(verdict).count) == (Outcome.JOINED, 2)


# --- problems on an open alert


@pytest.mark.parametrize("kind", PROBLEMS)
def test_the_same_again_counts_and_changes_nothing_else(kind: Kind) -> None:
    verdict = after(said(kind, severity=Severity.WARNING), alert(), time=NOON - 3)
    assert verdict == Verdict(
        alert(count=2, last_seq=2, last_at=NOON, changed_time=NOON - 3), 1, Outcome.JOINED
    )


@pytest.mark.parametrize("severity", [each for each in Severity if each is not Severity.WARNING])
def test_severity_follows_the_latest_problem(severity: Severity) -> None:
    joined = changed(after(problem(severity), alert()))
    assert (joined.severity, joined.state, joined.changed_at) == (severity, AlertState.OPEN, NOON)


def test_an_alert_shows_the_newest_words_that_are_any() -> None:
    joined = changed(after(problem(title="Hotter", rule="hotter", labels={"team": "red"}), alert()))
    assert (joined.title, joined.rule, joined.labels) == ("Hotter", "hotter", {"team": "red"})
    joined = changed(after(problem(), alert()))
    assert (joined.title, joined.rule, joined.labels) == ("CPU is hot", "hot", {"team": "blue"})


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.ERROR])
def test_what_gets_worse_is_open_again(severity: Severity) -> None:
    verdict = after(problem(severity), acknowledged())
    opened_again = alert(
        severity=severity, count=2, last_seq=2, last_at=NOON, changed_at=NOON, changed_time=NOON
    )
    assert verdict == Verdict(opened_again, 1, Outcome.JOINED, TRIGGERED_AGAIN, change=Change.TRIGGERED)


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.INFO, Severity.NONE, Severity.NOT_AVAILABLE])
def test_what_gets_no_worse_stays_acknowledged(severity: Severity) -> None:
    verdict = after(problem(severity), acknowledged())
    joined = changed(verdict)
    assert (verdict.reason, joined.state, joined.count) == ("", AlertState.ACKNOWLEDGED, 2)
    assert (joined.acknowledged_by, joined.acknowledged_at) == ("ann", NOON - 5)


def test_worse_is_meant_against_the_signal_before() -> None:
    calmed = changed(after(problem(Severity.INFO), acknowledged(severity=Severity.CRITICAL)))
    assert after(problem(Severity.WARNING), calmed).reason == TRIGGERED_AGAIN


# --- answers to an open alert


@pytest.mark.parametrize("latest", [alert(), acknowledged()])
def test_a_recovery_resolves_and_needs_no_acknowledgement(latest: Alert) -> None:
    verdict = after(said(Kind.RECOVERY, author="bob"), latest, time=NOON - 3)
    assert verdict == Verdict(
        replace(
            latest,
            state=AlertState.RESOLVED,
            last_seq=2,
            last_at=NOON,
            changed_at=NOON,
            changed_time=NOON - 3,
            resolved_at=NOON,
            resolved_by="bob",
        ),
        1,
        Outcome.RESOLVED,
        change=Change.RESOLVED,
    )


@pytest.mark.parametrize("latest", [alert(), acknowledged()])
def test_an_acknowledgement_says_who_why_and_until_when(latest: Alert) -> None:
    verdict = after(said(Kind.ACKNOWLEDGEMENT, author="bob", comment="mine", window_end=NOON + 9), latest)
    assert verdict == Verdict(
        replace(
            latest,
            state=AlertState.ACKNOWLEDGED,
            last_seq=2,
            last_at=NOON,
            changed_at=NOON,
            acknowledged_at=NOON,
            acknowledged_until=NOON + 9,
            acknowledged_by="bob",
            acknowledged_comment="mine",
        ),
        1,
        Outcome.ACKNOWLEDGED,
        change=Change.ACKNOWLEDGED,
    )


def test_the_end_of_an_acknowledgement_releases() -> None:
    verdict = after(said(Kind.ACKNOWLEDGEMENT_END), acknowledged())
    assert verdict == Verdict(
        alert(last_seq=2, last_at=NOON, changed_at=NOON), 1, Outcome.JOINED, change=Change.RELEASED
    )


def test_what_is_not_acknowledged_cannot_be_released() -> None:
    verdict = after(said(Kind.ACKNOWLEDGEMENT_END), alert())
    assert verdict == Verdict(None, 1, Outcome.RECORDED, NOT_ACKNOWLEDGED)


@pytest.mark.parametrize("latest", [alert(), acknowledged()])
@pytest.mark.parametrize("kind", [Kind.INFO, Kind.NOTE, Kind.DOWNTIME_START, Kind.DOWNTIME_END])
def test_the_others_join_without_counting(kind: Kind, latest: Alert) -> None:
    verdict = after(said(kind, severity=Severity.CRITICAL, title="new", labels={"x": "y"}), latest)
    assert verdict == Verdict(replace(latest, last_seq=2, last_at=NOON), 1, Outcome.JOINED)


# --- by the sender's clock


@pytest.mark.parametrize("kind", [*PROBLEMS, Kind.RECOVERY])
@pytest.mark.parametrize("latest", [alert(), acknowledged(), RESOLVED])
def test_what_is_older_counts_for_nothing(kind: Kind, latest: Alert) -> None:
    signal = said(kind, severity=Severity.CRITICAL)
    verdict = after(signal, latest, BY_SOURCE_TIME, time=latest.changed_time - 1)
    assert verdict == Verdict(None, 1, Outcome.RECORDED, ALREADY_OLD, counts=False)


@pytest.mark.parametrize(
    ("kind", "latest", "outcome"),
    [
        (Kind.PROBLEM, alert(), Outcome.JOINED),
        (Kind.PROBLEM, RESOLVED, Outcome.OPENED),
        (Kind.RECOVERY, alert(), Outcome.RESOLVED),
        (Kind.RECOVERY, RESOLVED, Outcome.RECORDED),
    ],
)
def test_what_is_as_old_still_counts(kind: Kind, latest: Alert, outcome: Outcome) -> None:
    verdict = after(said(kind, severity=Severity.CRITICAL), latest, BY_SOURCE_TIME, time=latest.changed_time)
    assert (verdict.outcome, verdict.counts) == (outcome, True)


@pytest.mark.parametrize("kind", [kind for kind in JOIN_ONLY if kind is not Kind.RECOVERY])
def test_what_says_no_state_has_no_order(kind: Kind) -> None:
    verdict = after(said(kind), acknowledged(), BY_SOURCE_TIME, time=1)
    assert verdict.outcome in {Outcome.JOINED, Outcome.ACKNOWLEDGED}
    assert changed(verdict).last_seq == 2


@pytest.mark.parametrize("kind", [*PROBLEMS, Kind.RECOVERY])
def test_other_sources_go_by_arrival(kind: Kind) -> None:
    verdict = after(said(kind, severity=Severity.CRITICAL), alert(), time=1)
    assert verdict.outcome in {Outcome.JOINED, Outcome.RESOLVED}
    assert changed(verdict).changed_time == 1


def test_a_recovery_from_before_the_newest_repeat_is_old() -> None:
    opened = changed(after(problem(), None, BY_SOURCE_TIME, time=NOON + 10))
    repeated = changed(after(problem(), opened, BY_SOURCE_TIME, time=NOON + 30))
    late = after(said(Kind.RECOVERY), repeated, BY_SOURCE_TIME, time=NOON + 20)
    assert (late.outcome, late.reason) == (Outcome.RECORDED, ALREADY_OLD)
    in_time = after(said(Kind.RECOVERY), repeated, BY_SOURCE_TIME, time=NOON + 40)
    assert in_time.outcome is Outcome.RESOLVED


def test_a_person_resolves_whatever_the_senders_clock_says() -> None:
    ahead = alert(changed_time=NOON + 100)
    resolved = changed(after(said(Kind.RECOVERY, alert_seq=1), ahead, BY_SOURCE_TIME))
    assert (resolved.state, resolved.changed_time) == (AlertState.RESOLVED, NOON + 100)


def test_what_people_do_does_not_make_the_next_problem_old() -> None:
    slow_clock = alert(changed_time=NOON - 100)
    resolved = changed(after(said(Kind.RECOVERY, alert_seq=1), slow_clock, BY_SOURCE_TIME))
    assert after(problem(), resolved, BY_SOURCE_TIME, time=NOON - 50).outcome is Outcome.OPENED


# --- meant for one alert


@pytest.mark.parametrize(
    ("alert_seq", "latest", "missed"),
    [
        (0, None, False),
        (0, RESOLVED, False),
        (0, alert(), False),
        (1, alert(), False),
        (1, acknowledged(), False),
        (1, None, True),
        (1, RESOLVED, True),
        (1, alert(seq=2), True),
    ],
)
def test_a_signal_misses_an_alert_that_is_not_open_any_more(
    alert_seq: int, latest: Alert | None, missed: bool
) -> None:
    assert misses(said(Kind.NOTE, alert_seq=alert_seq), latest) is missed


# --- a problem that comes late, and projects whose alerts people resolve

WINDOW = SourceOptions(same_event_seconds=600)
LAST_MOMENT = NOON - 600_000_000


@pytest.mark.parametrize(
    ("signal", "last_at", "outcome"),
    [
        (problem(), LAST_MOMENT, Outcome.JOINED),
        (problem(), LAST_MOMENT - 1, Outcome.OPENED),
        (said(Kind.ERROR), LAST_MOMENT - 1, Outcome.OPENED),
        (said(Kind.INFO), LAST_MOMENT - 1, Outcome.JOINED),
        (said(Kind.RECOVERY), LAST_MOMENT - 1, Outcome.RESOLVED),
        (said(Kind.ACKNOWLEDGEMENT), LAST_MOMENT - 1, Outcome.ACKNOWLEDGED),
    ],
)
def test_only_a_problem_beyond_the_window_opens_another_alert(
    signal: Signal, last_at: int, outcome: Outcome
) -> None:
    assert after(signal, alert(last_at=last_at), WINDOW).outcome is outcome
    assert after(signal, alert(last_at=last_at)).outcome is not Outcome.OPENED


def test_a_late_warning_that_opens_nothing_joins() -> None:
    quiet = replace(WINDOW, warning_opens=False)
    late = alert(last_at=LAST_MOMENT - 1)
    assert after(problem(Severity.WARNING), late, quiet).outcome is Outcome.JOINED
    assert after(problem(Severity.ERROR), late, quiet).outcome is Outcome.OPENED


@pytest.mark.parametrize("latest", [alert(), acknowledged()])
def test_where_people_resolve_a_recovery_is_recorded_with_its_alert(latest: Alert) -> None:
    verdict = decide(said(Kind.RECOVERY), place(), latest, DEFAULT, recovered_by_hand=True)
    assert verdict == Verdict(None, latest.seq, Outcome.RECORDED, RECOVERED_BY_HAND)
    by_hand = decide(said(Kind.RECOVERY, alert_seq=1), place(), latest, DEFAULT, recovered_by_hand=True)
    assert by_hand.outcome is Outcome.RESOLVED


def test_where_people_resolve_everything_else_is_as_it_was() -> None:
    for kind in Kind:
        if kind is not Kind.RECOVERY:
            for latest in (None, alert(), RESOLVED):
                usual = after(said(kind), latest)
                assert decide(said(kind), place(), latest, DEFAULT, recovered_by_hand=True) == usual
    none_open = decide(said(Kind.RECOVERY), place(), None, DEFAULT, recovered_by_hand=True)
    assert (none_open.alert_seq, none_open.reason) == (0, NO_OPEN_ALERT)
