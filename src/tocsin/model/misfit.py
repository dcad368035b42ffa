"""Why a document is not of a type: where, and in words for whoever wrote it."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

_STEP: Final = re.compile(r"\[([^\]]*)\]|\.?([^.\[\]]+)")


def misfit(fault: msgspec.ValidationError, wanted: object) -> tuple[str, str]:
    """Give the place and the reason of a fault.

    Args:
        fault: as msgspec says it.
        wanted: the type that the document was to be of.

    Returns:
        The place, such as `targets[0].kind`, '' for the document itself; and what is wrong there. Where one
        of several words is expected, the reason lists them.
    """
    text, _, place = str(fault).partition(" - at `$")
    path = place.rstrip("`").lstrip(".")
    reason = text[0].lower() + text[1:]
    if text.startswith("Invalid enum value"):
        reason = f"{reason}: expected one of {', '.join(_choices(wanted, path))}"
    return path, reason


def _choices(wanted: object, path: str) -> list[str]:
    """Give the words that can stand at a place."""
    found = list(_plain(inspect.type_info(wanted)))
    for _, name in _STEP.findall(path):
        found = [plain for each in found for inner in _within(each, name) for plain in _plain(inner)]
    return [str(word) for each in found for word in _words(each)]


def _plain(type_: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(type_, inspect.UnionType):
        for each in type_.types:
            yield from _plain(each)
    elif isinstance(type_, inspect.Metadata):
        yield from _plain(type_.type)
    else:
        yield type_


def _within(type_: inspect.Type, name: str) -> list[inspect.Type]:
    """Give the types of a member of that name; '' for an item."""
    match type_:
        case inspect.StructType(fields=fields):
            return [field.type for field in fields if field.encode_name == name]
        case inspect.DictType(value_type=value_type):
            return [value_type]
        case inspect.ListType(item_type=item_type) | inspect.VarTupleType(item_type=item_type):
            return [item_type]
        case _:
            return []


def _words(type_: inspect.Type) -> tuple[Any, ...]:
    match type_:
        case inspect.EnumType(cls=cls):
            return tuple(each.value for each in cls)
        case inspect.LiteralType(values=values):
            return values
        case _:
            return ()
