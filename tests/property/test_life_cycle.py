"""Whatever sources say, in whatever order: what must hold of the life cycle of alerts."""

from collections import Counter
from copy import deepcopy
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.notebook import Notebook, written
from tests.property.submissions import BATCHES, NOON, OBJECT_LIMIT, Batches, submissions
from tocsin.model.alert import AlertState
from tocsin.model.naming import name
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.submission import Submission

few = settings(max_examples=50)


@given(st.lists(submissions(), max_size=10), st.data())
@few
def test_where_batches_are_cut_changes_nothing(requests: list[Submission], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(requests)), max_size=4), label="cuts"))
    bounds = [0, *cuts, len(requests)]
    batches = [(requests[start:end], NOON) for start, end in pairwise(bounds)]
    assert written(batches) == written([([request], NOON) for request in requests])


@given(submissions())
@few
def test_naming_leaves_a_submission_as_it_is(submission: Submission) -> None:
    as_it_came = deepcopy(submission)
    first = name(submission)
    assert submission == as_it_came
    assert name(submission) == first


@given(BATCHES)
@few
def test_at_most_one_alert_is_open_for_a_key_and_a_resolved_one_stands(batches: Batches) -> None:
    notebook = Notebook(OBJECT_LIMIT)
    for batch, now in batches:
        for submission in batch:
            before = dict(notebook.alerts)
            notebook.write([submission], now)
            keys = Counter(
                (alert.domain_id, alert.project_id, alert.key)
                for alert in notebook.alerts.values()
                if alert.state is not AlertState.RESOLVED
            )
            assert max(keys.values(), default=1) == 1
            for identity, alert in before.items():
                if alert.state is AlertState.RESOLVED:
                    assert notebook.alerts[identity] == alert


@given(BATCHES)
@few
def test_counts_add_up(batches: Batches) -> None:
    notebook = written(batches)
    counted = Counter(
        (event.domain_id, event.alert_seq)
        for event in notebook.events
        if event.kind in (Kind.PROBLEM, Kind.ERROR) and event.outcome is not Outcome.RECORDED
    )
    assert {identity: alert.count for identity, alert in notebook.alerts.items()} == counted


@given(BATCHES)
@few
def test_an_alert_is_opened_first_and_resolved_last(batches: Batches) -> None:
    notebook = written(batches)
    told: dict[tuple[str, int], list[Outcome]] = {}
    for event in notebook.events:
        if event.outcome is not Outcome.RECORDED:
            told.setdefault((event.domain_id, event.alert_seq), []).append(event.outcome)
    assert told.keys() == notebook.alerts.keys()
    for identity, (first, *rest) in told.items():
        assert first is Outcome.OPENED
        assert Outcome.OPENED not in rest
        assert Outcome.RESOLVED not in rest[:-1]
        is_resolved = notebook.alerts[identity].state is AlertState.RESOLVED
        assert (rest[-1:] == [Outcome.RESOLVED]) == is_resolved


@given(BATCHES)
@few
def test_numbers_have_no_gap_and_time_never_runs_back(batches: Batches) -> None:
    notebook = written(batches)
    for domain_id, domain in notebook.domains.items():
        events = [event for event in notebook.events if event.domain_id == domain_id]
        assert [event.seq for event in events] == list(range(1, domain.next_seq))
        times = [event.recorded_at for event in events]
        assert times == sorted(times)
        assert max(times, default=0) <= domain.recorded_at


@given(BATCHES)
@few
def test_discovered_objects_keep_to_their_limit_and_are_counted(batches: Batches) -> None:
    notebook = written(batches)
    names = notebook.object_names()
    assert len({(domain_id, *name) for (domain_id, _), name in names.items()}) == len(names)
    for domain_id, domain in notebook.domains.items():
        objects = [each for each in notebook.objects.values() if each.domain_id == domain_id]
        assert domain.discovered == len([each for each in objects if each.discovered])
        assert domain.discovered <= OBJECT_LIMIT
        assert sorted(each.id for each in objects) == list(range(1, domain.next_object))
        assert {(each.host, "") for each in objects} <= {(each.host, each.service) for each in objects}


@given(BATCHES)
@few
def test_every_item_has_its_answer_and_every_event_its_payload(batches: Batches) -> None:
    notebook = written(batches)
    requests = [submission for batch, _ in batches for submission in batch]
    payloads = {(domain_id, seq): (day, source) for domain_id, seq, day, source, _ in notebook.payloads}
    assert len(payloads) == len(notebook.payloads)
    assert {
        (event.domain_id, event.payload_seq): (event.day, event.source_id) for event in notebook.events
    } == payloads

    events = {(event.domain_id, event.seq): event for event in notebook.events}
    refused = []
    for submission, receipts in zip(requests, notebook.receipts, strict=True):
        items = len(submission.signals) + len(submission.refusals)
        assert [receipt.index for receipt in receipts] == list(range(items))
        numbers = [receipt.seq for receipt in receipts if receipt.outcome is not Outcome.REJECTED]
        mine = [events.pop((submission.source.domain_id, seq)) for seq in numbers]
        assert {event.payload_seq for event in mine} <= set(numbers[:1])
        assert [event.payload_index for event in mine] == [
            receipt.index for receipt in receipts if receipt.seq
        ]
        refused += [
            (submission.source.id, receipt.index, receipt.reason)
            for receipt in receipts
            if receipt.outcome is Outcome.REJECTED
        ]
    assert events == {}
    kept = [
        (item.submission.source.id, item.refusal.index, item.refusal.reason) for item in notebook.rejected
    ]
    assert sorted(kept) == sorted(refused)
