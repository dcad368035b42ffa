"""Idempotency-Key: a request whose answer got lost is sent again, and done once.

What is remembered of a request is what it made, by its id, or the receipts that it got; never a secret.
"""

import hashlib
import re
from typing import Annotated, Any, Final, TypeAlias

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import HeaderParameter

from tocsin.api.problems import bad_input
from tocsin.hub.errors import KeyReused
from tocsin.model.access import Principal
from tocsin.model.submission import Once, Standing

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A repeated request with the same key is answered as the first, and not done again.",
    ),
]

Repeatable: TypeAlias = NamedDependency[Once | None]
"""By what a request is known if it comes again; None where it is done each time."""


async def once(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    idempotency_key: IdempotencyKey = None,
) -> Once | None:
    """Give by what a request is known if it comes again."""
    if idempotency_key is None:
        return None
    content_type = request.headers.get("content-type", "")
    return once_of(idempotency_key, principal, request.scope["path"], content_type, await request.body())


def once_of(key: str, principal: Principal, path: str, content_type: str, body: bytes) -> Once:
    """Make what a request is known by: the same key of somebody else, or for another path, is another.

    Raises:
        ProblemDetailsException: this is no key.
    """
    if not _KEY.fullmatch(key):
        raise bad_input("Idempotency-Key", "expected 1 to 255 visible ASCII characters")
    who = principal.source.id if principal.source is not None else principal.account_id
    return Once(hash_of(who.encode(), path.encode(), key.encode()), hash_of(content_type.encode(), body))


def is_repeated(request: Once | None) -> bool:
    """Say whether a request was done before, once the store has compared it.

    Raises:
        KeyReused: its key was that of another request.
    """
    if request is not None and request.standing is Standing.OTHER:
        raise KeyReused("an earlier request with this Idempotency-Key had another body")
    return request is not None and request.standing is Standing.REPEATED


def replayed(repeated: bool) -> dict[str, str]:
    """Give the headers that tell whether an answer is that of an earlier request."""
    return {"Idempotency-Replayed": "true"} if repeated else {}


def hash_of(*parts: bytes) -> str:
    """Give the SHA-256 of some texts, in hex, each with its length so that no two lists are alike."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()
