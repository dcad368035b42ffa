from collections import Counter, defaultdict
from itertools import groupby, pairwise

import pytest

from tests.property.monitoring_oracle import HOST_STATES, SERVICE_STATES, Monitoring, rows
from tests.property.monitoring_steps import AcknowledgementPut, DowntimeCancelled, Result
from tests.property.monitoring_story import Story, story


@pytest.fixture(scope="module")
def first() -> Story:
    return story(1)


def test_the_story_is_as_long_and_wide_as_it_must_be(first: Story) -> None:
    results = [step for step in first.steps if isinstance(step, Result)]
    assert len(results) >= 5_000
    assert len({step.host for step in results if not step.service}) == 100
    assert len({(step.host, step.service) for step in results if step.service}) == 600
    assert all(a.at <= b.at for a, b in pairwise(first.steps))
    assert story(1) == first
    assert story(2) != first


def test_the_story_has_soft_failures_flaps_and_outages(first: Story) -> None:
    attempts = {(each.host, each.name): each.max_attempts for each in first.world.services}
    made = [row for row in rows(first.world, first.steps) if row.eventtype == 0]
    assert sum(row.state_type == "soft" and row.state != "ok" for row in made) > 500
    assert sum(row.state_type == "soft" and row.state == "ok" for row in made) > 300
    early = [row for row in made if row.service and row.state_type == "hard" and row.state != "ok"]
    assert sum(row.attempt == 1 < attempts[row.host, row.service] for row in early) > 100
    assert {row.state for row in made} == {*HOST_STATES, *SERVICE_STATES}

    said: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for step in first.steps:
        if isinstance(step, Result):
            said[step.host, step.service].append(step.state == "ok")
    runs = [[alike for alike, _ in groupby(states)] for states in said.values()]
    assert sum(len(run) > 12 for run in runs) > 20


def test_the_story_has_downtimes_that_overlap_and_that_are_deleted(first: Story) -> None:
    monitoring = Monitoring(first.world)
    running: Counter[tuple[str, str]] = Counter()
    deepest, started, ended, unborn, cancelled = 0, 0, 0, 0, 0
    for step in first.steps:
        known = {entry.downtime: entry.running for entry in monitoring.entries}
        if isinstance(step, DowntimeCancelled) and step.name in known:
            unborn += not known[step.name]
            cancelled += known[step.name]
        for row in monitoring.take(step):
            running[row.host, row.service] += {2: 1, 3: -1}.get(row.eventtype, 0)
            deepest = max(deepest, running[row.host, row.service])
            started += row.eventtype == 2
            ended += row.eventtype == 3
    assert deepest > 1
    assert min(unborn, cancelled) > 10
    assert started == ended > 300
    assert not monitoring.entries


def test_the_story_has_acknowledgements_that_stick_and_that_do_not(first: Story) -> None:
    monitoring = Monitoring(first.world)
    put: Counter[tuple[bool, bool]] = Counter()
    ended: Counter[tuple[str, bool, bool]] = Counter()
    for step in first.steps:
        before = monitoring.acknowledged()
        made = monitoring.take(step)
        if isinstance(step, AcknowledgementPut):
            put[step.sticky, bool(made)] += 1
        elif isinstance(step, Result) and (step.host, step.service) in before:
            kept = (step.host, step.service) in monitoring.acknowledged()
            ended[before[step.host, step.service], bool(made), kept] += 1
    assert min(put[sticky, met] for sticky in (True, False) for met in (True, False)) > 10
    assert all(ended[kind, True, False] > 5 for kind in ("normal", "sticky"))
    assert ended["sticky", True, True] > 5
    assert ended["normal", True, True] > 5
