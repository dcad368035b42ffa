"""The machine of soft and hard states, as a table: results -> the events that they make."""

import pytest

from tests.unit.model.samples import NOON, known
from tocsin.model.checking import (
    HOST_STATES,
    SERVICE_STATES,
    Surroundings,
    check,
    is_well,
    severity_of,
    take_over,
)
from tocsin.model.monitored import MonitoredObject
from tocsin.model.signal import Kind, Signal

SERVICE = {"O": "ok", "W": "warning", "C": "critical", "U": "unknown"}
HOST = {"U": "up", "D": "down", "R": "unreachable"}
HOST_DOWN = Surroundings(is_host_up=False)
CUT_OFF = Surroundings(are_parents_down=True)


def play(
    present: MonitoredObject,
    results: str,
    around: Surroundings = Surroundings(),  # noqa: B008 -- frozen
    *,
    is_active: bool = False,
) -> tuple[list[str], MonitoredObject]:
    """Check an object again and again, and write the events as the table does: `C s1, O h`."""
    letters = SERVICE if present.service else HOST
    names = {state: letter for letter, state in letters.items()}
    made = []
    for number, letter in enumerate(results.split()):
        checked = check(
            present, letters[letter], f"result {number}", NOON + number, around, is_active=is_active
        )
        present = checked.object
        if checked.is_event:
            made.append(f"{names[checked.state]} {checked.state_type[0]}{checked.attempt}")
    return made, present


@pytest.mark.parametrize(
    ("results", "attempts", "made"),
    [
        ("O", 3, "O h1"),
        ("O O O", 3, "O h1"),
        ("O C O", 3, "O h1, C s1, O s2"),
        ("C O", 3, "C s1, O s2"),
        ("C C O", 3, "C s1, C s2, O s3"),
        ("C C C C O", 3, "C s1, C s2, C h3, O h3"),
        ("C C C O O C", 3, "C s1, C s2, C h3, O h3, C s1"),
        ("W C C W", 3, "W s1, C s2, C h3, W h3"),
        ("W W W C U C O", 3, "W s1, W s2, W h3, C h3, U h3, C h3, O h3"),
        ("C C O", 1, "C h1, O h1"),
        ("O C C O C", 1, "O h1, C h1, O h1, C h1"),
        ("C C O", 0, "C h1, O h1"),
        ("C C C O", 2, "C s1, C h2, O h2"),
    ],
)
def test_a_service_whose_host_is_up(results: str, attempts: int, made: str) -> None:
    events, _ = play(known(1, "web", "load", max_attempts=attempts), results)
    assert ", ".join(events) == made


@pytest.mark.parametrize(
    ("results", "attempts", "made"),
    [
        ("C C O", 3, "C h1, O h1"),
        ("O C C W O", 3, "O h1, C h1, W h1, O h1"),
    ],
)
def test_a_service_whose_host_is_not_up_is_hard_at_once(results: str, attempts: int, made: str) -> None:
    events, _ = play(known(1, "web", "load", max_attempts=attempts), results, HOST_DOWN)
    assert ", ".join(events) == made


def test_a_soft_problem_gets_hard_when_the_host_goes_down_and_stays_so_after_it() -> None:
    soft = play(known(1, "web", "load", max_attempts=3), "C")[1]
    events, hard = play(soft, "C C", HOST_DOWN)
    assert events == ["C h1"]
    assert play(hard, "C W O")[0] == ["W h1", "O h1"]


@pytest.mark.parametrize("volatile", [1, 2])
def test_every_result_of_a_volatile_service_in_a_hard_problem_is_an_event(volatile: int) -> None:
    volatile_service = known(1, "web", "load", max_attempts=3, volatile=volatile)
    assert play(volatile_service, "C C C C")[0] == ["C s1", "C s2", "C h3", "C h3"]


@pytest.mark.parametrize(
    ("results", "attempts", "made"),
    [
        ("U U", 2, "U h1"),
        ("D D U", 2, "D s1, D h2, U h1"),
        ("D U", 2, "D s1, U h1"),
        ("D D R D U", 2, "D s1, D h2, R h2, D h2, U h1"),
        ("D D", 1, "D h1"),
    ],
)
def test_a_host(results: str, attempts: int, made: str) -> None:
    assert ", ".join(play(known(1, "web", max_attempts=attempts), results)[0]) == made


