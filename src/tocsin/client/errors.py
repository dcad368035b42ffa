"""What can go wrong between a client and the server."""

from dataclasses import dataclass


class ClientError(Exception):
    """Any failure of a request to a Tocsin. The text never holds a token.

    Args:
        text: what went wrong.
        passing: whether the same request may succeed later.
        retry_after: how many seconds the server asks to wait before that, None where it does not say.
    """

    def __init__(self, text: str, *, passing: bool = False, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.passing = passing
        self.retry_after = retry_after


class Unreachable(ClientError):
    """No answer came, or one that is not Tocsin's: a wrong address, or a proxy that found no Tocsin."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused (RFC 9457).

    Attributes:
        status: the HTTP status.
        title: what kind of problem it is.
        detail: what is wrong with this request, '' if the server did not say.
        code: the kind as a stable word for programs.
        errors: what is wrong with which part of the request: JSON pointer and text.
        position: the first wrong character of an expression, counted from 0; -1 where none is named.
        length: how many characters are wrong.
    """

    status: int
    title: str = ""
    detail: str = ""
    code: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    position: int = -1
    length: int = 0

    def __str__(self) -> str:
        """Give it in one line."""
        parts = [self.detail or self.title or f"HTTP status {self.status}"]
        # The detail says already what is wrong with the first of them.
        parts += [f"{pointer}: {detail}" for pointer, detail in self.errors if detail not in parts[0]]
        return "; ".join(parts)


class Refused(ClientError):
    """The server answered with a problem.

    Args:
        problem: what it said.
        passing: as of every `ClientError`.
        retry_after: likewise.
    """

    def __init__(self, problem: Problem, *, passing: bool = False, retry_after: float | None = None) -> None:
        super().__init__(str(problem), passing=passing, retry_after=retry_after)
        self.problem = problem


class NotAllowed(Refused):
    """The token is missing, unknown or expired, or its owner may not do this."""
