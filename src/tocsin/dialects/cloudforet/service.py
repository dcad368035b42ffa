"""The service: one implementation of the methods for every transport."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog

from tocsin.dialects.cloudforet.caller import NOBODY, Callers
from tocsin.dialects.cloudforet.errors import (
    CloudforetError,
    permission_denied,
    required,
    too_many,
    took_too_long,
    unavailable,
    unknown,
    unsupported,
)
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Method, Operation, methods
from tocsin.hub.errors import RateExceeded, TooSlow, Unavailable

_log: Final = structlog.get_logger("tocsin.cloudforet")


class Service:
    """Answers calls of methods.

    Args:
        callers: finds out who calls.
        operations: what is built, by resource and verb.
    """

    def __init__(self, callers: Callers, operations: Mapping[str, Operation]) -> None:
        self._callers = callers
        self.methods: Final = methods(operations)
        """Every method of the stubs, built or not."""

    async def call(self, method: Method, request: Plain, token: str) -> Plain:
        """Answer a call.

        Args:
            method: one of `methods`.
            request: without what equals its default.
            token: as the caller showed it, '' for none.

        Raises:
            CloudforetError: whatever is wrong with it, and whatever fails here.
        """
        operation = method.operation
        if operation is None:
            raise unsupported(f"{method.name} is not built")
        with told(method.name):
            action = operation.action
            caller = NOBODY if action is None else await self._callers.find(token, action, method.name)
            for name in operation.required:
                # An empty message is one that is there.
                if name not in request:
                    raise required(name)
            if action is not None and request.get("domain_id", caller.domain_id) != caller.domain_id:
                raise permission_denied()
            return await operation.handle(request, caller)


@contextmanager
def told(subject: str) -> Iterator[None]:
    """Tell what fails in a block in Cloudforet's words.

    Args:
        subject: what is done there, for the log.

    Raises:
        CloudforetError: it failed.
    """
    try:
        yield
    except CloudforetError:
        raise
    except RateExceeded as failure:
        raise too_many(str(failure), failure.retry_after) from None
    except Unavailable as failure:
        raise unavailable(str(failure), failure.retry_after) from None
    except TooSlow as failure:
        raise took_too_long(str(failure)) from None
    except Exception:
        _log.exception("cloudforet_failed", subject=subject)
        raise unknown("something went wrong here; it is in Tocsin's log") from None
