"""Starting: what is said, what is refused, and in how many words."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.servers.process import PROGRAM
from tests.servers.tocsin import PASSWORD

SECONDS = 30


def environment(**more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return own | more


@contextmanager
def started(folder: Path, *words: str, **variables: str) -> Iterator[list[str]]:
    """Start a server, give the lines that it greets with, and stop it; it must end well."""
    command: list[str | Path] = [
        *(PROGRAM, "serve", "--port", "0", "--grpc-port", "0", "--data", "data"),
        *words,
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(**variables), stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline().rstrip("\n")]
        while lines[-1] and not lines[-1].startswith("  curl"):
            lines.append(process.stdout.readline().rstrip("\n"))
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        process.stdout.close()
        assert process.wait(SECONDS) == 0, (folder / "log").read_text()
    assert rest == ""


def refused(folder: Path, *words: str, **variables: str) -> str:
    """Start a server that cannot start, and give what it says of it."""
    command: list[str | Path] = [PROGRAM, "serve", "--grpc-port", "0", *words]
    finished = subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(**variables),
        text=True,
        timeout=SECONDS,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    said = [line for line in finished.stderr.splitlines() if not line.startswith("{")]
    assert len(said) == 1
    return said[0]


def address(lines: list[str]) -> str:
    found = re.fullmatch(r"listening on (http://\S+)", lines[0])
    assert found, lines
    return str(found[1])


def test_the_first_start_tells_its_secrets_once_and_a_command_that_works(tmp_path: Path) -> None:
    with started(tmp_path) as lines:
        listening, account, export, _, curl = lines
        password = re.fullmatch(r"user admin, password (\S{16,})", account)
        exported = re.fullmatch(r"export TOCSIN_URL=(\S+) TOCSIN_TOKEN=(\S+)", export)
        assert password
        assert exported
        assert exported[1] == address([listening])
        ran = subprocess.run(shlex.split(curl), capture_output=True, check=True, text=True)
        assert json.loads(ran.stdout) == {"result": "success", "entity_id": "disk-db1"}
        headers = {"Authorization": f"Bearer {exported[2]}"}
        with httpx2.Client(trust_env=False) as client:
            shown = client.get(f"{exported[1]}/api/v1/events", headers=headers).json()
        assert [event["key"] for event in shown["items"]] == ["disk-db1"]
    secrets = (password[1], exported[2], curl.split("/alert/")[1].split("/")[0])
    assert not any(secret in (tmp_path / "log").read_text() for secret in secrets)
    with started(tmp_path) as lines:
        assert [line.split()[0] for line in lines] == ["listening", "send", "curl"]


def test_a_password_that_was_given_is_not_said(tmp_path: Path) -> None:
    with started(tmp_path, TOCSIN_ADMIN_PASSWORD=PASSWORD) as lines:
        assert PASSWORD not in "\n".join(lines)
        assert [line.split()[0] for line in lines] == ["listening", "export", "send", "curl"]
    assert PASSWORD not in (tmp_path / "log").read_text()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1"] if has_ipv6() else ["127.0.0.1", "localhost"]
)
def test_it_listens_where_it_says(tmp_path: Path, host: str) -> None:
    with started(tmp_path, "--host", host) as lines:
        assert re.fullmatch(r"http://(127\.0\.0\.1|\[::1\]):\d+", address(lines))
        with httpx2.Client(trust_env=False) as client:
            assert client.get(f"{address(lines)}/healthz").text == "ok\n"
            head = client.head(f"{address(lines)}/healthz")
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "3")


def test_a_port_in_use_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(tmp_path, "--port", port)
    assert said.startswith("tocsin: ")
    assert "already" in said
    assert port in said
    assert "--port" in said


def test_a_second_server_on_the_same_store_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    with started(tmp_path):
        said = refused(tmp_path, "--port", "0", "--data", "data")
        assert said.startswith("tocsin: another Tocsin serves data/tocsin.db")
        command: list[str | Path] = [
            PROGRAM,
            "user",
            "create",
            "scripts",
            "--password-stdin",
            "--data",
            "data",
        ]
        made = subprocess.run(
            command, cwd=tmp_path, input=b"a long password", capture_output=True, check=False
        )
        assert made.returncode == 0, made.stderr
    with started(tmp_path):
        pass


def test_a_directory_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in refused(tmp_path, "--data", "file")


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/x", "nonsense", "postgresql://127.0.0.1:1/x"])
def test_a_store_that_cannot_be_opened_is_told_in_a_line_without_its_password(
    tmp_path: Path, url: str
) -> None:
    url = url.replace("//", "//ann:s3cret@")
    said = refused(tmp_path, "--database", url)
    assert said.startswith("tocsin: ")
    assert "s3cret" not in said


def test_what_it_makes_is_its_owners_alone(tmp_path: Path) -> None:
    with started(tmp_path):
        data = tmp_path / "data"
        modes = {each.name: each.stat().st_mode & 0o777 for each in (data, *data.iterdir())}
    assert modes.pop("data") == modes.pop("columnar") == 0o700
    assert "tocsin.db" in modes
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "async def broken(*_, **__): raise OSError('no startup')\nserve._Server.startup = broken",
            "no startup",
        ),
        ("async def broken(*_, **__): pass\nserve._Server.main_loop = broken", "ended_unasked"),
        (
            "from sqlalchemy.exc import OperationalError\n"
            "async def broken(*_): raise OperationalError('select 1', {}, Exception('odd\\nKey (s3cret)'))\n"
            "serve.schema.migrate = broken",
            "tocsin: the store failed: odd",
        ),
    ],
)
def test_an_end_that_nobody_asked_for_is_a_failure(tmp_path: Path, fault: str, said: str) -> None:
    program = (
        "import sys\nfrom tocsin.server import serve\nfrom tocsin.server.settings import Settings\n"
        f"{fault}\nsys.exit(serve.run(Settings(data='data', port=0, grpc_port=0)))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment(),
        text=True,
        timeout=SECONDS,
    )
    assert finished.returncode == 1
    assert said in finished.stderr
    assert "s3cret" not in finished.stderr
    assert "Traceback" not in finished.stderr
