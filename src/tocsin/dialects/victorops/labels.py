"""Labels: every field that has no place of its own, flat, as text; some annotations are links instead."""

from collections.abc import Iterator
from typing import Final

from tocsin.dialects.values import text_of
from tocsin.dialects.victorops.annotations import ANNOTATION_LIMIT, PREFIX, read_annotation
from tocsin.dialects.victorops.fields import FIELD_LIMIT, Fields
from tocsin.model.signal import Link

COUNT_LIMIT: Final = 512
NAME_LIMIT: Final = 255

# So many cut labels have a remark of their own.
_NAMED: Final = 5


def gather(fields: Fields, labels: dict[str, str], links: list[Link]) -> None:
    """Make labels and links of all fields that are left.

    Args:
        fields: the message.
        labels: where labels go. Nested values are flattened: `data.series.0.tags.host`.
        links: where annotations go that are web addresses.
    """
    cut: list[tuple[str, int]] = []
    long_names = False
    # Counted are the values, not the labels: those with the same name fall together.
    for count, (whole_name, value) in enumerate(_flatten(fields.rest), len(labels) + len(links)):
        if count == COUNT_LIMIT:
            fields.remarks.append(f"only the first {COUNT_LIMIT} labels are kept")
            break
        name = whole_name[:NAME_LIMIT]
        long_names = long_names or name != whole_name
        text = text_of(value)
        is_annotation = name.startswith(PREFIX)
        limit = ANNOTATION_LIMIT if is_annotation else FIELD_LIMIT
        if len(text) > limit:
            cut.append((name, limit))
            text = text[:limit]
        link = read_annotation(name, text) if is_annotation else None
        if link is None:
            labels[name] = text
        else:
            links.append(link)
    fields.remarks += [f"{name} cut at {limit} characters" for name, limit in cut[:_NAMED]]
    if len(cut) > _NAMED:
        fields.remarks.append(f"{len(cut) - _NAMED} more labels cut")
    if long_names:
        fields.remarks.append(f"names of labels cut at {NAME_LIMIT} characters")


def _flatten(values: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict | list):
            yield from _leaves(name, value)
        else:
            yield name, value


def _leaves(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield what stands in an object or array, each with its way down; an empty one has no value."""
    if not isinstance(value, dict | list):
        yield name, value
    elif not value:
        yield name, None
    else:
        # Cut here too, or long names in each other would be copied for every value in them.
        start = name[:NAME_LIMIT]
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inner:
            yield from _leaves(f"{start}.{key}", each)
