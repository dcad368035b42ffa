"""The composition: which inlet takes a path."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.dialects.receiver import Receiver, Reply, receiving
from tests.unit.server.in_process import serving_on_sqlite
from tocsin.server.app import confirming
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run somebody who wants to be asked."""
    with receiving() as running:
        yield running


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


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(200, ""), (403, "status 403"), (302, "status 302: redirects are not followed")],
)
async def test_what_senders_want_confirmed_is_asked_for_once(
    receiver: Receiver, status: int, trouble: str
) -> None:
    receiver.replies = [Reply(status, headers={"Location": receiver.url})]
    confirm = confirming(Settings(private_targets=True))
    assert await confirm(receiver.url) == trouble
    assert [request.method for request in receiver.requests] == ["GET"]


async def test_private_addresses_are_not_confirmed_unless_the_operator_allows_it(receiver: Receiver) -> None:
    assert "private_targets" in await confirming(Settings())(receiver.url)
    assert "url must be" in await confirming(Settings())("nonsense")
    assert receiver.requests == []
