"""Schemathesis asks a real Tocsin all that its OpenAPI description allows, and much that it does not."""

import subprocess
import sys
from pathlib import Path

from tests.servers.tocsin import running_tocsin

PROGRAM = Path(sys.executable).parent / "schemathesis"
SECONDS = 270
SETTINGS = """
# That a cursor was given out, or that a time is to come, no schema can say.
[checks]
positive_data_acceptance.enabled = false

# A bad item of an array is rejected alone, so that the answer is a receipt.
[[operations]]
include-name = "POST /api/v1/events"
checks.negative_data_rejection.enabled = false

# It never ends.
[[operations]]
include-path = "/api/v1/events/stream"
enabled = false
"""


def test_every_answer_is_as_it_is_described(tmp_path: Path) -> None:
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    with running_tocsin(tmp_path) as tocsin:
        command: list[str | Path] = [
            *(PROGRAM, "--config-file", settings, "--no-color", "run", f"{tocsin.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {tocsin.token}"),
            *("--seed", "1", "--max-examples", "5", "--request-timeout", "10", "--warnings", "off"),
            *("--generation-database", "none"),
        ]
        finished = subprocess.run(
            command, capture_output=True, check=False, cwd=tmp_path, text=True, timeout=SECONDS
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        paths = tocsin.request("GET", "/openapi.json").json()["paths"].values()
        without_the_stream = sum(len(operations) for operations in paths) - 1
        assert f"Tested: {without_the_stream}" in finished.stdout
        assert tocsin.request("GET", "/readyz").text == "ready\n"
    assert '"level": "error"' not in tocsin.output
