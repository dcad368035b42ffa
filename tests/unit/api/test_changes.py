"""A change replaces what it says, and nothing else."""

import msgspec
from msgspec import UNSET, UnsetType

from tocsin.api.changes import applied


class Inner(msgspec.Struct):
    """What stands within."""

    left: int = 1
    right: int = 2


class Outer(msgspec.Struct):
    """What is changed."""

    name: str = "old"
    inner: Inner = msgspec.field(default_factory=Inner)
    kept: bool = True


class InnerChange(msgspec.Struct):
    """A change of what stands within."""

    left: int | UnsetType = UNSET
    right: int | UnsetType = UNSET


class OuterChange(msgspec.Struct):
    """A change of both."""

    name: str | UnsetType = UNSET
    inner: InnerChange | UnsetType = UNSET


def test_what_is_not_said_stays() -> None:
    assert applied(OuterChange(), Outer()) == Outer()
    assert applied(OuterChange(name=""), Outer()) == Outer(name="")
    assert applied(OuterChange(inner=InnerChange(right=0)), Outer()) == Outer(inner=Inner(1, 0))
