"""The command `tocsin`."""

import io
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the words after the command's name; those of the process where it is None.

    Returns:
        The exit code, see `tocsin.cli.failures.ExitCode`.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # An event may hold what the terminal's encoding cannot say.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(words)
        print(end="", flush=True)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except OSError as failure:
        print(f"tocsin: {failure}", file=sys.stderr)
        _drop_output()
        return 1
    return code


def _drop_output() -> None:
    """Let what cannot be written go nowhere; the interpreter would complain about it at its end."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    # The first page comes without the library that reads commands: its import alone takes most of the time
    # in which a person wants to see something.
    if not words or words in (["--help"], ["-h"]):
        from tocsin.cli.overview import first_page

        print(first_page(), end="")
        return 0
    if words == ["--version"]:
        from tocsin import __version__

        print(f"tocsin {__version__}")
        return 0
    from tocsin.cli.app import run

    return run(words)
