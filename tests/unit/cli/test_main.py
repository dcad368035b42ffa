"""The command as a process: what it loads, how it starts, and how it is stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import event
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, stream
from tocsin.cli.overview import first_page

PROGRAM = Path(sys.executable).parent / "tocsin"
HELP_SECONDS = 0.3
HEAVY = {"alembic", "cyclopts", "httpx2", "litestar", "msgspec", "rich", "sqlalchemy", "tocsin.store"}


def environment(tocsin: FakeTocsin) -> dict[str, str]:
    return dict(os.environ) | {"TOCSIN_URL": tocsin.url, "TOCSIN_TOKEN": TOKEN}


def loaded_by(*words: str) -> set[str]:
    program = (
        f"import sys; from tocsin.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_the_first_page_needs_no_library(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out, ran.err) == (0, first_page(), "")
    assert loaded_by(*words) & HEAVY == set()


def test_the_first_page_comes_at_once() -> None:
    # The best of some: how long it takes when nothing else wants the processor.
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([PROGRAM, "--help"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < HELP_SECONDS


def test_the_help_of_a_command_loads_neither_server_nor_client() -> None:
    for command in ("events", "serve", "db", "doctor", "send"):
        assert loaded_by(command, "--help") & (HEAVY - {"cyclopts", "rich"}) == set()


def test_a_command_that_asks_a_server_loads_no_server(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event()], "next": None})
    assert loaded_by("events") & (HEAVY - {"cyclopts", "httpx2"}) == set()


def test_the_version_is_told(run: Run) -> None:
    from tocsin import __version__

    assert run("--version").out == f"tocsin {__version__}\n"


def test_it_runs_as_a_module_too() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tocsin", "--help"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == first_page()


def test_ctrl_c_is_quiet(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [], "next": None})
    tocsin.answer("GET", "/events/stream", stream(event(1)))
    with subprocess.Popen(
        [PROGRAM, "tail"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tocsin)
    ) as tail:
        assert tail.stdout is not None
        assert b"Disk full" in tail.stdout.readline()
        tail.send_signal(signal.SIGINT)
        out, err = tail.communicate(timeout=30)
    assert (tail.returncode, out, err) == (130, b"", b"")


def test_a_reader_who_goes_is_no_trouble(tocsin: FakeTocsin) -> None:
    # More than a pipe holds, so that the command is still writing when its reader goes.
    page = {"items": [event(number) for number in range(1000)], "next": "more"}
    tocsin.answer("GET", "/events", page)
    with subprocess.Popen(
        [PROGRAM, "events", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tocsin)
    ) as events:
        assert events.stdout is not None
        assert events.stderr is not None
        events.stdout.readline()
        events.stdout.close()
        assert events.wait(timeout=60) == 141
        assert events.stderr.read() == b""


def test_a_reader_who_goes_before_the_end_is_no_trouble(tocsin: FakeTocsin) -> None:
    closed = threading.Event()
    tocsin.answer("GET", "/events", Reply({"items": [event()], "next": None}, after=closed))
    with subprocess.Popen(
        [PROGRAM, "events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tocsin)
    ) as events:
        assert events.stdout is not None
        assert events.stderr is not None
        events.stdout.close()
        closed.set()
        assert events.wait(timeout=60) == 141
        assert events.stderr.read() == b""


def test_a_full_disk_is_told_in_a_line(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event()], "next": None})
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [PROGRAM, "events"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(tocsin),
        )
    assert (ran.returncode, ran.stderr) == (1, "tocsin: [Errno 28] No space left on device\n")


def test_a_closed_output_is_no_trouble() -> None:
    ran = subprocess.run(["sh", "-c", '"$0" --help >&-', PROGRAM], stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_title_that_the_encoding_cannot_say_is_still_told(tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/events", {"items": [event(title="\ud800 fünf")], "next": None})
    ran = subprocess.run(
        [PROGRAM, "events"],
        capture_output=True,
        text=True,
        check=True,
        env=environment(tocsin) | {"PYTHONIOENCODING": "ascii"},
    )
    assert r"\ud800 f\xfcnf" in ran.stdout
