"""What a dialect makes of one request."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

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
    """

    format: str
    signals: list[Signal]
    refusals: list[Refusal] = []


Parser: TypeAlias = Callable[[object, Mapping[str, str], Mapping[str, object]], Parsed]
"""A JSON document, what the path said beside it, and the source's format_options -> signals.

Raises BadPayload.
"""


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
