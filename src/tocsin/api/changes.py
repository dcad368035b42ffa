"""What a PATCH does: members that are given take the place of those that stand there, all others stay."""

from typing import TypeVar

import msgspec

Thing = TypeVar("Thing", bound=msgspec.Struct)


def applied(change: msgspec.Struct, thing: Thing) -> Thing:
    """Give a thing with what a change says in place of its own.

    Args:
        change: its fields are UNSET, a value, or again a change of what stands in the field of that name.
        thing: has all fields of the change.
    """
    given = {name: getattr(change, name) for name in change.__struct_fields__}
    return msgspec.structs.replace(
        thing,
        **{
            name: applied(value, getattr(thing, name)) if isinstance(value, msgspec.Struct) else value
            for name, value in given.items()
            if value is not msgspec.UNSET
        },
    )
