"""Lines of external commands: what is wrong with a bad one, and what becomes of the others."""

import pytest

from tocsin.dialects.nagios.parse import FORMAT, read
from tocsin.dialects.parsed import ITEMS_LIMIT

GOOD = "[1700000000] PROCESS_HOST_CHECK_RESULT;web1;0;up"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[x] PROCESS_HOST_CHECK_RESULT;web1;0;up", "expected seconds since 1970, not x"),
        ("[] PROCESS_HOST_CHECK_RESULT;web1;0;up", "expected seconds since 1970, not "),
        ("[1700000000000] PROCESS_HOST_CHECK_RESULT;web1;0;up", "expected seconds since 1970, not 17000"),
        ("[-5] PROCESS_HOST_CHECK_RESULT;web1;0;up", "expected seconds since 1970, not -5"),
        ("[0] PROCESS_HOST_CHECK_RESULT;web1;0;up", "it has no time"),
        ("PROCESS_HOST_CHECK_RESULT;web1;3;up", "PROCESS_HOST_CHECK_RESULT: expected a number from 0 to 2"),
        ("PROCESS_SERVICE_CHECK_RESULT;web1;Load;4;x", "expected a number from 0 to 3, not 4"),
        ("PROCESS_SERVICE_CHECK_RESULT;web1;Load;CRITICAL;x", "expected a number from 0 to 3, not CRITICAL"),
        ("PROCESS_SERVICE_CHECK_RESULT;web1;Load", "expected 3 fields between semicolons"),
        ("PROCESS_SERVICE_CHECK_RESULT;;Load;0;x", "expected the name of a host or service"),
        (f"PROCESS_HOST_CHECK_RESULT;{'x' * 256};0;x", "expected the name of a host or service"),
        ("PROCESS_HOST_CHECK_RESULT", "expected 2 fields"),
        ("REMOVE_HOST_ACKNOWLEDGEMENT", "REMOVE_HOST_ACKNOWLEDGEMENT: expected the name"),
        ("REMOVE_SVC_ACKNOWLEDGEMENT;web1", "expected 3 fields"),
        ("ACKNOWLEDGE_HOST_PROBLEM_EXPIRE;web1;1;1;1;soon;ann;x", "expected seconds since 1970, not soon"),
        (
            "SCHEDULE_HOST_DOWNTIME;web1;5;9;1;0;0;ann;upgrade",
            "SCHEDULE_HOST_DOWNTIME: the key of a source plans no downtime",
        ),
        ("DEL_SVC_DOWNTIME;7", "DEL_SVC_DOWNTIME: the key of a source plans no downtime"),
        ("[1] DISABLE_NOTIFICATIONS", "DISABLE_NOTIFICATIONS is no command that is taken here"),
        ("disk is full", "expected [SECONDS] and a command"),
        ('{"key": "x"}', "expected [SECONDS] and a command"),
        ("PROCESS_HOST_CHECK_RESULT;web1;0;a\x00b", "it holds a NUL"),
        (f"{GOOD}[1700000001] PROCESS_HOST_CHECK_RESULT;web1;0;up", "(curl: --data-binary, not -d)"),
        ("REMOVE_HOST_ACKNOWLEDGEMENT;web1[1] X_Y;z", "REMOVE_HOST_ACKNOWLEDGEMENT: another command"),
    ],
)
def test_a_bad_line_is_refused_by_its_number_and_the_others_are_taken(line: str, reason: str) -> None:
    parsed = read(f"{GOOD}\n\n{line}\r\n{GOOD}\n".encode())
    assert [(signal.index, signal.host, signal.service) for signal in parsed.signals] == [
        (0, "web1", ""),
        (2, "web1", ""),
    ]
    ((index, told),) = ((each.index, each.reason) for each in parsed.refusals)
    assert index == 1
    assert told.startswith("line 3: ")
    assert reason in told


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "there is no command in it"),
        (b" \r\n\n", "there is no command in it"),
        (b"PROCESS_HOST_CHECK_RESULT;web1;0;\xff", "the commands are not UTF-8 (byte 33)"),
        (f"{GOOD}\n".encode() * (ITEMS_LIMIT + 1), f"at most {ITEMS_LIMIT} are taken"),
    ],
)
def test_what_cannot_be_read_at_all_is_one_refusal(body: bytes, reason: str) -> None:
    parsed = read(body)
    assert (parsed.format, parsed.signals, len(parsed.refusals)) == (FORMAT, [], 1)
    assert reason in parsed.refusals[0].reason


def test_a_request_may_hold_as_many_lines_as_are_said() -> None:
    assert len(read(f"{GOOD}\n".encode() * ITEMS_LIMIT).signals) == ITEMS_LIMIT


def test_an_output_may_hold_numbers_in_brackets() -> None:
    (signal,) = read(f"{GOOD}: [4711] ERROR; [4712] connect_to; x".encode()).signals
    assert signal.output == "up: [4711] ERROR; [4712] connect_to; x"


def test_without_a_time_it_is_that_of_the_arrival() -> None:
    with_time, without = read(f"{GOOD}\nPROCESS_HOST_CHECK_RESULT;web1;0;up".encode()).signals
    assert (with_time.occurred_at, without.occurred_at) == (1_700_000_000_000_000, 0)
