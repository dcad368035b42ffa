import pytest

from tests.property.monitoring_oracle import Monitoring, rows
from tests.property.monitoring_steps import (
    AcknowledgementPut,
    AcknowledgementRemoved,
    Clock,
    DowntimeCancelled,
    DowntimePut,
    Host,
    Result,
    Row,
    Service,
    Step,
    World,
)

LETTERS = {
    "ok": "O",
    "warning": "W",
    "critical": "C",
    "unknown": "K",
    "up": "U",
    "down": "D",
    "unreachable": "N",
}
STATES = {letter: state for state, letter in LETTERS.items()}


def short(row: Row) -> str:
    return f"{LETTERS[row.state]} {row.state_type[0]}{row.attempt}"


def told(text: str) -> list[tuple[str, str]]:
    """Results in short: `C` of the service, `D` of its host."""
    return [("" if letter in "UDN" else "s", STATES[letter]) for letter in text.split()]


def traced(before: str, results: str, attempts: int = 3, volatile: bool = False) -> str:
    world = World((Host("h", attempts),), (Service("h", "s", attempts, volatile),))
    monitoring = Monitoring(world)
    for at, (service, state) in enumerate(told(before)):
        monitoring.take(Result(at, "h", service, state))
    made = [monitoring.take(Result(100 + at, "h", *said)) for at, said in enumerate(told(results))]
    return ", ".join(short(row) for step in made for row in step)


@pytest.mark.parametrize(
    ("before", "results", "expected"),
    [
        ("", "O", "O h1"),
        ("", "O O", "O h1"),
        ("", "C", "C s1"),
        ("O", "C O", "C s1, O s2"),
        ("O", "C C O", "C s1, C s2, O s3"),
        ("O", "C C C C O", "C s1, C s2, C h3, O h3"),
        ("O", "C O C", "C s1, O s2, C s1"),
        ("O", "C O O C", "C s1, O s2, C s1"),
        ("O", "C C C O C O", "C s1, C s2, C h3, O h3, C s1, O s2"),
        ("", "W C C W", "W s1, C s2, C h3, W h3"),
        ("O C C C", "C K K W O", "K h3, W h3, O h3"),
    ],
)
def test_a_service_with_three_attempts(before: str, results: str, expected: str) -> None:
    assert traced(before, results) == expected


@pytest.mark.parametrize(
    ("before", "results", "expected"),
    [
        ("O D", "C C O", "C h1, O h1"),
        ("O D", "C W W O", "C h1, W h1, O h1"),
        ("D", "C", "C h1"),
        ("D D D", "C C", "C h1"),
        ("O N", "C", "C h1"),
        ("O C D", "C C", "C h1"),
        ("O C D", "O", "O s2"),
        ("O D C U", "C W O C", "W h1, O h1, C s1"),
        ("O D U", "C", "C s1"),
    ],
)
def test_a_service_whose_host_is_not_up_goes_hard_at_once(before: str, results: str, expected: str) -> None:
    assert traced(before, results) == expected


def test_a_service_with_one_attempt_is_always_hard() -> None:
    assert traced("O", "C C O", attempts=1) == "C h1, O h1"
    assert traced("", "C W O", attempts=1) == "C h1, W h1, O h1"


def test_a_volatile_service_gives_a_row_for_each_hard_failure() -> None:
    assert traced("O", "C C C C", volatile=True) == "C s1, C s2, C h3, C h3"
    assert traced("O D", "C C O O", volatile=True) == "C h1, C h1, O h1"


@pytest.mark.parametrize(
    ("before", "results", "expected"),
    [
        ("", "U U", "U h1"),
        ("", "D D U", "D s1, D h2, U h1"),
        ("", "D U", "D s1, U h1"),
        ("U", "D D D N N U U D", "D s1, D h2, N h2, U h1, D s1"),
        ("U", "D N", "D s1, N h2"),
    ],
)
def test_a_host_with_two_attempts(before: str, results: str, expected: str) -> None:
    assert traced(before, results, attempts=2) == expected


def test_a_host_is_unreachable_only_while_all_its_parents_fail() -> None:
    world = World((Host("a"), Host("b"), Host("c", 3, ("a", "b")), Host("d", 1, ("c",))))
    made = rows(
        world,
        [Result(at, host, "", "down") for at, host in enumerate(["a", "c", "b", "c", "c", "d"])]
        + [Result(6, "b", "", "up"), Result(7, "c", "", "down")],
    )
    assert [(row.host, short(row)) for row in made] == [
        ("a", "D s1"),
        ("c", "D s1"),
        ("b", "D s1"),
        ("c", "N s2"),
        ("c", "N h3"),
        ("d", "N h1"),
        ("b", "U h1"),
        ("c", "D h3"),
    ]


TEN = World((Host("h"), Host("other")), (*(Service("h", f"s{n}") for n in range(10)), Service("other", "s0")))


def timed(*steps: Step) -> list[tuple[int, str, str, int]]:
    return [(row.eventtype, row.host, row.service, row.time) for row in rows(TEN, steps)]


def entries(eventtype: int, time: int) -> list[tuple[int, str, str, int]]:
    return [(eventtype, "h", service, time) for service in ["", *(f"s{n}" for n in range(10))]]


