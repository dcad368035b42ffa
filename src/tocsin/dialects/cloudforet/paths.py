"""What a dotted path leads to in a document."""

from collections.abc import Iterator, Sequence

from tocsin.query.pipeline.values import MISSING


def reach(value: object, path: Sequence[str]) -> Iterator[object]:
    """Give everything that a path leads to, as MongoDB walks it.

    Of an array it looks into each object, and a number in the path takes one element. So there can be
    several, or, where an array has no object, none.

    Args:
        value: where the path begins.
        path: the names on the way.
    """
    if not path:
        yield value
        return
    name, *rest = path
    match value:
        case dict():
            yield from reach(value.get(name, MISSING), rest)
        case list():
            is_index = name.isdecimal() and name.isascii()
            for each in value:
                if isinstance(each, dict) and (name in each or not is_index):
                    yield from reach(each, path)
            if is_index and int(name[:9]) < len(value):
                yield from reach(value[int(name[:9])], rest)
        case _:
            yield MISSING
