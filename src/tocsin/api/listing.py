"""The shape of a list that has no pages."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Listing(msgspec.Struct, Generic[T]):
    """All items, the oldest first."""

    items: Sequence[T]
