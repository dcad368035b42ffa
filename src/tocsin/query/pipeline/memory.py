"""How much a pipeline may keep: it must never take the memory that recording events needs."""

from collections.abc import Mapping
from typing import Any, Final

from tocsin.query.pipeline.errors import PipelineError

LIMIT: Final = 100 * 2**20
"""So many bytes the stages of a pipeline keep at most; it is also what MongoDB allows a stage."""

_OBJECT: Final = 64
_ENTRY: Final = 100


class Memory:
    """Adds up what is kept, by an estimate that counts shared values each time.

    Args:
        limit: how much may be kept, in bytes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._left = limit
        self._limit = limit

    def hold(self, value: Any) -> None:
        """Count a value that is kept from now on.

        Raises:
            PipelineError: it is too much.
        """
        self._left -= size(value)
        if self._left < 0:
            limit = f"{self._limit / 2**20:g} MiB"
            raise PipelineError(
                f"Exceeded memory limit of {limit}: narrow the filter, or ask for less at a time"
            )

    def release(self, value: Any) -> None:
        """Count a value no more."""
        self._left += size(value)


def size(value: Any) -> int:
    """Estimate how much memory a value takes, in bytes."""
    if isinstance(value, str):
        return _OBJECT + len(value)
    if isinstance(value, Mapping):
        return _OBJECT + sum(_ENTRY + len(name) + size(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return _OBJECT + sum(map(size, value))
    return _OBJECT
