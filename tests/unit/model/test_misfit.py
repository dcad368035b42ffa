"""Why a document is not of a type, told so that it can be mended."""

from typing import Any, Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from tocsin.model.misfit import misfit
from tocsin.model.target import TargetKind

Colour = Literal["red", "green"]


class Room(msgspec.Struct, rename={"is_colour": "colour"}):
    is_colour: Colour | UnsetType | None = UNSET
    kinds: list[TargetKind] = []
    doors: dict[str, Colour] = {}
    size: int = 0
    inner: "Room | None" = None


@pytest.mark.parametrize(
    ("document", "wanted", "place", "reason"),
    [
        ({"colour": "blue"}, Room, "colour", "invalid enum value 'blue': expected one of green, red"),
        (
            {"kinds": ["webhook", "slack"]},
            Room,
            "kinds[1]",
            "invalid enum value 'slack': expected one of victorops, webhook",
        ),
        ({"doors": {"a": "x"}}, Room, "doors[...]", "invalid enum value 'x': expected one of green, red"),
        (
            [{"inner": {"colour": "x"}}],
            tuple[Room, ...],
            "[0].inner.colour",
            "invalid enum value 'x': expected one of green, red",
        ),
        ({"size": "x"}, Room, "size", "expected `int`, got `str`"),
        ("x", Room, "", "expected `object`, got `str`"),
    ],
)
def test_the_place_and_what_can_stand_there(document: Any, wanted: Any, place: str, reason: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(document, wanted)
    assert misfit(caught.value, wanted) == (place, reason)
