"""Whatever sources say, in whatever order: the model and the oracle say the same of it."""

from hypothesis import given, settings

from tests.property import oracle
from tests.property.notebook import Notebook, written
from tests.property.submissions import BATCHES, DAY, OBJECT_LIMIT, Batches
from tocsin.model import discovery, life_cycle, recording
from tocsin.model.alert import Alert
from tocsin.model.receipt import Outcome

IN_WORDS = {
    oracle.NO_ALERT: life_cycle.NO_OPEN_ALERT,
    oracle.NOT_ITS_ALERT: life_cycle.NOT_ITS_ALERT,
    oracle.NOT_ACKNOWLEDGED: life_cycle.NOT_ACKNOWLEDGED,
    oracle.DOES_NOT_OPEN: life_cycle.WARNING_OPENS_NOTHING,
    oracle.OLDER: life_cycle.ALREADY_OLD,
    oracle.TRIGGERED_AGAIN: life_cycle.TRIGGERED_AGAIN,
    oracle.TOO_MANY: discovery.OBJECTS_FULL,
    oracle.AHEAD: recording.FROM_THE_FUTURE,
    oracle.NAMELESS: recording.KEY_MADE,
}


@given(BATCHES)
@settings(max_examples=150)
def test_the_model_does_as_the_oracle_says(batches: Batches) -> None:
    notebook, told = written(batches), heard(batches)
    check_events(notebook, told)
    check_alerts(notebook, told)
    check_objects(notebook, told)
    check_receipts(notebook, told, batches)


def heard(batches: Batches) -> oracle.Oracle:
    told = oracle.Oracle(OBJECT_LIMIT)
    for batch, now in batches:
        for submission in batch:
            told.look_at_clock(submission.source.domain_id, now)
            for signal in submission.signals:
                told.hear(submission.source, signal, now)
    return told


def check_events(notebook: Notebook, told: oracle.Oracle) -> None:
    names = notebook.object_names()
    assert [
        (
            (event.domain_id, event.seq, event.project_id, event.source_id),
            (event.kind, event.key, event.title, event.host, event.service, event.state, event.state_type),
            (names[event.domain_id, event.object_id], event.alert_seq, event.outcome, reasons(event.reason)),
            (event.recorded_at, event.day, event.occurred_at, event.time),
        )
        for event in notebook.events
    ] == [
        (
            (fact.domain, fact.seq, fact.project, fact.source),
            (fact.kind, fact.key, fact.title, fact.host, fact.service, fact.state, "hard"),
            (fact.stands_on, fact.alert, fact.outcome, spoken(fact.why)),
            (fact.recorded_at, fact.recorded_at // DAY, fact.occurred_at, fact.time),
        )
        for fact in told.facts
        if fact.outcome is not Outcome.REJECTED
    ]


def check_alerts(notebook: Notebook, told: oracle.Oracle) -> None:
    numbers = {(domain_id, *name): number for (domain_id, number), name in notebook.object_names().items()}
    stands_on = {(fact.domain, fact.seq): fact.stands_on for fact in told.facts}
    assert notebook.alerts == {
        (problem.domain, problem.seq): Alert(
            domain_id=problem.domain,
            seq=problem.seq,
            project_id=problem.project,
            source_id=problem.source,
            object_id=numbers[problem.domain, *stands_on[problem.domain, problem.seq]],
            key=problem.key,
            title=problem.title,
            severity=problem.severity,
            state=problem.state,
            host=problem.host,
            service=problem.service,
            rule=problem.rule,
            labels=problem.labels,
            count=problem.count,
            last_seq=problem.last_seq,
            last_at=problem.last_at,
            opened_at=problem.opened_at,
            changed_at=problem.changed_at,
            changed_time=problem.changed_time,
            acknowledged_at=problem.acknowledged_at,
            acknowledged_until=problem.acknowledged_until,
            acknowledged_by=problem.acknowledged_by,
            acknowledged_comment=problem.acknowledged_comment,
            resolved_at=problem.resolved_at,
            resolved_by=problem.resolved_by,
        )
        for problem in told.problems
    }


def check_objects(notebook: Notebook, told: oracle.Oracle) -> None:
    # When an object was last heard of is promised to the day: whatever else changes in it may renew it.
    assert sorted(
        (
            *(each.domain_id, each.host, each.service, each.state, each.state_since),
            *(each.seen_at // DAY, each.discovered),
        )
        for each in notebook.objects.values()
    ) == sorted(
        (
            *(thing.domain, thing.host, thing.service, thing.state, thing.state_since),
            *(thing.seen_at // DAY, thing.discovered),
        )
        for thing in told.things
    )


def check_receipts(notebook: Notebook, told: oracle.Oracle, batches: Batches) -> None:
    facts = iter(told.facts)
    expected = []
    for batch, _ in batches:
        for submission in batch:
            items = [
                (refusal.index, Outcome.REJECTED, frozenset({refusal.reason}), 0, 0)
                for refusal in submission.refusals
            ]
            for signal in submission.signals:
                fact = next(facts)
                items.append((signal.index, fact.outcome, spoken(fact.why), fact.seq, fact.alert))
            expected.append(sorted(items, key=lambda item: item[0]))
    assert [
        [(each.index, each.outcome, reasons(each.reason), each.seq, each.alert_seq) for each in receipts]
        for receipts in notebook.receipts
    ] == expected


def reasons(text: str) -> frozenset[str]:
    return frozenset(text.split("; ")) if text else frozenset()


def spoken(why: frozenset[str]) -> frozenset[str]:
    return frozenset(IN_WORDS.get(each, each) for each in why)
