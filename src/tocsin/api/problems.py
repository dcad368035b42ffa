"""Every failure as a problem of RFC 9457: the one place where exceptions become answers."""

from collections.abc import Callable
from typing import Any, Final

import structlog
from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)

from tocsin.dialects.asgi import Refused
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import Forbidden, RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.query.cursor import CursorError
from tocsin.query.errors import QueryError
from tocsin.store.errors import Conflict, NotFound, StoreUnavailable, TookTooLong

_log: Final = structlog.get_logger("tocsin.api")
_TITLES: Final = {
    400: ("bad_request", "The request is not understood"),
    401: ("unauthenticated", "Who are you?"),
    403: ("forbidden", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    408: ("too_slow", "The request took too long to come"),
    409: ("conflict", "In conflict with what stands there"),
    413: ("too_large", "The request is too large"),
    415: ("unsupported", "Encoding not supported"),
    429: ("too_many", "Too many signals"),
    500: ("internal", "Tocsin failed"),
    503: ("unavailable", "Not available now"),
}


def problem(
    status: int, detail: str, *, code: str = "", headers: dict[str, str] | None = None, **extra: Any
) -> ProblemDetailsException:
    """Make a problem.

    Args:
        status: the HTTP status.
        detail: what is wrong, for the caller to read.
        code: a stable word for programs; '' for the status's own.
        headers: to send along.
        extra: further members.
    """
    own_code, title = _TITLES.get(status, ("error", "Error"))
    return ProblemDetailsException(
        status_code=status,
        detail=detail,
        title=title,
        type_=f"/docs/errors#{code or own_code}",
        headers=headers,
        extra={"code": code or own_code, **extra},
    )


def _of_http(failure: HTTPException) -> ProblemDetailsException:
    extra = failure.extra if isinstance(failure.extra, list) else []
    errors = [
        {"pointer": f"/{str(each.get('key', '')).replace('.', '/')}", "detail": str(each.get("message", ""))}
        for each in extra
        if isinstance(each, dict)
    ]
    known: dict[str, Any] = {"errors": errors} if errors else {}
    return problem(failure.status_code, failure.detail, headers=failure.headers, **known)


def _of_query(failure: QueryError) -> ProblemDetailsException:
    return problem(400, str(failure), code="invalid_query", position=failure.position, length=failure.length)


def _plain(status: int, code: str = "") -> Callable[[Exception], ProblemDetailsException]:
    return lambda failure: problem(status, str(failure), code=code)


def _later(status: int) -> Callable[[Any], ProblemDetailsException]:
    return lambda failure: problem(
        status, str(failure), headers={"Retry-After": str(getattr(failure, "retry_after", 1))}
    )


def _unauthenticated(failure: Exception) -> ProblemDetailsException:
    return problem(401, str(failure), headers={"WWW-Authenticate": "Bearer"})


def _internal(failure: Exception) -> ProblemDetailsException:
    _log.error("request_failed", exc_info=failure)
    return problem(500, "something went wrong here; it is in Tocsin's log")


def _refused(failure: Refused) -> ProblemDetailsException:
    return problem(failure.status, str(failure))


plugin: Final = ProblemDetailsPlugin(
    ProblemDetailsConfig(
        enable_for_all_http_exceptions=False,
        exception_to_problem_detail_map={
            HTTPException: _of_http,
            BadPayload: _plain(400, "bad_payload"),
            Refused: _refused,
            QueryError: _of_query,
            CursorError: _plain(400, "invalid_cursor"),
            Unauthenticated: _unauthenticated,
            SourceDisabled: _plain(403, "source_disabled"),
            Forbidden: _plain(403),
            NotFound: _plain(404),
            Conflict: _plain(409),
            RateExceeded: _later(429),
            Unavailable: _later(503),
            StoreUnavailable: _later(503),
            TookTooLong: _plain(503, "took_too_long"),
            Exception: _internal,
        },
    )
)
"""Makes every failure of the API a problem."""
