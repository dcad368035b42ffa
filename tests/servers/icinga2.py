"""A real Icinga 2: its own process, on a free loopback port, with its data in a directory.

What it monitors is passive: tests hand it the results of checks through its API.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.certificates import make_certificates
from tests.servers.ports import LOOPBACK, free_port

START_SECONDS = 60
STOP_SECONDS = 30
USER, PASSWORD = "tocsin", "open sesame"
NODE = "icinga.test"
RUNS_AS = "nagios"
"""The system's user that runs it where the tests run as root."""
HOW_TO_INSTALL = (
    "This runs a real Icinga 2: install it, on Debian with apt-get install icinga2-bin, elsewhere so that"
    " icinga2 is on the PATH."
)
CONFIGURATION = """
include <itl>
object ApiListener "api" {{
  bind_host = "{host}"
  bind_port = {port}
}}
object ApiUser "{user}" {{
  password = "{password}"
  permissions = [ "*" ]
}}
object Endpoint NodeName {{ }}
object Zone "tests" {{ endpoints = [ NodeName ] }}
template Host "passive" {{
  check_command = "dummy"
  enable_active_checks = false
  max_check_attempts = 2
}}
template Service "passive" {{
  check_command = "dummy"
  enable_active_checks = false
  max_check_attempts = 3
}}
object Host "web1" {{ import "passive" }}
object Host "db1" {{ import "passive" }}
object Service "disk" {{ import "passive", host_name = "web1" }}
object Service "load" {{ import "passive", host_name = "web1" }}
"""


class Icinga2:
    """An Icinga 2 that can be started and stopped, again and again on the same data.

    Args:
        directory: an empty one that the user who runs it owns.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.certificates = make_certificates(NODE)
        self.url = f"https://{LOOPBACK}:{self._port}"
        self.log = directory / "output.log"

    def prepare(self) -> None:
        """Write its configuration and its certificates."""
        for name in ("data/certs", "log", "cache", "spool", "run"):
            (self._directory / name).mkdir(parents=True)
        text = CONFIGURATION.format(host=LOOPBACK, port=self._port, user=USER, password=PASSWORD)
        (self._directory / "icinga2.conf").write_text(text)
        certificates = self._directory / "data" / "certs"
        (certificates / "ca.crt").write_text(self.certificates.authority)
        (certificates / f"{NODE}.crt").write_text(self.certificates.certificate)
        (certificates / f"{NODE}.key").write_text(self.certificates.key)
        if (owner := _owner()) is not None:
            for path in (self._directory, *self._directory.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def start(self) -> None:
        """Start it and wait until its API answers.

        Raises:
            AssertionError: it is not installed, or does not start in time; the text is what it said.
        """
        program = shutil.which("icinga2") or shutil.which("/usr/sbin/icinga2")
        assert program, HOW_TO_INSTALL
        names = {"DataDir": "data", "LogDir": "log", "CacheDir": "cache", "SpoolDir": "spool"}
        constants = {"NodeName": NODE, "InitRunDir": str(self._directory / "run")}
        constants |= {name: str(self._directory / folder) for name, folder in names.items()}
        given = [f"-D{name}={value}" for name, value in constants.items()]
        owner = _owner()
        as_owner: dict[str, Any] = {}
        if owner is not None:
            as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "daemon", "-c", str(self._directory / "icinga2.conf"), *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                **as_owner,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.request("GET", "/v1").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"Icinga 2 did not start:\n{self.log.read_text(encoding='utf-8')}")

    def stop(self) -> None:
        """Stop it, where it runs."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(timeout=STOP_SECONDS)
        self._process = None

    def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Ask its API."""
        # That it is this one is of no interest here; Tocsin is what must make sure.
        with httpx2.Client(trust_env=False, timeout=30, verify=False) as client:
            headers = {"Accept": "application/json"}
            return client.request(
                method, f"{self.url}{path}", auth=(USER, PASSWORD), headers=headers, **options
            )

    def act(self, action: str, host: str, service: str = "", **given: Any) -> dict[str, Any]:
        """Do one of its API's actions with a host or a service, and give what came of it."""
        on = {"service": f"{host}!{service}"} if service else {"host": host}
        answer = self.request("POST", f"/v1/actions/{action}", json=on | given)
        assert answer.status_code == 200, answer.text
        (result,) = answer.json()["results"]
        assert result["code"] == 200, result
        found: dict[str, Any] = result
        return found

    def result(self, host: str, service: str, exit_status: int, output: str) -> None:
        """Hand it the result of a check; the service is '' for the host itself."""
        self.act("process-check-result", host, service, exit_status=exit_status, plugin_output=output)


def _owner() -> pwd.struct_passwd | None:
    return pwd.getpwnam(RUNS_AS) if os.geteuid() == 0 else None


@contextmanager
def running_icinga2() -> Iterator[Icinga2]:
    """Run one in a temporary directory and yield it.

    Raises:
        AssertionError: it is not installed, or does not start.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-icinga2-") as directory:
        icinga = Icinga2(Path(directory))
        icinga.prepare()
        icinga.start()
        try:
            yield icinga
        finally:
            icinga.stop()
