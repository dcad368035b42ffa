"""Answers of the server, read: the value that was asked for, or the error that was meant."""

import json
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import httpx2

from tocsin.client.errors import NotAllowed, Problem, Refused, Unreachable

Item: TypeAlias = dict[str, Any]
"""A JSON object of the native API, such as one event."""

_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may be answered."""


def read(response: httpx2.Response) -> Any:
    """Give the JSON value of an answer whose body was read, None for an empty one.

    Raises:
        NotAllowed: the status is 401 or 403.
        Refused: the server answers with a problem.
        Unreachable: the answer is not Tocsin's.
    """
    content = _decoded(response.content)
    if response.is_success and not (response.content and content is None):
        return content
    if response.status_code in {401, 403}:
        raise NotAllowed(_problem(response.status_code, content))
    passing = response.status_code in _PASSING
    retry_after = _seconds_asked(response.headers.get("Retry-After", ""))
    if response.is_error and isinstance(content, dict):
        raise Refused(_problem(response.status_code, content), passing=passing, retry_after=retry_after)
    raise Unreachable(
        f"{response.url.netloc.decode('ascii')} answered {response.status_code}, and not as Tocsin does:"
        " is the address right?",
        passing=passing,
        retry_after=retry_after,
    )


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        items: what it holds.
        following: the cursor of the next page, '' on the last one.
    """

    items: list[Item]
    following: str


def read_page(content: object, host: str) -> Page:
    """Read a page from what the server answered.

    Raises:
        Unreachable: it is no list of Tocsin's.
    """
    fields = content if isinstance(content, dict) else {}
    items = fields.get("items")
    if not isinstance(items, list):
        raise Unreachable(f"{host} answered with something that is no list: is the address right?")
    return Page(items, fields.get("next") or "")


def _seconds_asked(header: str) -> float | None:
    """Read Retry-After (RFC 9110, section 10.2.3), None where it names no seconds."""
    return float(header) if header.isascii() and header.isdigit() else None


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # A proxy's page, or nothing at all.
        return None


def _problem(status: int, content: object) -> Problem:
    fields = content if isinstance(content, dict) else {}
    return Problem(
        status=status,
        title=_text(fields.get("title")),
        detail=_text(fields.get("detail")),
        code=_text(fields.get("code")),
        errors=_errors(fields.get("errors")),
        position=_number(fields.get("position"), -1),
        length=_number(fields.get("length"), 0),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


def _errors(listed: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(
        (str(error.get("pointer", "")), str(error.get("detail", "")))
        for error in listed
        if isinstance(error, dict)
    )
