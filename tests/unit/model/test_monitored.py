import pytest

from tocsin.model.monitored import initial_state, state_after
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

SERVICE_STATES = ("ok", "warning", "critical", "unknown")
HOST_STATES = ("up", "down", "unreachable")

OF_A_PROBLEM = {
    Severity.CRITICAL: ("critical", "down"),
    Severity.ERROR: ("critical", "down"),
    Severity.WARNING: ("warning", "down"),
    Severity.INFO: ("unknown", "unreachable"),
    Severity.NONE: ("unknown", "unreachable"),
    Severity.NOT_AVAILABLE: ("unknown", "unreachable"),
}
SAY_A_STATE = (Kind.PROBLEM, Kind.RECOVERY, Kind.ERROR)


def test_an_object_of_which_nothing_was_said_is_well() -> None:
    assert initial_state("cpu") == "ok"
    assert initial_state("") == "up"


@pytest.mark.parametrize(("severity", "states"), OF_A_PROBLEM.items())
def test_a_problem_says_the_state_by_its_severity(severity: Severity, states: tuple[str, str]) -> None:
    service, host = states
    assert {state_after(Kind.PROBLEM, severity, "cpu", present) for present in SERVICE_STATES} == {service}
    assert {state_after(Kind.PROBLEM, severity, "", present) for present in HOST_STATES} == {host}


def test_the_table_of_problems_has_every_severity() -> None:
    assert OF_A_PROBLEM.keys() == set(Severity)


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(
    ("kind", "service", "host"), [(Kind.RECOVERY, "ok", "up"), (Kind.ERROR, "unknown", "unreachable")]
)
def test_recoveries_and_errors_say_theirs_whatever_the_severity(
    severity: Severity, kind: Kind, service: str, host: str
) -> None:
    assert {state_after(kind, severity, "cpu", present) for present in SERVICE_STATES} == {service}
    assert {state_after(kind, severity, "", present) for present in HOST_STATES} == {host}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in SAY_A_STATE])
def test_all_else_leaves_the_present_state(kind: Kind) -> None:
    for present in SERVICE_STATES:
        assert state_after(kind, Severity.CRITICAL, "cpu", present) == present
    for present in HOST_STATES:
        assert state_after(kind, Severity.CRITICAL, "", present) == present
