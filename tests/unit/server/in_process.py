"""Tocsin in the test's own process: the composed application over a hub, asked without a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from sqlalchemy import Connection, select, update

from tests.servers.migrated import migrated_sqlite
from tocsin.hub.hub import Hub, HubSettings, clock
from tocsin.model.access import Action
from tocsin.model.account import Token
from tocsin.model.delivery import DeliveryState
from tocsin.model.event import Event
from tocsin.model.role import Permission, Role
from tocsin.model.source import Source, SourceOptions
from tocsin.server.app import Application, Composed, compose
from tocsin.server.settings import Settings
from tocsin.store import accounts, directory, reading, roles, tables
from tocsin.store.database import Database, open_database

ADDRESS = "http://tocsin.test"
ALL = 1_000_000
_numbers = count(1)


class Tenant:
    """A domain of its own with a user, a token and the source `first`, and ways to ask as that user.

    Attributes:
        served: where it lives.
        id: of the domain.
        token: of its user.
        source: the one named first.
    """

    def __init__(self, served: "Served", domain_id: str, user: str, token: str, source: Source) -> None:
        self.served = served
        self.id = domain_id
        self.user = user
        self.token = token
        self.source = source

    async def ask(
        self, method: str, path: str, *, credential: str | None = None, **options: Any
    ) -> httpx2.Response:
        """Ask the application.

        Args:
            method: of HTTP.
            path: with its query, if any.
            credential: in place of the user's token; '' for none.
            options: of httpx2's request: json, params, content, headers.
        """
        shown = self.token if credential is None else credential
        headers = dict(options.pop("headers", {}))
        if shown:
            headers["Authorization"] = f"Bearer {shown}".encode("latin-1")
        return await self.served.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """Ask for something that must be there, and give the answer's document."""
        answer = await self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, document: object = None, *, status: int = 200) -> Any:
        """Post a document that must be taken, and give the answer's."""
        answer = await self.ask("POST", path, json={} if document is None else document)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def send(self, *items: Mapping[str, Any]) -> list[Any]:
        """Post events, and give their receipts."""
        receipts: list[Any] = (await self.post("/api/v1/events", list(items)))["receipts"]
        return receipts

    async def refuse(self, method: str, path: str, **options: Any) -> Any:
        """Ask for something that must be refused, and give the problem."""
        answer = await self.ask(method, path, **options)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["type"].endswith(f"#{problem['code']}")
        assert problem["title"]
        assert problem["detail"]
        return problem

    async def new_source(
        self, name: str = "", source_format: str = "auto", *, options: SourceOptions | None = None
    ) -> Source:
        """Make a source of this domain."""
        name = name or f"source-{next(_numbers)}"

        def make(connection: Connection) -> Source:
            project = directory.find_project(connection, self.id, directory.DEFAULT)
            return directory.create_source(
                connection,
                domain_id=self.id,
                project_id=project.id,
                name=name,
                source_format=source_format,
                now=clock(),
                options=options,
            )

        source = await self.served.hub.database.write(make)
        await self.served.hub.authentication.refresh()
        return source

    async def disable(self, source: Source) -> None:
        """Switch a source off."""
        disabled = msgspec.structs.replace(source, enabled=False)
        await self.served.hub.database.write(lambda c: directory.change_source(c, disabled))
        await self.served.hub.authentication.refresh()

    async def new_token(self, *, expires_at: int = 0) -> tuple[Token, str]:
        """Make another token of its user, and give it with its secret."""

        def make(connection: Connection) -> tuple[Token, str]:
            account = accounts.find_account(connection, self.user)
            return accounts.create_token(connection, account, "more", clock(), expires_at=expires_at)

        made = await self.served.hub.database.write(make)
        await self.served.hub.authentication.refresh()
        return made

    async def token_of(self, user: str) -> str:
        """Make a token of some user, and give its secret."""
        _, secret = await self.served.hub.database.write(
            lambda c: accounts.create_token(c, accounts.find_account(c, user), "more", clock())
        )
        await self.served.hub.authentication.refresh()
        return secret

    async def new_user(
        self, *permissions: Permission, scope: str = "", scopes: tuple[Action, ...] = ()
    ) -> str:
        """Make a user with a role of their own, and give a token of theirs.

        Args:
            permissions: of the role.
            scope: of the role.
            scopes: of the token.
        """
        name = f"user-{next(_numbers)}"

        def make(connection: Connection) -> str:
            role = Role(f"role-{name}", self.id, f"role of {name}", permissions, scope, clock())
            roles.create_role(connection, role)
            account = accounts.create_account(connection, self.id, name, "", clock(), role_id=role.id)
            return accounts.create_token(connection, account, "first", clock(), scopes=scopes)[1]

        secret = await self.served.hub.database.write(make)
        await self.served.hub.authentication.refresh()
        return secret

    async def give_up(self, target_id: str) -> None:
        """Let everything that was to go to a target be dead."""
        columns = tables.delivery.c
        dead = (
            update(tables.delivery)
            .where(columns.domain_id == self.id, columns.target_id == target_id)
            .values(state=DeliveryState.DEAD.value, reason="it never came", done_at=clock())
        )
        # As whoever writes deliveries does: the dispatcher may be about to take them.
        queue = select(tables.target.c.id).where(tables.target.c.id == target_id).with_for_update()

        def write(connection: Connection) -> None:
            connection.execute(queue)
            connection.execute(dead)

        await self.served.hub.database.write(write)

    async def events(self) -> list[Event]:
        """Give what the ledger holds of this domain, in order."""
        return await self.served.hub.database.read(
            lambda connection: reading.events_after(connection, self.id, 0, ALL)
        )

    async def rejected(self) -> list[tuple[int, str]]:
        """Give place and reason of each of this domain's rejected items, in order of their places."""
        columns = tables.rejected.c
        statement = (
            select(columns.payload_index, columns.reason)
            .where(columns.domain_id == self.id)
            .order_by(columns.rejected_at, columns.payload_index)
        )
        rows = await self.served.hub.database.read(lambda connection: connection.execute(statement).all())
        return [(place, reason) for place, reason in rows]


