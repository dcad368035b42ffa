"""What intake rules make of a signal, and of the event and alert that come of it."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.unit.model.samples import alert, problem, recorded, said, source, submission
from tocsin.model.handling import Handling
from tocsin.model.intake_rule import (
    KEPT_BACK,
    Condition,
    Effect,
    IntakeRule,
    Operator,
    Orders,
    Requires,
    Treatment,
    treat,
)
from tocsin.model.life_cycle import Change
from tocsin.model.naming import name
from tocsin.model.policy import Policy, RouteRule, pass_on
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

SIGNAL = problem(title="Disk FULL", provider="aws", resource_id="i-1", labels={"team": "blue"})
QUIET = Effect(keeps_back=True)
KEEP = Orders(is_kept_back=True)
HEARD = Policy(routes=(RouteRule("all", lambda _: True, ("pager",)),))


def rule(
    *conditions: tuple[str, str, str],
    effect: Effect = QUIET,
    requires: Requires = Requires.ALL,
    called: str = "noise",
) -> IntakeRule:
    asked = tuple(Condition(field, Operator(operator), value) for field, operator, value in conditions)
    return IntakeRule("er-1", "default", "default", called, 1, asked, requires, effect, {}, 0)


def is_kept_back(*rules: IntakeRule) -> bool:
    return treated(*rules).orders.is_kept_back


def treated(*rules: IntakeRule, signal: Signal = SIGNAL) -> Treatment:
    return treat(rules, signal, "source-1", "default")


@pytest.mark.parametrize(
    ("field", "operator", "value", "holds"),
    [
        ("title", "eq", "Disk FULL", True),
        ("title", "eq", "disk full", False),
        ("title", "contain", "sk fu", True),
        ("title", "contain", "cpu", False),
        ("title", "not", "Disk FULL", False),
        ("title", "not", "disk full", True),
        ("title", "not_contain", "DISK", False),
        ("title", "not_contain", "cpu", True),
        ("description", "not", "anything", False),
        ("description", "not_contain", "anything", False),
        ("provider", "eq", "aws", True),
        ("resource_id", "eq", "i-1", True),
        ("source_id", "eq", "source-1", True),
        ("project_id", "eq", "default", True),
        ("labels.team", "eq", "blue", True),
        ("labels.other", "not", "blue", False),
    ],
)
def test_a_condition_compares_and_what_is_unknown_meets_none(
    field: str, operator: str, value: str, holds: bool
) -> None:
    assert is_kept_back(rule((field, operator, value))) is holds


def test_all_one_or_none_of_the_conditions_must_hold() -> None:
    yes, no = ("provider", "eq", "aws"), ("provider", "eq", "google")
    assert not is_kept_back(rule(yes, no))
    assert is_kept_back(rule(yes, no, requires=Requires.ANY))
    assert not is_kept_back(rule(no, requires=Requires.ANY))
    assert is_kept_back(rule(no, requires=Requires.ALWAYS))


def test_each_rule_sees_what_those_before_it_made_of_the_signal() -> None:
    move = Effect(project_id="web", labels={"moved": "yes"})
    found = treated(
        rule(effect=move, called="first"),
        rule(("labels.moved", "eq", "yes"), ("project_id", "eq", "web"), called="second"),
    )
    assert found == Treatment(
        "web",
        {"team": "blue", "moved": "yes"},
        Orders(is_kept_back=True),
        ("the rule first moved it to the project web and set moved",),
    )
    assert SIGNAL.labels == {"team": "blue"}


def test_the_rules_after_one_that_stops_are_not_looked_at() -> None:
    stop = rule(effect=Effect(stops=True))
    assert treated(stop, rule()) == Treatment("default", {"team": "blue"})
    unmet = rule(("title", "eq", "no"), effect=Effect(stops=True))
    assert is_kept_back(unmet, rule())


def test_what_changes_nothing_has_no_remark_and_a_rule_without_a_name_its_id() -> None:
    same = Effect(project_id="default", labels={"team": "blue"})
    assert treated(rule(effect=same)).remarks == ()
    moved = treated(rule(effect=Effect(project_id="web"), called=""))
    assert moved.remarks == ("the rule er-1 moved it to the project web",)


def test_a_moved_signal_is_matched_and_recorded_in_its_new_project() -> None:
    rules: Sequence[IntakeRule] = [rule(effect=Effect(project_id="web", labels={"a": "b"}))]
    (named,) = name(submission(SIGNAL), rules)
    assert (named.project_id, named.alert) == ("web", ("default", "web", "cpu"))
    assert named.signal.labels == {"team": "blue", "a": "b"}
    entries = recorded(submission(SIGNAL), rules=rules)
    (event,), (opened,) = entries.events, entries.alerts.values()
    assert event.project_id == opened.project_id == "web"
    assert event.labels == opened.labels == {"team": "blue", "a": "b"}
    assert event.reason == "the rule noise moved it to the project web and set a"
    assert entries.receipts[0][0].reason == event.reason


def test_what_people_and_tocsin_itself_say_is_beyond_the_rules() -> None:
    rules = [rule(effect=Effect(project_id="web"))]
    (by_hand,) = name(submission(said(Kind.ACKNOWLEDGEMENT, alert_seq=1)), rules)
    assert by_hand.project_id == "default"
    (own,) = name(submission(SIGNAL, of=replace(source(), id="")), rules)
    assert own.project_id == "default"


def test_who_heard_of_an_alert_hears_of_it_all_the_same() -> None:
    (event,) = recorded(submission(SIGNAL)).events
    new = pass_on(HEARD, event, Change.OPENED, alert(), 0, KEEP)
    assert (new.targets, new.remark, new.alert) == ({}, KEPT_BACK, alert())
    heard = alert(passed_to=("all",))
    for change in (Change.SEVERITY, Change.RESOLVED):
        assert pass_on(HEARD, event, change, heard, 0, KEEP).targets == {"pager": "all"}
    nobody = pass_on(Policy(), event, Change.OPENED, alert(), 0, KEEP)
    assert nobody.remark == ""


def test_a_new_alert_is_given_to_somebody_and_has_the_urgency_of_the_rules() -> None:
    rules = [
        rule(effect=Effect(assignee="ann", urgency="HIGH")),
        rule(("title", "contain", "disk"), effect=Effect(urgency="LOW")),
    ]
    entries = recorded(submission(SIGNAL, SIGNAL), rules=rules)
    opened, joined = entries.events
    assert entries.handling == [Handling("default", opened.seq, urgency="LOW")]
    assert [alert.assignee for alert in entries.alerts.values()] == ["ann"]
    assert opened.reason == "a rule gave the alert to ann; a rule made its urgency LOW"
    assert joined.reason == ""


@pytest.mark.parametrize(
    ("severity", "urgency", "is_heard"),
    [
        (Severity.CRITICAL, "", True),
        (Severity.CRITICAL, "LOW", False),
        (Severity.WARNING, "", False),
        (Severity.WARNING, "HIGH", True),
    ],
)
def test_where_only_what_is_urgent_is_passed_on_the_rules_have_the_last_word(
    severity: Severity, urgency: str, is_heard: bool
) -> None:
    policy = replace(HEARD, high_only=frozenset({"default"}))
    (event,) = recorded(submission(problem(severity))).events
    for before in (alert(severity=severity), None):
        found = pass_on(policy, event, Change.OPENED, before, 0, Orders(urgency=urgency))
        assert bool(found.targets) is is_heard
