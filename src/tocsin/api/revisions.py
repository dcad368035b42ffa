"""What somebody saw of a configured thing, and whether it is still that: ETag, If-None-Match, If-Match.

A thing's tag is a hash of what is stored of it. Whoever changes it takes `configuration.hold` first, reads
the thing and asks `demand`: nobody else's change can come between.
"""

import hashlib
from typing import Annotated, Final, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from tocsin.api.idempotency import replayed
from tocsin.api.problems import problem

Item = TypeVar("Item", bound=msgspec.Struct)

_TAG_DIGITS: Final = 32

IfMatch = Annotated[
    str, HeaderParameter(name="If-Match", description="Only if its `ETag` is still this one; else 412.")
]
IfNoneMatch = Annotated[
    str, HeaderParameter(name="If-None-Match", description="The `ETag` that is known; 304 if it still holds.")
]


def tag_of(thing: object) -> str:
    """Give the entity tag of a thing as it is stored (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(msgspec.json.encode(thing)).hexdigest()[:_TAG_DIGITS]}"'


def answer(
    thing: object, item: Item, if_none_match: str = "", *, status: int = 200, repeated: bool = False
) -> Response[Item]:
    """Answer with a thing and its tag; with the tag alone where whoever asks has it.

    Args:
        thing: as it is stored.
        item: as it is shown.
        if_none_match: the header of that name, '' where there is none.
        status: of an answer with the thing.
        repeated: whether it was made by an earlier request with the same Idempotency-Key.
    """
    tag = tag_of(thing)
    headers = {"ETag": tag, **replayed(repeated)}
    if _holds(if_none_match, tag, weak=True):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type] # it has no body
    return Response(item, status_code=status, headers=headers)


def demand(thing: object, if_match: str) -> None:
    """Refuse to change what is no longer as it was seen.

    Args:
        thing: as it is stored, read within the transaction that changes it.
        if_match: the header of that name, '' where there is none: then anything may be changed.

    Raises:
        ProblemDetailsException: it has another tag.
    """
    if if_match and not _holds(if_match, tag_of(thing), weak=False):
        raise problem(412, "it is not what If-Match says: look at it again, and change what stands there now")


def _holds(header: str, tag: str, *, weak: bool) -> bool:
    """Compare by section 13.1: a weak tag is good enough to spare an answer, and not to change something."""
    given = [each.strip() for each in header.split(",")]
    return "*" in given or tag in given or (weak and f"W/{tag}" in given)
