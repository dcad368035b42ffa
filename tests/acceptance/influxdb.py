"""A real InfluxDB 1.x for a test: Debian's `influxd` with its data in a directory of the test."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

START_SECONDS = 30

CONFIGURATION = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"

[meta]
  dir = "{directory}/meta"

[data]
  dir = "{directory}/data"
  wal-dir = "{directory}/wal"

[monitor]
  store-enabled = false

[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false

[logging]
  level = "error"
"""


def free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextmanager
def running_influxdb(directory: Path) -> Iterator[str]:
    """Run InfluxDB and yield its URL.

    Raises:
        AssertionError: there is no `influxd`, or it does not start; the text says what to do.
    """
    program = shutil.which("influxd")
    assert program, (
        "This test runs a real InfluxDB: install influxd, on Debian with apt-get install influxdb."
    )
    port, backup_port = free_ports()
    configuration = directory / "influxdb.conf"
    configuration.write_text(
        CONFIGURATION.format(directory=directory, port=port, backup_port=backup_port), encoding="utf-8"
    )
    log = directory / "influxd.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program, "-config", str(configuration)], stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{url}/ping").status_code == 204:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"influxd did not start:\n{log.read_text(encoding='utf-8')}")
