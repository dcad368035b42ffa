import pytest

from tocsin.cli.failures import ExitCode, code_of, tell
from tocsin.client.errors import ClientError, NotAllowed, Problem, Refused, Unreachable


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Unreachable("no answer"), ExitCode.UNREACHABLE),
        (NotAllowed(Problem(403)), ExitCode.NOT_ALLOWED),
        (Refused(Problem(400, code="invalid_query")), ExitCode.USAGE),
        (Refused(Problem(409, code="conflict")), ExitCode.FAILED),
    ],
)
def test_each_failure_has_its_exit_code(failure: ClientError, code: ExitCode) -> None:
    assert code_of(failure) == code


def test_the_exit_codes_are_those_that_scripts_rely_on() -> None:
    assert [(code.name, code.value) for code in ExitCode] == [
        ("OK", 0),
        ("FAILED", 1),
        ("USAGE", 2),
        ("NOT_ALLOWED", 3),
        ("UNREACHABLE", 4),
    ]


def test_what_is_told_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    tell("two\n  lines")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "tocsin: two lines\n")
