"""Saying that something is tried again, to the person who waits for it."""

from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from tocsin.cli.failures import tell


def say_so() -> None:
    """Let each retry from now on be told on standard error, and nowhere else."""
    set_on_retry_hooks([_say])


def _say(details: RetryDetails) -> None:
    tell(f"{details.caused_by}; trying again in {details.wait_for:.0f} s")
