"""A real Prometheus Alertmanager: its own process, on a free loopback port, with its data in a directory."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.ports import LOOPBACK, free_port

START_SECONDS = 30
STOP_SECONDS = 30
METRIC_SECONDS = 60
"""It answers late while it still works on hundreds of thousands of alerts."""
HOW_TO_INSTALL = (
    "This runs a real Alertmanager: install it, on Debian with apt-get install prometheus-alertmanager,"
    " elsewhere so that alertmanager is on the PATH."
)


class Alertmanager:
    """A running Alertmanager.

    Attributes:
        url: its address.
        log: file of what it says.
    """

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log

    def post(self, *alerts: Mapping[str, Any]) -> None:
        """Send it alerts, as Prometheus does: each has `labels`, and `endsAt` once it is over."""
        posted = httpx2.post(f"{self.url}/api/v2/alerts", json=list(alerts), trust_env=False, verify=False)
        assert posted.status_code == 200, posted.text

    def metric(self, name: str, *labels: str) -> float:
        """Give one of its figures, added up over all series with some labels (`integration="victorops"`)."""
        answer = httpx2.get(f"{self.url}/metrics", trust_env=False, verify=False, timeout=METRIC_SECONDS)
        lines = answer.text.splitlines()
        series = [line for line in lines if line.startswith((f"{name}{{", f"{name} "))]
        return sum(float(line.rpartition(" ")[2]) for line in series if _has(line, labels))


def _has(line: str, labels: Sequence[str]) -> bool:
    return all(label in line for label in labels)


@contextmanager
def running_alertmanager(directory: Path, configuration: str) -> Iterator[Alertmanager]:
    """Run Alertmanager and yield it.

    Args:
        directory: an empty one, for its configuration, data and log.
        configuration: the text of its configuration file.

    Raises:
        AssertionError: it is not installed, or does not start; the text says what to do.
    """
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert program, HOW_TO_INSTALL
    port = free_port()
    file = directory / "alertmanager.yml"
    file.write_text(configuration, encoding="utf-8")
    running = Alertmanager(f"http://{LOOPBACK}:{port}", directory / "alertmanager.log")
    with running.log.open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={file}",
                f"--storage.path={directory / 'alertmanager'}",
                f"--web.listen-address={LOOPBACK}:{port}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(process, running)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], running: Alertmanager) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{running.url}/-/ready", trust_env=False, verify=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"Alertmanager did not start:\n{running.log.read_text(encoding='utf-8')}")
