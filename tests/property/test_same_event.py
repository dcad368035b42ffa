"""Whatever comes when: how long an open alert takes the problems of its key, and who resolves it."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.notebook import Notebook, written
from tests.property.submissions import NOON, OBJECT_LIMIT, source
from tocsin.model.alert import AlertState
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Submission

SECOND = 1_000_000
WINDOW = 600
LONG = WINDOW * SECOND
WITH_WINDOW = source(1, "north", "default", "agent", SourceOptions(same_event_seconds=WINDOW))
WITHOUT = source(2, "north", "default", "other", SourceOptions())

STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 1, LONG - 1, LONG, LONG + 1, 10 * LONG)),
        st.sampled_from((Kind.PROBLEM, Kind.PROBLEM, Kind.ERROR, Kind.INFO, Kind.RECOVERY)),
    ),
    max_size=12,
)
"""Each signal: microseconds after the one before, and what it is."""


def said(kind: Kind, *, of: Source = WITH_WINDOW, alert_seq: int = 0) -> Submission:
    signal = Signal(kind, "cpu", severity=Severity.ERROR, title="hot", alert_seq=alert_seq)
    return Submission(of, Payload("native", "", {}, b"{}"), [signal])


@given(STEPS)
@settings(max_examples=100)
def test_a_problem_joins_the_newest_open_alert_within_its_time(steps: list[tuple[int, Kind]]) -> None:
    notebook, now = Notebook(OBJECT_LIMIT), NOON
    running: list[tuple[int, int]] = []  # number of each open alert and when its last event was recorded
    for seq, (pause, kind) in enumerate(steps, start=1):
        now += pause
        notebook.write([said(kind)], now)
        (receipt,) = notebook.receipts[-1]
        is_problem = kind in (Kind.PROBLEM, Kind.ERROR)
        if is_problem and (not running or now - running[-1][1] > LONG):
            running.append((seq, now))
            expected = (Outcome.OPENED, seq)
        elif not running:
            expected = (Outcome.RECORDED, 0)
        elif kind is Kind.RECOVERY:
            expected = (Outcome.RESOLVED, running.pop()[0])
        else:
            running[-1] = (running[-1][0], now)
            expected = (Outcome.JOINED, running[-1][0])
        assert (receipt.outcome, receipt.alert_seq) == expected
    still_open = [a.seq for a in notebook.alerts.values() if a.state is not AlertState.RESOLVED]
    assert sorted(still_open) == [seq for seq, _ in running]


ACTS = st.one_of(
    st.builds(said, st.sampled_from((Kind.PROBLEM, Kind.RECOVERY, Kind.INFO))),
    st.builds(said, st.just(Kind.PROBLEM), of=st.just(WITHOUT)),
    st.builds(said, st.sampled_from((Kind.RECOVERY, Kind.ACKNOWLEDGEMENT)), alert_seq=st.integers(1, 3)),
)


@given(st.lists(st.tuples(ACTS, st.booleans()), max_size=12), st.data())
@settings(max_examples=100)
def test_where_batches_are_cut_changes_nothing(
    acts: list[tuple[Submission, bool]], data: st.DataObject
) -> None:
    # Between two runs of acts at one moment lies more than the window.
    runs: list[tuple[list[Submission], int]] = [([], NOON)]
    for act, is_later in acts:
        if is_later:
            runs.append(([], runs[-1][1] + 2 * LONG))
        runs[-1][0].append(act)
    cut = []
    for run, now in runs:
        cuts = data.draw(st.lists(st.integers(0, len(run)), max_size=3), label="cuts")
        cut += [(run[start:end], now) for start, end in pairwise(sorted({0, len(run), *cuts}))]
    assert written(cut) == written([([each], now) for run, now in runs for each in run])


@given(STEPS)
@settings(max_examples=50)
def test_an_act_by_hand_reaches_each_open_alert_of_a_key(steps: list[tuple[int, Kind]]) -> None:
    notebook, now = Notebook(OBJECT_LIMIT), NOON
    for pause, kind in steps:
        now += pause
        notebook.write([said(kind)], now)
    unresolved = [a.seq for a in notebook.alerts.values() if a.state is not AlertState.RESOLVED]
    for seq in unresolved:
        notebook.write([said(Kind.RECOVERY, alert_seq=seq)], now)
        (receipt,) = notebook.receipts[-1]
        assert (receipt.outcome, receipt.alert_seq) == (Outcome.RESOLVED, seq)
    assert all(alert.state is AlertState.RESOLVED for alert in notebook.alerts.values())
