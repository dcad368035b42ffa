"""spacectl, the command of Cloudforet, in an environment of its own: it wants what Tocsin does not."""

import os
import subprocess
from pathlib import Path

from tests.acceptance.environments import CHECKOUT, program

CONSTRAINTS = "constraints-spacectl.txt"
ENVIRONMENT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin-spacectl"
"""Outside of the checkout: it is large, and the same for all."""
RUN_SECONDS = 120
_FIRST = "spacectl"


def packages() -> list[str]:
    """Give what spacectl imports to list things: what else it asks for is never loaded."""
    lines = (CHECKOUT / CONSTRAINTS).read_text(encoding="utf-8").split()
    return [_FIRST, *(name for name in (line.partition("==")[0] for line in lines) if name != _FIRST)]


class Spacectl:
    """The command with a home of its own, where it finds whom to ask.

    Args:
        home: an empty directory.
        grpc_address: of the server, HOST:PORT.
        token: who asks.
    """

    def __init__(self, home: Path, grpc_address: str, token: str) -> None:
        self._home = home
        self._program = program(ENVIRONMENT, CONSTRAINTS, packages(), _FIRST)
        environments = home / ".spaceone" / "environments"
        environments.mkdir(parents=True)
        (home / ".spaceone" / "environment.yml").write_text("environment: tocsin\n", encoding="utf-8")
        (environments / "tocsin.yml").write_text(
            f"endpoints:\n  monitoring: grpc://{grpc_address}\napi_key: {token}\n", encoding="utf-8"
        )

    def run(self, *arguments: str) -> str:
        """Run it, and give what it prints."""
        done = subprocess.run(
            [self._program, *arguments],
            env={"HOME": str(self._home), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