def test_a_host_downtime_over_ten_services_gives_eleven_rows_of_each_type() -> None:
    put = DowntimePut(1, "d", "h", "", 10, 20)
    assert timed(put, Clock(9)) == []
    assert timed(put, Clock(10), Clock(19)) == entries(2, 10)
    assert timed(put, Clock(10), Clock(20), Clock(30)) == entries(2, 10) + entries(3, 20)
    assert timed(put, Clock(30)) == entries(2, 10) + entries(3, 20)


def test_a_downtime_deleted_before_its_start_gives_no_row() -> None:
    assert timed(DowntimePut(1, "d", "h", "", 10, 20), DowntimeCancelled(9, "d"), Clock(30)) == []


def test_a_running_downtime_ends_when_it_is_cancelled() -> None:
    put = DowntimePut(1, "d", "h", "", 10, 20)
    cancelled = DowntimeCancelled(15, "d")
    assert timed(put, cancelled, Clock(30), DowntimeCancelled(31, "d")) == entries(2, 10) + entries(3, 15)


def test_overlapping_downtimes_give_the_rows_of_both() -> None:
    made = timed(DowntimePut(1, "a", "h", "s1", 10, 20), DowntimePut(2, "b", "h", "s1", 15, 25), Clock(30))
    assert [(eventtype, time) for eventtype, _, _, time in made] == [(2, 10), (2, 15), (3, 20), (3, 25)]
    assert {(host, service) for _, host, service, _ in made} == {("h", "s1")}


def test_a_downtime_whose_start_is_past_starts_at_once() -> None:
    assert timed(DowntimePut(5, "d", "h", "s1", 3, 20)) == [(2, "h", "s1", 5)]


def test_rows_of_downtimes_show_the_object_as_it_is() -> None:
    steps: list[Step] = [
        DowntimePut(0, "d", "h", "s1", 10, 20),
        Result(1, "h", "s1", "critical"),
        Clock(10),
        Result(11, "h", "s1", "ok"),
        Clock(20),
    ]
    assert [(row.eventtype, short(row)) for row in rows(TEN, steps)] == [
        (0, "C s1"),
        (2, "C s1"),
        (0, "O s2"),
        (3, "O h1"),
    ]
    steps.insert(4, Result(12, "h", "s1", "ok"))
    assert short(rows(TEN, steps)[-1]) == "O h1"


def acknowledged(before: str, sticky: bool, after: str) -> tuple[str, str]:
    """What the steps after an acknowledgement give, and what is left of it."""
    monitoring = Monitoring(World((Host("h", 2),), (Service("h", "s", 3),)))
    for at, (service, state) in enumerate(told(before)):
        monitoring.take(Result(at, "h", service, state))
    (row,) = monitoring.take(AcknowledgementPut(50, "h", "s", sticky))
    assert (row.eventtype, row.service, row.time) == (1, "s", 50)
    made = [
        row for at, said in enumerate(told(after)) for row in monitoring.take(Result(60 + at, "h", *said))
    ]
    assert {row.eventtype for row in made} <= {0}
    return ", ".join(map(short, made)), monitoring.acknowledged().get(("h", "s"), "")


def test_an_acknowledgement_holds_until_its_problem_changes_or_ends() -> None:
    assert acknowledged("W W W", False, "W") == ("", "normal")
    assert acknowledged("W W W", False, "C") == ("C h3", "")
    assert acknowledged("W W W", True, "C K") == ("C h3, K h3", "sticky")
    assert acknowledged("W W W", True, "C O") == ("C h3, O h3", "")
    assert acknowledged("W", False, "W W") == ("W s2, W h3", "normal")
    assert acknowledged("W", False, "C") == ("C s2", "")
    assert acknowledged("W", True, "O") == ("O s2", "")
    assert acknowledged("W", False, "D") == ("D s1", "normal")


def test_acknowledgements_have_a_row_for_each_call_on_a_problem_and_none_for_their_end() -> None:
    monitoring = Monitoring(World((Host("h", 2),), (Service("h", "s", 3),)))
    assert monitoring.take(AcknowledgementPut(1, "h", "s", True)) == []
    monitoring.take(Result(2, "h", "s", "critical"))
    monitoring.take(Result(3, "h", "", "down"))
    assert monitoring.take(AcknowledgementPut(4, "h", "", True)) == [Row(1, "h", "", "down", "soft", 1, 4)]
    assert monitoring.take(AcknowledgementPut(5, "h", "s", True)) == [
        Row(1, "h", "s", "critical", "soft", 1, 5)
    ]
    assert monitoring.take(AcknowledgementPut(6, "h", "s", False)) == [
        Row(1, "h", "s", "critical", "soft", 1, 6)
    ]
    assert monitoring.acknowledged() == {("h", ""): "sticky", ("h", "s"): "normal"}
    assert monitoring.take(AcknowledgementRemoved(7, "h", "s")) == []
    assert monitoring.acknowledged() == {("h", ""): "sticky"}


def test_steps_that_cannot_be_are_errors() -> None:
    monitoring = Monitoring(TEN)
    monitoring.take(Clock(5))
    wrong: list[tuple[Step, str]] = [
        (Clock(4), "runs back"),
        (Result(5, "h", "s1", "down"), "cannot be down"),
        (Result(5, "h", "", "critical"), "cannot be critical"),
        (DowntimePut(5, "d", "h", "", 9, 9), "empty or over"),
        (DowntimePut(5, "d", "h", "", 1, 5), "empty or over"),
    ]
    for step, why in wrong:
        with pytest.raises(ValueError, match=why):
            monitoring.take(step)
    with pytest.raises(KeyError):
        monitoring.take(Result(5, "h", "nothing", "ok"))