def test_what_lies_behind_hosts_that_are_down_is_unreachable_to_active_checks() -> None:
    assert play(known(1, "web"), "D", CUT_OFF, is_active=True)[0] == ["R h1"]
    assert play(known(1, "web"), "D", CUT_OFF)[0] == ["D h1"]
    assert play(known(1, "web"), "U", CUT_OFF, is_active=True)[0] == ["U h1"]


def test_the_object_remembers_results_that_are_no_events() -> None:
    first = play(known(1, "web", "load", max_attempts=1), "C")[1]
    checked = check(first, "critical", "still full", NOON + 60, Surroundings(), is_active=False)
    assert not checked.is_event
    now = checked.object
    assert (now.output, now.checked_at, now.seen_at) == ("still full", NOON + 60, NOON + 60)
    assert (now.state, now.state_type, now.attempt, now.hard_state) == ("critical", "hard", 1, "critical")
    assert now.state_since == NOON


def test_a_soft_problem_has_no_hard_state_of_its_own() -> None:
    soft = play(known(1, "web", "load", max_attempts=3), "C C")[1]
    assert (soft.state, soft.state_type, soft.attempt, soft.hard_state) == ("critical", "soft", 2, "ok")
    well = play(soft, "O")[1]
    assert (well.state, well.state_type, well.attempt, well.hard_state) == ("ok", "hard", 1, "ok")


@pytest.mark.parametrize(
    ("results", "sticky", "stays"),
    [
        ("C", False, True),
        ("W", False, False),
        ("W", True, True),
        ("W C", True, True),
        ("O", False, False),
        ("O", True, False),
    ],
)
def test_an_acknowledgement_lasts_until_the_state_changes_or_until_all_is_well(
    results: str, sticky: bool, stays: bool
) -> None:
    acknowledged = known(
        1,
        "web",
        "load",
        state="critical",
        hard_state="critical",
        acknowledged_at=NOON,
        acknowledged_by="ann",
        acknowledged_comment="on it",
        sticky=sticky,
    )
    now = play(acknowledged, results)[1]
    assert bool(now.acknowledged_at) == bool(now.acknowledged_by) == stays


def test_what_changes_all_the_time_flaps_until_it_has_been_calm() -> None:
    detected = known(1, "web", "load", flap_detection=True)
    assert not play(detected, "C O C")[1].flapping
    flapping = play(detected, "C O C O C")[1]
    assert flapping.flapping
    assert play(flapping, "C " * 10)[1].flapping
    assert not play(flapping, "C " * 20)[1].flapping
    assert not play(known(1, "web", "load"), "C O C O C")[1].flapping


@pytest.mark.parametrize("state", [*SERVICE_STATES, *HOST_STATES])
def test_what_is_well_is_of_no_severity(state: str) -> None:
    assert (severity_of(state) == "none") == is_well(state)


@pytest.mark.parametrize(
    ("results", "volatile", "made"),
    [
        ("O h1, O h1", 0, "O h1"),
        ("C s1, C s2, C h1, C h1, O h1", 0, "C s1, C s2, C h1, O h1"),
        ("C s1, C s1, W s2, C s3", 0, "C s1, W s2, C s3"),
        ("C h1, C h1", 1, "C h1, C h1"),
        ("C h1, C s1", 0, "C h1, C s1"),
    ],
)
def test_what_the_sender_has_decided_stands(results: str, volatile: int, made: str) -> None:
    present = known(1, "web1", service="disk", volatile=volatile, max_attempts=7)
    told = []
    for number, written in enumerate(results.split(", ")):
        state_type = "hard" if written[2] == "h" else "soft"
        signal = Signal(
            Kind.CHECK_RESULT, "k", state=SERVICE[written[0]], state_type=state_type, attempt=int(written[3])
        )
        checked = take_over(present, signal, NOON + number)
        present = checked.object
        if checked.is_event:
            told.append(written)
    assert ", ".join(told) == made
