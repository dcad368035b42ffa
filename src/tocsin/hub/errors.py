"""What the hub answers when it does not take something."""


class HubError(Exception):
    """Any refusal of the hub."""


class Unauthenticated(HubError):
    """The credential is missing, unknown, revoked or expired."""


class SourceDisabled(HubError):
    """The key is known, and its source is switched off."""


class Forbidden(HubError):
    """The principal is known and may not do this."""


class NotAdmitted(HubError):
    """An identity provider vouches for somebody who is not let in.

    Args:
        code: why: unknown_user, name_taken, no_role or disabled.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RateExceeded(HubError):
    """The source sent more signals a second than it may, or somebody tried too often to log in.

    Args:
        retry_after: seconds until they may try again.
        reason: why, for the answer.
    """

    def __init__(
        self, retry_after: int, reason: str = "too many signals from this source: slow down"
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class KeyReused(HubError):
    """The Idempotency-Key was used for another request. Nothing was done."""


class Unavailable(HubError):
    """Nothing is taken now: the queue is full, the store fails, or Tocsin is stopping. Nothing was recorded.

    Args:
        reason: why, for the answer.
        retry_after: seconds after which to try again.
    """

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TooMany(HubError):
    """More events are asked for at once than the operator allows. The text says so; a page of them may do."""


class TooSlow(HubError):
    """A question to the archive took longer than it may. The text says so; a narrower one may do."""


class Missing(HubError):
    """There is no such thing, or not for whoever asks."""


class Taken(HubError):
    """A name is taken already."""


class NotActivated(HubError):
    """The project takes no alerts: somebody has removed its alert configuration."""


class Refused(HubError):
    """It cannot be done with that thing as it stands. The text says why."""


class InUse(HubError):
    """It cannot be deleted, for something else needs it. The text says what."""


class NoSuchProject(HubError):
    """Signals are to be moved to a project that there is not, or not for whoever asks."""


class NoSuchPolicy(HubError):
    """There is no escalation policy of that id that may hold for the project."""
