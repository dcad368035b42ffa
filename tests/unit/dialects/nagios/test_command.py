"""External commands: what their arguments say. What a log says by them is tested with the log."""

import pytest

from tocsin.dialects.nagios.command import (
    ACKNOWLEDGEMENTS,
    RELEASES,
    RESULTS,
    Acknowledged,
    Released,
    Result,
)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (
            "PROCESS_SERVICE_CHECK_RESULT",
            "web1;Disk: /;3;no; really|x=1",
            Result(7, "web1", "Disk: /", "unknown", "no; really|x=1"),
        ),
        ("PROCESS_HOST_CHECK_RESULT", "web1;2;", Result(7, "web1", "", "unreachable", "")),
    ],
)
def test_a_result_says(name: str, arguments: str, said: Result) -> None:
    assert RESULTS[name](7, arguments) == said


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ACKNOWLEDGE_SVC_PROBLEM", "web1;Load;1;1;0;ann;x;y", ("Load", "ann", "x;y", False, 0)),
        ("ACKNOWLEDGE_HOST_PROBLEM", "web1;2;0;0;ann;x", ("", "ann", "x", True, 0)),
        ("ACKNOWLEDGE_SVC_PROBLEM_EXPIRE", "web1;Load;2;1;0;9;ann;x", ("Load", "ann", "x", True, 9_000_000)),
        ("ACKNOWLEDGE_HOST_PROBLEM_EXPIRE", "web1;0;1;0;9;ann;x", ("", "ann", "x", False, 9_000_000)),
    ],
)
def test_an_acknowledgement_says(name: str, arguments: str, said: tuple[str, str, str, bool, int]) -> None:
    assert ACKNOWLEDGEMENTS[name](7, arguments) == Acknowledged(7, "web1", *said)


def test_what_is_taken_back_is_named() -> None:
    assert RELEASES["REMOVE_SVC_ACKNOWLEDGEMENT"](7, "web1;Load") == Released(7, "web1", "Load")
    assert RELEASES["REMOVE_HOST_ACKNOWLEDGEMENT"](7, "web1") == Released(7, "web1", "")
