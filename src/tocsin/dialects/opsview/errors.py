"""What goes wrong, as Opsview's API tells it: a status, and a message for people."""

from collections.abc import Sequence


class OpsviewError(Exception):
    """A request that fails.

    Args:
        status: of HTTP.
        message: what is wrong, in a sentence.
        detail: more about it; '' for nothing.
        retry_after: seconds after which to try again; 0 where that is no use.
        allowed: the methods that the path takes, where it does not take this one.
    """

    def __init__(
        self,
        status: int,
        message: str,
        detail: str = "",
        *,
        retry_after: int = 0,
        allowed: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.detail = detail
        self.retry_after = retry_after
        self.allowed = allowed


def bad_parameter(name: str, reason: str) -> OpsviewError:
    """Make the error of a parameter that cannot be used.

    Args:
        name: of the parameter.
        reason: what was expected.
    """
    return OpsviewError(400, f"{name}: {reason}")


def unauthenticated(reason: str) -> OpsviewError:
    """Make the error of a request by whom nobody knows."""
    return OpsviewError(401, reason, "log in at /rest/login, or send Authorization: Bearer TOKEN")


def not_allowed(allowed: Sequence[str]) -> OpsviewError:
    """Make the error of a method that a path does not take."""
    return OpsviewError(405, f"only {' and '.join(allowed)} can be asked here", allowed=allowed)