class Served:
    """A running hub and the application over it.

    Attributes:
        hub: what runs.
        application: the composed one.
        cloudforet: what gRPC serves.
        client: asks it, without a credential.
    """

    def __init__(self, hub: Hub, composed: Composed, client: httpx2.AsyncClient) -> None:
        self.hub = hub
        self.application = composed.http
        self.cloudforet = composed.cloudforet
        self.client = client

    async def new_tenant(self) -> Tenant:
        """Make a domain that no other test has."""
        number = next(_numbers)
        name = f"tenant-{number}"

        def make(connection: Connection) -> tuple[str, Source]:
            directory.create_domain(connection, name, clock(), identifier=name)
            project = directory.find_project(connection, name, directory.DEFAULT)
            source = directory.create_source(
                connection,
                domain_id=name,
                project_id=project.id,
                name=directory.FIRST_SOURCE,
                source_format="auto",
                now=clock(),
            )
            role = roles.create_first(connection, name, clock())
            account = accounts.create_account(
                connection, name, f"user-{number}", "", clock(), role_id=role.id
            )
            _, secret = accounts.create_token(connection, account, "first", clock())
            return secret, source

        secret, source = await self.hub.database.write(make)
        await self.hub.authentication.refresh()
        return Tenant(self, name, f"user-{number}", secret, source)

    async def drop(self, tenant: Tenant) -> None:
        """Forget who may do what in a domain: all of that is read anew at each change in any of them."""

        def work(connection: Connection) -> None:
            for table in (tables.token, tables.account, tables.role, tables.source, tables.alert_config):
                connection.execute(table.delete().where(table.c.domain_id == tenant.id))

        await self.hub.database.write(work)


@asynccontextmanager
async def serving(
    database: Database, settings: Settings | None = None, hub_settings: HubSettings | None = None
) -> AsyncIterator[Served]:
    """Run the application over a store that has the present schema."""
    hub = Hub(database, hub_settings)
    async with hub.running():
        composed = compose(hub, settings or Settings())
        transport = httpx2.ASGITransport(composed.http)
        async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield Served(hub, composed, client)


@asynccontextmanager
async def serving_on_sqlite(
    folder: Path, settings: Settings | None = None, hub_settings: HubSettings | None = None
) -> AsyncIterator[Served]:
    """Run the application over a new SQLite store in a folder."""
    database = open_database(migrated_sqlite(folder))
    try:
        async with serving(database, settings, hub_settings) as served:
            yield served
    finally:
        await database.close()


class Stream:
    """An answer that is read while it comes.

    Attributes:
        status: of the answer.
        headers: of the answer, in lower case.
        begun: set when the answer's head has come.
        over: set when either side has ended it.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        self._text = ""
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def message(self) -> str:
        """Give the next message of a stream of server-sent events, '' at the end of the stream."""
        while "\r\n\r\n" not in self._text:
            part = await asyncio.wait_for(self._parts.get(), 10)
            if part is None:
                return ""
            self._text += part.decode()
        found, _, self._text = self._text.partition("\r\n\r\n")
        return found

    async def event(self) -> dict[str, Any]:
        """Give the next event; comments are passed over."""
        while True:
            message = await self.message()
            assert message, "the stream ended"
            for line in message.split("\r\n"):
                if line.startswith("data: "):
                    event: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    return event

    async def take(self, message: Mapping[str, Any]) -> None:
        """Take a message of ASGI from the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            self.begun.set()
        else:
            self._parts.put_nowait(message["body"])
            if not message.get("more_body", False):
                self._parts.put_nowait(None)
                self.over.set()


@asynccontextmanager
async def streaming(
    application: Application, path: str, query: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Stream]:
    """Ask for a stream, wait until it has begun, and hang up at the end of the block."""
    stream = Stream()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await stream.over.wait()
        return {"type": "http.disconnect"}

    answering = asyncio.ensure_future(
        application(scope("GET", path, query=query, headers=headers), receive, stream.take)
    )
    try:
        await asyncio.wait_for(stream.begun.wait(), 10)
        yield stream
    finally:
        stream.over.set()
        await asyncio.wait_for(answering, 10)


def scope(
    method: str, path: str, *, query: str = "", headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Make a request as an ASGI server hands it over. The path is written as it is sent, with its escapes."""
    url = httpx2.URL(ADDRESS + path)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in {"host": url.host, **(headers or {})}.items()
        ],
        "scheme": "http",
        "path": url.path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "server": (url.host, 80),
        "client": ("127.0.0.1", 50_000),
        "root_path": "",
    }


def lines(*documents: object) -> bytes:
    """Write documents as NDJSON."""
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)
