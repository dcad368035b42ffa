"""Checks the web console's source: its style, its types against the API as it is now, and its tests.

python tools/check_console.py
"""

import sys
from importlib.metadata import version

import msgspec
from litestar.di import Provide

from tocsin.api.app import HANDLERS
from tocsin.api.description import describe
from tocsin.api.idempotency import once
from tools.build_console import SOURCE, Failed, install, node

_TYPES = SOURCE / "types/openapi.d.ts"
_MODULES = SOURCE / "node_modules"


def check() -> None:
    """Check everything.

    Raises:
        Failed: something is wrong; what was shown.
    """
    install(with_checks=True)
    write_types()
    node(_MODULES / "@biomejs/biome/bin/biome", "ci", "--error-on-warnings")
    node(_MODULES / "svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human")
    node(_MODULES / "vitest/vitest.mjs", "run", "--silent")


def write_types() -> None:
    """Write down the types of the API, which the console is checked against."""
    given = ("hub", "intake", "formats", "principal", "private_targets")
    dependencies = {name: Provide(lambda: None, sync_to_thread=False) for name in given}
    document = describe(HANDLERS, dependencies | {"once": Provide(once)}, version("tocsin"))
    description = _TYPES.with_name("openapi.json")
    description.parent.mkdir(exist_ok=True)
    encoded = msgspec.json.encode(document)
    if _TYPES.exists() and description.exists() and description.read_bytes() == encoded:
        return
    description.write_bytes(encoded)
    node(_MODULES / "openapi-typescript/bin/cli.js", str(description), "--output", str(_TYPES))


if __name__ == "__main__":
    try:
        check()
    except Failed as failure:
        sys.exit(str(failure))
