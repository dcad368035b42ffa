"""How a command ends when it does not succeed."""

import sys
from enum import IntEnum

from tocsin.client.errors import ClientError, NotAllowed, Refused


class ExitCode(IntEnum):
    """What the exit code says. Scripts rely on it.

    Beside these, 130 is Ctrl-C and 141 means that whoever read the output has gone.
    """

    OK = 0
    FAILED = 1
    """It did not work, or a list is empty."""
    USAGE = 2
    """The command, or an expression in it, is not understood."""
    NOT_ALLOWED = 3
    """The token is missing, unknown, or may not do this."""
    UNREACHABLE = 4
    """No server, or no store, answers."""


class CommandError(Exception):
    """What went wrong, in a line for the person who gave the command."""

    code = ExitCode.FAILED


class UsageError(CommandError):
    """The command cannot be carried out as it was given."""

    code = ExitCode.USAGE


class NoAnswer(CommandError):
    """The store does not answer."""

    code = ExitCode.UNREACHABLE


def tell(message: object) -> None:
    """Write a line to standard error."""
    print(f"tocsin: {' '.join(str(message).split())}", file=sys.stderr, flush=True)


def code_of(failure: ClientError) -> ExitCode:
    """Give the exit code for what a server, or the way to it, refused."""
    if isinstance(failure, NotAllowed):
        return ExitCode.NOT_ALLOWED
    if isinstance(failure, Refused):
        return ExitCode.USAGE if failure.problem.code == "invalid_query" else ExitCode.FAILED
    return ExitCode.UNREACHABLE
