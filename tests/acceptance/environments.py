"""Environments of their own for programs that want other libraries than Tocsin."""

import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALL_SECONDS = 240


def program(directory: Path, constraints: str, packages: list[str], name: str = "python") -> Path:
    """Give a program of an environment, made where it is missing or out of date.

    Args:
        directory: where the environment is.
        constraints: the file of this checkout that says the versions.
        packages: what is installed there, without what they ask for.
        name: of the program.

    Raises:
        AssertionError: it cannot be made; the text says what to do.
    """
    installed = directory / "tocsin-installed"
    wanted = "\n".join([*packages, (CHECKOUT / constraints).read_text(encoding="utf-8")])
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        command = [
            "tools/environment.sh",
            str(directory),
            constraints,
            "--no-deps",
            "--no-compile",
            *packages,
        ]
        made = subprocess.run(
            command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
        assert made.returncode == 0, (
            f"This test runs a real {packages[0]} in an environment of its own, which could not be made. pip"
            f" has to reach a package index; try: {' '.join(command)}\n{made.stdout}{made.stderr}"
        )
        installed.write_text(wanted, encoding="utf-8")
    return directory / "bin" / name
