"""Logs: a line for each thing, for programs or for people, and never a secret."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
TALK = """
import logging, sys, structlog
from tocsin.server import logs
logs.configure(*sys.argv[1:])
structlog.get_logger("tocsin.test").info("said", number=5, text="\\u00e4")
structlog.get_logger("tocsin.test").debug("whispered")
logging.getLogger("foreign").warning("heard %s", "this")
logging.getLogger("uvicorn.error").info("chatter")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("tocsin.test").exception("failed")
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own: logging is set up once for a whole process."""
    command = [sys.executable, "-X", "utf8", "-W", "error", *words]
    finished = subprocess.run(command, capture_output=True, check=False, cwd=CHECKOUT, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    return finished


def said(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("-c", TALK, *words).stderr.splitlines()]


def test_json_is_a_line_for_each_event() -> None:
    first, foreign, failed = said("info", "json")
    stamp = first.pop("timestamp")
    assert stamp.endswith("Z")
    assert first == {"event": "said", "level": "info", "logger": "tocsin.test", "number": 5, "text": "\xe4"}
    assert (foreign["event"], foreign["level"], foreign["logger"]) == ("heard this", "warning", "foreign")
    assert failed["exception"].endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("debug", ["said", "whispered", "heard this", "failed"]),
        ("warning", ["heard this", "failed"]),
        ("error", ["failed"]),
    ],
)
def test_the_level_is_the_least_that_is_said(level: str, events: list[str]) -> None:
    assert [line["event"] for line in said(level, "json")] == events


def test_people_get_text_without_colours_where_no_terminal_is() -> None:
    text = run("-c", TALK, "info", "console").stderr
    assert "[info     ] said" in text
    assert "number=5" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_log_holds_no_secret_whatever_goes_wrong(style: str) -> None:
    finished = run("-m", "tests.unit.server.noisy", style)
    secrets = finished.stdout.split()
    assert len(secrets) == 2
    for event in ("inlet_failed", "victorops_failed", "request_failed", "batch_failed", "store_failed"):
        assert event in finished.stderr
    assert finished.stderr.count("Traceback") > 50
    for secret in secrets:
        assert secret not in finished.stderr


@pytest.mark.parametrize(("on_terminal", "for_people"), [(True, True), (False, False)])
def test_what_suits_where_the_logs_go(*, on_terminal: bool, for_people: bool) -> None:
    ours, theirs = pty.openpty() if on_terminal else os.pipe()
    command = [sys.executable, "-X", "utf8", "-c", TALK, "info", "auto"]
    subprocess.run(command, stderr=theirs, check=True, cwd=CHECKOUT, timeout=120)
    first = os.read(ours, 1000).decode().splitlines()[0]
    os.close(theirs)
    os.close(ours)
    assert first.startswith("{") is not for_people
    assert "said" in first
