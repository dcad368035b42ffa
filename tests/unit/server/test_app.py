"""The composition: which inlet takes a path, which format a document looks like."""

from pathlib import Path

import pytest

from tests.unit.server.in_process import serving_on_sqlite
from tocsin.dialects.errors import BadPayload
from tocsin.server.app import FORMATS, PARSERS, detect

pytestmark = pytest.mark.anyio


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


def test_every_format_but_auto_has_a_parser() -> None:
    assert set(FORMATS) - {"auto"} == set(PARSERS)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("document", [None, 5, "text", {}, True])
def test_every_parser_says_what_it_does_not_understand(name: str, document: object) -> None:
    with pytest.raises(BadPayload):
        PARSERS[name](document, {})


def test_the_routing_key_of_a_path_reaches_the_victorops_parser() -> None:
    parsed = PARSERS["victorops"]({"message_type": "INFO"}, {"routing_key": "DBA"})
    assert parsed.signals[0].labels == {"routing_key": "dba"}


async def test_each_path_has_its_own_shape_of_failure(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        types = {}
        for path in ("/integrations/x", "/in/x", "/x", "/integrations", "/in"):
            answer = await served.client.post(path, json={})
            assert answer.status_code == 404
            types[path] = (
                answer.headers["content-type"],
                answer.json().get("result", answer.json().get("code")),
            )
    problem = ("application/problem+json", "not_found")
    assert types == {
        "/integrations/x": ("application/json", "failure"),
        "/in/x": problem,
        "/x": problem,
        "/integrations": problem,
        "/in": problem,
    }


async def test_what_is_no_http_is_left_to_the_framework(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        sent: list[object] = []

        async def receive() -> dict[str, str]:
            return {"type": "lifespan.startup"} if not sent else {"type": "lifespan.shutdown"}

        async def send(message: object) -> None:
            sent.append(message)

        await served.application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]
