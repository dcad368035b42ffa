"""Colours: on a terminal, unless NO_COLOR says no."""

import os
import pty
import subprocess
import sys

PROGRAM = """
from tests.unit.cli.items import event
from tocsin.cli.columns import EVENTS
from tocsin.cli.output import print_items, print_live, print_one
print_items([event(1)], EVENTS, None)
print_live([event(1)], EVENTS, None)
print_one(event(1), None)
"""


def said_on_a_terminal(**environment: str) -> str:
    main, terminal = pty.openpty()
    variables = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=terminal, env=variables | environment)
    os.close(terminal)
    said = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            # Linux says so where the other side is closed.
            break
        if not piece:
            break
        said += piece
    os.close(main)
    assert ran.wait() == 0
    return said.decode()


def test_a_terminal_has_tables_with_colours() -> None:
    said = said_on_a_terminal()
    assert said.count("\x1b[1;31mcritical") == 2
    assert "severity" in said
    assert "labels.region" in said


def test_no_color_means_no_colour() -> None:
    said = said_on_a_terminal(NO_COLOR="1")
    assert "critical" in said
    assert "[31m" not in said
    assert "[1;31m" not in said
