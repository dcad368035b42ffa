"""Every failure as a problem of RFC 9457: the one place where exceptions become answers."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)

from tocsin.dialects.asgi import Gone, Refused
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import (
    Forbidden,
    KeyReused,
    Missing,
    RateExceeded,
    SourceDisabled,
    Taken,
    Unauthenticated,
    Unavailable,
)
from tocsin.query.cursor import CursorError
from tocsin.query.errors import QueryError
from tocsin.store.errors import Conflict, NotFound, StoreUnavailable, TookTooLong, TooManyGroups

_log: Final = structlog.get_logger("tocsin.api")
_BODY: Final = "data"
TITLES: Final = {
    400: ("bad_request", "The request is not understood"),
    401: ("unauthenticated", "Who are you?"),
    403: ("forbidden", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    408: ("too_slow", "The request took too long to come"),
    409: ("conflict", "In conflict with what stands there"),
    412: ("changed", "It was changed meanwhile"),
    413: ("too_large", "The request is too large"),
    415: ("unsupported", "Encoding not supported"),
    422: ("key_reused", "Understood, and not taken"),
    429: ("too_many", "Too many requests"),
    500: ("internal", "Tocsin failed"),
    503: ("unavailable", "Not available now"),
}


class Fault(msgspec.Struct):
    """One thing that is wrong with a request: a JSON pointer to it, and what."""

    pointer: str
    detail: str


class Problem(msgspec.Struct):
    """What a failure's body holds.

    Attributes:
        code: a stable word for programs.
        errors: what is wrong with which part of the request.
        position: of the first wrong character of an expression, from 0.
        length: how many characters are wrong.
    """

    status: int
    type: str
    title: str
    detail: str
    code: str
    errors: list[Fault] = []
    position: int = 0
    length: int = 0


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
    own_code, title = TITLES.get(status, ("error", "Error"))
    return ProblemDetailsException(
        status_code=status,
        detail=detail,
        title=title,
        type_=f"/docs/errors#{code or own_code}",
        headers=headers,
        extra={"code": code or own_code, **extra},
    )


def bad_input(name: str, reason: str) -> ProblemDetailsException:
    """Make the problem of one parameter, or one member of a body, that cannot be used.

    Args:
        name: of the parameter, or the path to the member with dots; '' for the whole body.
        reason: what is wrong with it.
    """
    return bad_inputs([(name, reason)])


def count_changed(expected: int, found: int) -> ProblemDetailsException:
    """Make the problem of an action on many that finds another number of them than its asker expects."""
    detail = f"{expected} alerts were expected, and there are {found}: nothing was done"
    return problem(409, detail, code="count_changed")


def bad_inputs(faults: list[tuple[str, str]]) -> ProblemDetailsException:
    """Make the problem of several of them, each with its name and what is wrong with it: see `bad_input`."""
    errors = [
        {"pointer": f"/{name.replace('.', '/')}" if name else "", "detail": reason} for name, reason in faults
    ]
    detail = "; ".join(f"{name or 'body'}: {reason}" for name, reason in faults)
    return problem(400, detail, errors=errors)


def members(failure: ProblemDetailsException) -> dict[str, Any]:
    """Give what a problem's body holds."""
    extra = failure.extra if isinstance(failure.extra, dict) else {}
    return {
        "status": failure.status_code,
        "type": failure.type_,
        "title": failure.title,
        "detail": failure.detail,
        **extra,
    }


def _of_http(failure: HTTPException) -> ProblemDetailsException:
    return problem(failure.status_code, failure.detail, headers=failure.headers)


def _of_method(failure: MethodNotAllowedException) -> ProblemDetailsException:
    allowed = (failure.headers or {}).get("allow", "")
    return problem(405, f"this path takes {allowed}", headers=failure.headers)


def _of_validation(failure: ValidationException) -> ProblemDetailsException:
    faults = failure.extra if isinstance(failure.extra, list) else []
    return bad_inputs([_fault(each) for each in faults if isinstance(each, dict)])


def _fault(given: dict[str, Any]) -> tuple[str, str]:
    name, reason = str(given.get("key", "")), str(given.get("message", ""))
    if reason == f"'{name}'":  # the framework's word for what is missing
        reason = "expected JSON" if name == _BODY else "is missing"
    return "" if name == _BODY else name, reason[:1].lower() + reason[1:]


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


def _no_such_path(_: NotFoundException) -> ProblemDetailsException:
    return problem(404, "there is no such path: /openapi.json lists them")


def _internal(failure: Exception) -> ProblemDetailsException:
    _log.error("request_failed", exc_info=failure)
    return problem(500, "something went wrong here; it is in Tocsin's log")


def _gone(_: Exception) -> ProblemDetailsException:
    return problem(400, "the request ended too early")  # to nobody, but some answer must end it


def _refused(failure: Refused) -> ProblemDetailsException:
    return problem(failure.status, str(failure), code=failure.code)


plugin: Final = ProblemDetailsPlugin(
    ProblemDetailsConfig(
        enable_for_all_http_exceptions=False,
        exception_to_problem_detail_map={
            HTTPException: _of_http,
            MethodNotAllowedException: _of_method,
            NotFoundException: _no_such_path,
            ValidationException: _of_validation,
            BadPayload: _plain(400, "bad_payload"),
            Refused: _refused,
            Gone: _gone,
            QueryError: _of_query,
            CursorError: _plain(400, "invalid_cursor"),
            Unauthenticated: _unauthenticated,
            SourceDisabled: _plain(403, "source_disabled"),
            Forbidden: _plain(403),
            NotFound: _plain(404),
            Missing: _plain(404),
            Conflict: _plain(409),
            Taken: _plain(409),
            KeyReused: _plain(422),
            RateExceeded: _later(429),
            Unavailable: _later(503),
            StoreUnavailable: _later(503),
            TookTooLong: _plain(503, "took_too_long"),
            TooManyGroups: _plain(400, "too_many_groups"),
            Exception: _internal,
        },
    )
)
"""Makes every failure of the API a problem."""
