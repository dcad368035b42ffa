"""The formats: which one a document looks like, and what understands it."""

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.server.formats import FORMATS, PARSERS, READERS, detect


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"message_type": "CRITICAL"}, "victorops"),
        ({"message_type": None}, "victorops"),
        ({"key": "k", "title": "t"}, "native"),
        ([{"message_type": "CRITICAL"}], "native"),
        ({}, "native"),
        ("message_type", "native"),
        (None, "native"),
        (5, "native"),
    ],
)
def test_a_format_is_detected(document: object, name: str) -> None:
    assert detect(document) == name


def test_every_format_but_auto_has_one_parser_or_reader() -> None:
    assert sorted(set(FORMATS) - {"auto"}) == sorted([*PARSERS, *READERS])


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("document", [None, 5, "text", {}, True])
def test_every_parser_says_what_it_does_not_understand(name: str, document: object) -> None:
    with pytest.raises(BadPayload):
        PARSERS[name](document, {}, {})


def test_the_routing_key_of_a_path_reaches_the_victorops_parser() -> None:
    parsed = PARSERS["victorops"]({"message_type": "INFO"}, {"routing_key": "DBA"}, {})
    assert parsed.signals[0].labels == {"routing_key": "dba"}
