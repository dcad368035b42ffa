"""The command `tocsin` as a process: executed, or forked from one that has imported everything already.

A server takes two to three seconds of a processor to import what it is made of. A fork takes none of it, and
runs the same command with the same words, environment, directory and output.
"""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir, suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeAlias

PROGRAM = Path(sys.executable).parent / "tocsin"
"""The command of the environment that runs the tests."""

_ROOT: Final = Path(__file__).parents[2]
_FOR_NEW_PROCESSES: Final = ("LD_", "PYTHON")
"""Variables that begin so are only looked at when a program is executed."""
_forking: Final = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.servers.imported"])


class Process(Protocol):
    """What tests need of a process; that of `subprocess` is one."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """Give its exit code, None while it runs."""

    def wait(self, timeout: float) -> int:
        """Wait for its end and give its exit code.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """

    def send_signal(self, number: int) -> None:
        """Send it a signal."""


Start: TypeAlias = Callable[[Sequence[str], Path, Mapping[str, str], BinaryIO], Process]
"""Starts the command with these words in a directory, with an environment, its output into a file."""


def execute(words: Sequence[str], directory: Path, environment: Mapping[str, str], log: BinaryIO) -> Process:
    """Start it as a shell would."""
    return subprocess.Popen(
        [PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, env=environment
    )


def fork(words: Sequence[str], directory: Path, environment: Mapping[str, str], log: BinaryIO) -> Process:
    """Start it as a fork, or as a shell would where a variable asks for a program of its own."""
    new = environment.items() - os.environ.items()
    if any(name.startswith(_FOR_NEW_PROCESSES) for name, _ in new):
        return execute(words, directory, environment, log)
    _begin()
    process = _forking.Process(target=_run, args=(words, directory, dict(environment), log.name), daemon=True)
    process.start()
    return _Forked(process)


@cache
def _begin() -> None:
    # What is to be imported is found from where the process is started, and a test may be elsewhere.
    with chdir(_ROOT):
        forkserver.ensure_running()


class _Forked:
    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(str(PROGRAM), timeout)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _run(words: Sequence[str], directory: Path, environment: dict[str, str], log: str) -> None:
    assert "tests.servers.imported" in sys.modules, "nothing was imported before the fork"
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for number in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, number)
    os.close(output)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [str(PROGRAM), *words]
    from tocsin.cli import main

    sys.exit(main())
