"""The commands of a page, run one after the other in one shell, and what the page says they answer."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.unit.docs.pages import Block, Page

SECONDS = 30
ADDRESS = "http://127.0.0.1:8080"
"""The address that the pages write."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
RANDOM = re.compile(
    r"(?:source|rejected|token|user|project|domain|target|route|role|silence|view)-[0-9a-f]{12}|downtime-[0-9a-f]{7}|delivery-[0-9a-f]{12}-[0-9a-f]{12}|tocsin_[\w-]{43}|\b[0-9a-f]{32}\b"
)
"""Ids and secrets that are new each time. Those of events and alerts derive from their number."""


class Said(NamedTuple):
    """What a block of commands said, and the exit code of its last one."""

    output: str
    errors: str
    code: int


class Shell:
    """One bash for all commands of a page, so that a variable set in one block stands in the next."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._process = subprocess.Popen(
            ["bash"],
            stdin=subprocess.PIPE,
            cwd=directory,
            env=dict(environment),
            text=True,
            start_new_session=True,
        )

    def run(self, commands: str) -> Said:
        """Run commands and wait for their end.

        Raises:
            AssertionError: they do not end in time.
        """
        output, errors, code = (self._directory / name for name in ("output", "errors", "code"))
        code.unlink(missing_ok=True)
        assert self._process.stdin is not None
        ending = f"echo $? >{code}.new; mv {code}.new {code}"
        self._process.stdin.write(f"{{\n{commands}\n}} >{output} 2>{errors}\n{ending}\n")
        self._process.stdin.flush()
        deadline = time.monotonic() + SECONDS
        while not code.exists():
            assert time.monotonic() < deadline, f"this does not end:\n{commands}"
            assert self._process.poll() is None, f"this ended the shell:\n{commands}"
            time.sleep(0.01)
        return Said(output.read_text(), errors.read_text(), int(code.read_text()))

    def end(self) -> None:
        """End the shell, and with it what it still runs."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=SECONDS)


@contextmanager
def shell(directory: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """Run a shell for the length of a block.

    Args:
        directory: where its commands run.
        environment: its variables, all of them.
    """
    running = Shell(directory, environment)
    try:
        yield running
    finally:
        running.end()


class Names:
    """What stands on a page in place of what is new in each run: ids, keys, tokens, the address."""

    def __init__(self, **known: str) -> None:
        self._actual = dict(known)

    def learn(self, shown: str, actual: str) -> None:
        """Take note that what is shown is this in the present run."""
        for old, new in zip(RANDOM.findall(shown), RANDOM.findall(actual), strict=True):
            self._actual.setdefault(old, new)

    def put_in(self, text: str) -> str:
        """Give a text of the page as it is in the present run."""
        for shown, actual in self._actual.items():
            text = text.replace(shown, actual)
        return text

    def set(self, shown: str, actual: str) -> None:
        """Say what stands for something."""
        self._actual[shown] = actual


def differences(shown: Any, actual: Any, names: Names, place: str = "") -> list[str]:
    """Say where an answer is not as it is shown. It may have more members than are shown.

    Args:
        shown: the page's JSON.
        actual: the server's.
        names: learns what is new in this run.
        place: where in the document.
    """
    if isinstance(shown, dict) and isinstance(actual, dict):
        missing = [f"{place}/{name}: missing" for name in shown.keys() - actual.keys()]
        both = [name for name in shown if name in actual]
        return missing + [
            each for name in both for each in differences(shown[name], actual[name], names, f"{place}/{name}")
        ]
    if isinstance(shown, list) and isinstance(actual, list):
        if shown[-1:] == ["..."]:  # more of the same is left out
            shown, actual = shown[:-1], actual[: len(shown) - 1]
        if len(shown) != len(actual):
            return [f"{place}: {len(shown)} shown, {len(actual)} came"]
        pairs = zip(shown, actual, strict=True)
        return [
            each
            for index, (old, new) in enumerate(pairs)
            for each in differences(old, new, names, f"{place}/{index}")
        ]
    if isinstance(shown, str) and isinstance(actual, str):
        if TIME.fullmatch(shown) and TIME.fullmatch(actual):
            return []
        if len(RANDOM.findall(shown)) == len(RANDOM.findall(actual)):
            names.learn(shown, actual)
            shown = names.put_in(shown)
    return [] if shown == actual else [f"{place}: {shown!r} shown, {actual!r} came"]


def commands_of(path: str | Path) -> Iterator[tuple[str, Block | None]]:
    """Give the commands of a page, each block with the one that shows its answer, where there is one."""
    blocks = Page(path).blocks()
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language == "sh":
            yield block.text, following if following and following.language in {"json", "text"} else None
