"""The part of an answer that is asked for."""

from collections.abc import Sequence
from typing import Any

from tocsin.dialects.cloudforet.messages import Plain


def chosen(info: Plain, only: Sequence[str]) -> Plain:
    """Leave out of an answer what is not asked for.

    Args:
        info: whole.
        only: dotted paths of what is asked for; empty for everything.
    """
    if not only:
        return info
    found: Plain = {}
    for path in only:
        _copy(info, found, path.split("."))
    return found


def _copy(whole: dict[str, Any], part: dict[str, Any], path: list[str]) -> None:
    name, *rest = path
    if name not in whole:
        return
    value = whole[name]
    if not rest or value is None:
        part[name] = value
    elif isinstance(value, dict):
        inner = part.setdefault(name, {})
        # It may stand there whole already.
        if inner is not value:
            _copy(value, inner, rest)
