"""Authentication: credential -> principal, for every transport.

Each node keeps all keys and tokens in memory, found by their hash, and reads them again when the version of
the configuration has moved.
"""

import asyncio
import hmac
import math
import time
from typing import Final

import structlog
from sqlalchemy import Connection

from tocsin.hub.errors import Forbidden, Missing, SourceDisabled, Unauthenticated, Unavailable
from tocsin.model.access import Action, Principal, may, why_not
from tocsin.model.account import TOKEN
from tocsin.model.alert_config import AlertConfig
from tocsin.model.role import Role
from tocsin.model.source import Source
from tocsin.store import accounts, configuration, directory
from tocsin.store.database import Database
from tocsin.store.digest import digest
from tocsin.store.directory import Snapshot
from tocsin.store.errors import NotFound, StoreError

POLL_SECONDS: Final = 0.3
FRESH_SECONDS: Final = 0.05
"""What was compared with the store within this time counts as read just now."""
_log: Final = structlog.get_logger("tocsin.authentication")


class Authentication:
    """Knows who is speaking.

    Args:
        database: where the directory stands.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Snapshot(0, {}, {}, {}, {}, {})
        self._by_id: dict[str, Source] = {}
        self._first: dict[str, Source] = {}
        self._used: dict[str, int] = {}
        self._reading = asyncio.Lock()
        self._comparing = asyncio.Lock()
        self._tried_at = self._compared_at = -math.inf
        self._trouble = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def version(self) -> int:
        """Give the version of the configuration that is known here."""
        return self._known.version

    @property
    def age(self) -> float:
        """Give the seconds since what is known here was the same as in the store."""
        return time.monotonic() - self._compared_at

    async def start(self) -> None:
        """Read the directory, and keep up with its changes."""
        await self.refresh()
        self._task = asyncio.create_task(self._keep_up(), name="authentication")

    async def stop(self) -> None:
        """Stop keeping up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def refresh(self) -> None:
        """Read the directory again.

        Raises:
            StoreError: it cannot be read.
        """
        # One at a time, or a slow reading would bring back what a later one has overtaken.
        async with self._reading:
            started_at = time.monotonic()
            known = await self._database.peek(directory.snapshot)
            # The newest first, so that of several with one name the oldest is found.
            sources = sorted(known.sources.values(), key=lambda source: source.created_at, reverse=True)
            self._by_id = {source.id: source for source in sources}
            self._first = {
                source.domain_id: source for source in sources if source.name == directory.FIRST_SOURCE
            }
            self._known = known
            self._compared_at = started_at

    async def catch_up(self) -> None:
        """Read the directory again after a change made on this node.

        Never fails, since the change stands: what could not be read is logged, and the next poll reads it.
        """
        try:
            await self.refresh()
        except StoreError as failure:
            _log.warning("directory_unreadable", reason=str(failure))

    def source(self, access_key: str, source_id: str = "") -> Source:
        """Find the source whose key this is.

        Args:
            access_key: as the sender showed it.
            source_id: the source it must belong to; '' for whichever.

        Raises:
            Unauthenticated: there is no such key, or it is another source's.
            SourceDisabled: the source is switched off.
        """
        source = self._known.sources.get(digest(access_key))
        # The hash finds it; comparing in constant time keeps that from telling how near a guess was.
        if source is None or not hmac.compare_digest(source.access_key.encode(), access_key.encode()):
            raise Unauthenticated("unknown key")
        if source_id and source.id != source_id:
            raise Unauthenticated("unknown key")
        if not source.enabled:
            raise SourceDisabled("this source is disabled")
        return source

    async def find_source(self, access_key: str, source_id: str = "") -> Source:
        """Find the source whose key this is, though another node may have made it just now.

        An unknown key makes it look whether the directory has moved; however many there are, it looks once
        in `FRESH_SECONDS`.

        Args:
            access_key: as the sender showed it.
            source_id: the source it must belong to; '' for whichever.

        Raises:
            Unauthenticated: there is no such key, or it is another source's.
            SourceDisabled: the source is switched off.
            Unavailable: the key is not known here, and the store cannot be asked.
        """
        try:
            return self.source(access_key, source_id)
        except Unauthenticated:
            await self._compare()
            if self._trouble:
                raise Unavailable("the key is not known here, and the store cannot be asked") from None
        return self.source(access_key, source_id)

    def user(self, token: str) -> Principal:
        """Find who holds a token.

        Raises:
            Unauthenticated: there is no such token, it has expired, or its user is disabled.
        """
        found = self._known.tokens.get(digest(token))
        if found is None:
            raise Unauthenticated("unknown token")
        held, account = found
        now = time.time_ns() // 1000
        if held.expires_at and held.expires_at <= now:
            raise Unauthenticated("this token has expired")
        if account.disabled:
            raise Unauthenticated("this user is disabled")
        self._used[held.id] = now
        return Principal(
            account.domain_id,
            account.name,
            account_id=account.id,
            role=self._known.roles.get(account.role_id),
            scopes=held.scopes,
            token_id=held.id,
            is_session=held.kind != TOKEN,
        )

    async def find_user(self, token: str) -> Principal:
        """Find who holds a token, though another node may have made it just now. See `find_source`.

        Raises:
            Unauthenticated: there is no such token, it has expired, or its user is disabled.
            Unavailable: the token is not known here, and the store cannot be asked.
        """
        try:
            return self.user(token)
        except Unauthenticated:
            await self._compare()
            if self._trouble:
                raise Unavailable("the token is not known here, and the store cannot be asked") from None
        return self.user(token)

    def take_used(self) -> dict[str, int]:
        """Give when each token was shown last, microseconds UTC, since this was asked before."""
        used, self._used = self._used, {}
        return used

    def principal(self, credential: str) -> Principal:
        """Find who shows a bearer credential: a user's token or a source's key.

        Raises:
            Unauthenticated: it is neither.
            SourceDisabled: it is the key of a source that is switched off.
        """
        if credential.startswith(accounts.TOKEN_PREFIX):
            return self.user(credential)
        source = self.source(credential)
        return Principal(source.domain_id, source.name, source)

    def authorise(self, principal: Principal, action: Action) -> None:
        """Let a principal do something, or not.

        Raises:
            Forbidden: it may not.
        """
        if not may(principal, action):
            raise Forbidden(why_not(principal, action))

    def source_by_id(self, domain_id: str, source_id: str) -> Source:
        """Find a source of a domain by its id.

        Raises:
            NotFound: the domain has none with that id.
        """
        source = self._by_id.get(source_id)
        if source is None or source.domain_id != domain_id:
            raise NotFound(f"there is no source {source_id}")
        return source

    def role_of(self, domain_id: str, user: str) -> Role | None:
        """Give the role of a domain's user; None where it has no such user, or they may do nothing.

        Args:
            domain_id: where they belong.
            user: their name.
        """
        account = self._known.accounts.get(user)
        if account is None or account.domain_id != domain_id or account.disabled:
            return None
        return self._known.roles.get(account.role_id)

    def has_source(self, source_id: str) -> bool:
        """Say whether any domain has a source with that id."""
        return source_id in self._by_id

    def alert_config(self, project_id: str) -> AlertConfig | None:
        """Give the alert configuration of a project; None where somebody has removed it."""
        return self._known.alert_configs.get(project_id)

    def first_source(self, domain_id: str) -> Source:
        """Find the source that takes what users of a domain post without naming one.

        Raises:
            Missing: it was renamed or deleted.
        """
        source = self._first.get(domain_id)
        if source is None:
            raise Missing(f"there is no source {directory.FIRST_SOURCE}: name one with source_id")
        return source

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self._compare()

    async def _compare(self) -> None:
        """Read the directory again if it has moved. Never fails: what went wrong is logged and kept."""
        asked_at = time.monotonic()
        async with self._comparing:
            # Whoever waited meanwhile is served by the same look.
            if self._tried_at > asked_at - FRESH_SECONDS:
                return
            self._tried_at = started_at = time.monotonic()
            trouble = "interrupted"
            try:
                if await self._database.peek(_version) != self._known.version:
                    await self.refresh()
                self._compared_at = max(self._compared_at, started_at)
                trouble = ""
            except StoreError as failure:
                trouble = str(failure)
                _log.warning("directory_unreadable", reason=trouble)
            except Exception as failure:  # the keys that are known must go on being followed
                trouble = str(failure)
                _log.exception("directory_unreadable")
            finally:
                self._trouble = trouble


def _version(connection: Connection) -> int:
    return configuration.version(connection)
