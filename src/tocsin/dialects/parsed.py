"""What a dialect makes of one request."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from tocsin.dialects.complete import complete
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.model.identifiers import random_id
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Refusal

TITLE_LIMIT: Final = 1024
ITEMS_LIMIT: Final = 10_000
"""Items of one payload: each has a receipt in the answer, and reading them holds up everybody else."""


class Parsed(msgspec.Struct):
    """The signals of a request, and its items that are none.

    Attributes:
        format: the dialect that understood it.
        signals: in order, each with its index.
        refusals: what was not understood, each with its index.
        confirm: an address that the sender wants to be asked for before it sends anything; '' for none.
            Where it answers, nothing is recorded; the signals are for where it does not.
        is_answered: the sender reads the answer: what is not understood is refused to it and kept among the
            rejected, where it else becomes an event of kind error.
    """

    format: str
    signals: list[Signal]
    refusals: list[Refusal] = []
    confirm: str = ""
    is_answered: bool = False


Parser: TypeAlias = Callable[[object, Mapping[str, str], Mapping[str, object]], Parsed]
"""A JSON document, what the path said beside it, and the source's format_options -> signals.

Raises BadPayload.
"""

Reader: TypeAlias = Callable[[bytes], Parsed]
"""A body that is no JSON -> signals, and what of it is refused."""


def not_understood(reason: str) -> Signal:
    """Make the signal that stands for a payload which its format does not understand.

    Args:
        reason: what is wrong with it.
    """
    return Signal(
        kind=Kind.ERROR,
        key=random_id("error"),
        severity=Severity.CRITICAL,
        title=f"payload not understood: {reason}"[:TITLE_LIMIT],
        key_made=True,
    )


def refused(refusals: list[Refusal]) -> str:
    """Give why nothing of a request is taken.

    Args:
        refusals: of its items, at least one.
    """
    reason = refusals[0].reason
    return reason if len(refusals) == 1 else f"{len(refusals)} not taken: {reason}"


def one(name: str, signal: Signal) -> Parsed:
    """Give what a payload says that says one thing.

    Args:
        name: of the format.
        signal: what it says.
    """
    return Parsed(name, [complete(signal)])


def each(name: str, payload: Document, field: str, read: Callable[[Document], Signal]) -> Parsed:
    """Give what a payload says that holds an array of items; one that is not understood is refused alone.

    Args:
        name: of the format.
        payload: with the array.
        field: name of the array.
        read: gives the signal of one item; raises BadPayload.

    Raises:
        BadPayload: there is no array, it is empty or too long, or its only item is not understood.
    """
    items = payload.items(field)
    if not items:
        raise BadPayload(f"{payload.path(field)} is empty")
    if len(items) > ITEMS_LIMIT:
        raise BadPayload(f"{payload.path(field)} holds {len(items)} items: at most {ITEMS_LIMIT} are taken")
    parsed = Parsed(name, [], [])
    for index, item in enumerate(items):
        try:
            signal = complete(read(Document(item, f"{payload.path(field)}[{index}]")))
        except BadPayload as fault:
            if len(items) == 1:
                raise
            parsed.refusals.append(Refusal(index, str(fault)))
        else:
            signal.index = index
            parsed.signals.append(signal)
    return parsed
