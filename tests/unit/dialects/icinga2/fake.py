"""What answers as Icinga 2's API does, over TLS, as a test wants it to."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import encode_basic_auth, web

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.ports import LOOPBACK

USER, PASSWORD = "tocsin", "open sesame"


class Fake:
    """An Icinga with what it monitors and what its stream says.

    Attributes:
        certificates: its own, and who vouches for them.
        url: its address.
        objects: what /v1/objects answers, by kind.
        bodies: what it answers instead, as bytes.
        questions: what was asked of them last, by kind.
        refused: kinds for which its user has no permission.
        understands: whether it can evaluate filters.
        status: of the answer to whoever asks for the stream.
        streams: how often that was opened.
    """

    def __init__(self, certificates: Certificates) -> None:
        self.certificates = certificates
        self.url = ""
        self.objects: dict[str, list[dict[str, Any]]] = {
            "hosts": [],
            "services": [],
            "downtimes": [],
            "comments": [],
        }
        self.bodies: dict[str, bytes] = {}
        self.questions: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()
        self.understands = True
        self.status = 200
        self.streams = 0
        self.asked: dict[str, Any] = {}
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def say(self, *events: dict[str, Any]) -> None:
        """Send events down the stream."""
        for event in events:
            self._waiting.put_nowait(msgspec.json.encode(event) + b"\n")

    def say_bytes(self, *pieces: bytes) -> None:
        """Send bytes down the stream, one piece after the other."""
        for piece in pieces:
            self._waiting.put_nowait(piece)

    def hang_up(self) -> None:
        """End the stream."""
        self._waiting.put_nowait(None)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != encode_basic_auth(USER, PASSWORD):
            return web.Response(status=401, text=request.headers.get("Authorization"))
        if request.path == "/v1/events":
            return await self._stream(request)
        kind = request.path.removeprefix("/v1/objects/")
        assert request.headers["X-HTTP-Method-Override"] == "GET"
        self.questions[kind] = question = await request.json()
        if "filter" in question and not self.understands:
            return web.json_response({"error": 404, "status": "No objects found."}, status=404)
        if kind in self.refused:
            return web.json_response({"error": 403, "status": "Forbidden."}, status=403)
        if kind in self.bodies:
            return web.Response(body=self.bodies[kind])
        return web.json_response({"results": self.objects[kind]})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": "/elsewhere"})
        self.streams += 1
        self.asked = await request.json()
        response = web.StreamResponse()
        await response.prepare(request)
        while (piece := await self._waiting.get()) is not None:
            await response.write(piece)
        return response


@asynccontextmanager
async def answering() -> AsyncIterator[Fake]:
    """Run one."""
    fake = Fake(make_certificates("icinga.test"))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(fake.certificates.certificate + fake.certificates.key)
        file.flush()
        context.load_cert_chain(Path(file.name))
    site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=context)
    await site.start()
    fake.url = f"https://{LOOPBACK}:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def result(
    state: int, *, hard: bool = True, attempt: int = 1, ended: float = 100.0, **more: Any
) -> dict[str, Any]:
    """Make a check result as Icinga tells it."""
    after = {"state": state, "state_type": int(hard), "attempt": attempt, "reachable": True}
    return {
        "exit_status": state,
        "state": state,
        "output": f"state {state}|load=1",
        "performance_data": None,
        "execution_end": ended,
        "active": False,
        "vars_after": after,
    } | more


def checked(host: str, service: str, state: int, **more: Any) -> dict[str, Any]:
    """Make an event of the stream; the service is '' for the host itself."""
    name = {"host": host} | ({"service": service} if service else {})
    return name | {"type": "CheckResult", "timestamp": 100.0, "check_result": result(state, **more)}


def standing(host: str, service: str, last: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """Make an object as /v1/objects answers it."""
    names = {"name": service, "host_name": host} if service else {"name": host}
    attributes = {"last_check_result": last, "acknowledgement": 0, "acknowledgement_last_change": 0} | more
    return {"type": "Service" if service else "Host", "attrs": names | attributes}
