"""A real Tocsin: `tocsin serve` as its own process, on a free loopback port, with its data in a directory."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from tests.servers.ports import LOOPBACK, free_port
from tests.servers.process import Process, Start, execute
from tocsin.store.database import sqlite_url

START_SECONDS = 30
STOP_SECONDS = 30
PASSWORD = "correct horse battery staple"
start_process: Start = execute
"""How servers are started. Tests that run one after the other fork them; what is measured is executed."""


class Source(msgspec.Struct, frozen=True):
    """A source just made: its id, its key, and where to send to, by format and as `webhook`."""

    id: str
    access_key: str
    urls: dict[str, str]


class Tocsin:
    """A server that can be started, stopped and killed, again and again on the same store.

    Args:
        directory: where its store and its log are.
        data: where its store is instead.
        database: URL of the store; '' for SQLite in the directory.
        environment: more variables for the process, such as settings (`TOCSIN_...`) or a library to preload;
            looked at again at each start.
        arguments: more words for `tocsin serve`.
        grpc: listen for gRPC too.
        start: how to start it, where that matters; else `start_process` says.

    Attributes:
        store_url: URL of its store, to look into it.
        url: its address, the same after each start.
        grpc_address: where it listens for gRPC, if it does.
        token: of the user admin, known from the first start on; a second server on a store has to be told.
        log: file of all that it says.
    """

    def __init__(
        self,
        directory: Path,
        *,
        data: Path | None = None,
        database: str = "",
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        grpc: bool = False,
        start: Start | None = None,
    ) -> None:
        self._start = start
        self._directory = directory
        self._environment = environment or {}
        port = free_port()
        data = data or directory
        grpc_port = free_port() if grpc else 0
        self._words = ["--host", LOOPBACK, "--port", str(port), "--grpc-port", str(grpc_port)]
        self._words += ["--data", str(data), *arguments]
        if database:
            self._words += ["--database", database]
        self._process: Process | None = None
        self._start_of_output = 0
        self.store_url = database or sqlite_url(data)
        self.url = f"http://{LOOPBACK}:{port}"
        self.grpc_address = f"{LOOPBACK}:{grpc_port}"
        self.token = ""
        self.log = directory / "server.log"

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            AssertionError: it does not listen in time; the text is what it said.
        """
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._running.poll() is None:
            if f"listening on {self.url}\n" in self._said:
                self.token = self.token or self._first_token()
                return
            time.sleep(0.01)
        raise AssertionError(f"Tocsin did not start:\n{self.output}")

    def launch(self) -> None:
        """Start it and wait for nothing, for a test of how it does not start."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        self._start_of_output = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = (self._start or start_process)(
                ["serve", *self._words],
                # A file of settings where the tests are run is not theirs.
                self._directory,
                own | {"TOCSIN_ADMIN_PASSWORD": PASSWORD} | dict(self._environment),
                log,
            )

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._running.pid

    @property
    def output(self) -> str:
        """All that it said, in all its starts."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Ask its native API as the user admin.

        Args:
            method: of HTTP.
            path: after the address, such as /api/v1/events.
            options: of httpx2's request: json, params, content ...
        """
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        # No TLS is spoken, and to get ready for it takes longer than most answers.
        with httpx2.Client(trust_env=False, timeout=30, verify=False) as client:
            return client.request(method, f"{self.url}{path}", headers=headers, **options)

    def create_source(self, name: str, source_format: str = "auto", **options: Any) -> Source:
        """Make a source.

        Args:
            name: what to call it.
            source_format: the dialect of its payloads.
            options: of the source, such as warning_opens.
        """
        wanted = {"name": name, "format": source_format, "options": options}
        made = self.request("POST", "/api/v1/sources", json=wanted)
        assert made.status_code == 201, made.text
        return msgspec.json.decode(made.content, type=Source)

    def terminate(self) -> int:
        """Ask it to stop, wait, and give its exit code."""
        self._running.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._running.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Wait until it has ended by itself, and give its exit code."""
        code = self._running.wait(timeout=STOP_SECONDS)
        self._process = None
        return code

    def stop(self) -> None:
        """Stop it where it runs, by force where it does not go by itself."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def _running(self) -> Process:
        assert self._process is not None, "this Tocsin was not started"
        return self._process

    @property
    def _said(self) -> str:
        """What it said since its last start."""
        return self.log.read_bytes()[self._start_of_output :].decode(errors="replace")

    def _first_token(self) -> str:
        found = re.search(r"^export TOCSIN_URL=\S+ TOCSIN_TOKEN=(\S+)$", self._said, re.MULTILINE)
        return found[1] if found else ""


@contextmanager
def running_tocsin(
    directory: Path,
    *,
    data: Path | None = None,
    database: str = "",
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    grpc: bool = False,
    start: Start | None = None,
) -> Iterator[Tocsin]:
    """Run a server and yield it. What it said is shown where the block fails.

    Args:
        directory: where its store and its log are.
        data: where its store is instead.
        database: URL of the store; '' for SQLite in the directory.
        environment: more variables for the process.
        arguments: more words for `tocsin serve`.
        grpc: listen for gRPC too.
        start: how to start it, where that matters.

    Raises:
        AssertionError: it does not start; the text is what it said.
    """
    server = Tocsin(
        directory,
        data=data,
        database=database,
        environment=environment,
        arguments=arguments,
        grpc=grpc,
        start=start,
    )
    try:
        server.start()
        try:
            yield server
        except BaseException:
            print(f"--- what Tocsin said ---\n{server.output}")
            raise
    finally:
        server.stop()
