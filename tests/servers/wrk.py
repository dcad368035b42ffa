"""Load from wrk: many connections that send the requests of a Lua script for some seconds."""

import shutil
import subprocess
from pathlib import Path

import msgspec

HOW_TO_INSTALL = "This runs wrk, a generator of load: install it, on Debian with apt-get install wrk."

_MARK = "\nRESULT "
_REPORT = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"longest":%d,'
      .. '"refused":%d,"broken":%d,"timeouts":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
"""


class Load(msgspec.Struct, frozen=True):
    """What wrk measured. Times are in microseconds.

    Attributes:
        requests: answers that came.
        microseconds: how long it took.
        p50: time to an answer, half of all were faster.
        p99: time to an answer, 99 of 100 were faster.
        longest: time to the slowest answer.
        refused: answers with a status of 400 or more.
        broken: connections that could not be made, or broke.
        timeouts: answers that took longer than ten seconds.
    """

    requests: int
    microseconds: int
    p50: int
    p99: int
    longest: int
    refused: int
    broken: int
    timeouts: int

    @property
    def rate(self) -> float:
        """Answers a second that were no refusals."""
        return (self.requests - self.refused) * 1_000_000 / self.microseconds


def run_wrk(url: str, script: str, directory: Path, *, connections: int, seconds: int) -> Load:
    """Send load and measure it.

    Args:
        url: where to.
        script: what to send, in Lua: it sets `wrk.method`, `wrk.body`, `request` and the like, not `done`.
        directory: where the script is put.
        connections: how many are kept open.
        seconds: how long.

    Raises:
        AssertionError: wrk is not installed or fails; the text says what to do.
    """
    program = shutil.which("wrk")
    assert program, HOW_TO_INSTALL
    file = directory / "load.lua"
    file.write_text(script + _REPORT, encoding="utf-8")
    # One thread: it shares two processors with the server that it measures.
    options = [
        "--threads",
        "1",
        "--connections",
        str(connections),
        "--duration",
        f"{seconds}s",
        "--timeout",
        "10s",
    ]
    finished = subprocess.run(
        [program, *options, "--script", str(file), url], capture_output=True, check=False, text=True
    )
    _, found, result = finished.stdout.rpartition(_MARK)
    assert found, f"wrk failed:\n{finished.stdout}{finished.stderr}"
    return msgspec.json.decode(result, type=Load)
