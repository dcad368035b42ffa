"""The composition: which inlet takes a path."""

from pathlib import Path

import pytest

from tests.unit.server.in_process import serving_on_sqlite

pytestmark = pytest.mark.anyio


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
