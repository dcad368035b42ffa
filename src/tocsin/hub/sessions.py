"""Sessions: logging in with a password or by an identity provider, and how long that lasts."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection

from tocsin.hub.admission import admit
from tocsin.hub.attempts import Attempts
from tocsin.hub.authentication import Authentication
from tocsin.hub.errors import NotAdmitted, Unauthenticated
from tocsin.hub.passwords import Passwords, is_outdated
from tocsin.model.access import Principal
from tocsin.model.account import PROVIDER_SESSION, SESSION, SESSION_TIMES, Account, Person, Token
from tocsin.model.audit import Author
from tocsin.model.granting import Granting
from tocsin.store import accounts, audit
from tocsin.store.database import Database
from tocsin.store.errors import NotFound, StoreError

USE_SECONDS: Final = 60.0
_WRONG: Final = "wrong name or password"
_log: Final = structlog.get_logger("tocsin.sessions")


class Sessions:
    """Lets users in, and notes which tokens are used.

    Args:
        database: where the users stand.
        authentication: learns of new sessions at once, and knows which tokens were shown.
        clock: gives microseconds UTC.
    """

    def __init__(self, database: Database, authentication: Authentication, clock: Callable[[], int]) -> None:
        self._database = database
        self._authentication = authentication
        self._clock = clock
        self.attempts = Attempts()
        self._writing: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.passwords = Passwords()

    def start(self) -> None:
        """Start to note which tokens are used."""
        self._task = asyncio.create_task(self._keep_noting(), name="sessions")

    async def stop(self) -> None:
        """Write what is noted, and stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self.note_use()
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def log_in(
        self, name: str, password: str, address: str, kind: str = SESSION
    ) -> tuple[Account, Token, str]:
        """Let a user in. Whoever has no such name, or another password, is answered alike and as late.

        Args:
            name: of the user.
            password: theirs.
            address: where the request comes from.
            kind: of session.

        Returns:
            The user, their session, and its secret.

        Raises:
            Unauthenticated: there is no such user, the password is another, or the user is disabled.
            RateExceeded: too many attempts failed with this name, or from this address.
        """
        account, password_hash = await self.check(name, password, address)
        newer = await self.passwords.hash(password) if is_outdated(password_hash) else ""

        def write(connection: Connection) -> tuple[Token, str]:
            # Another request may have changed the password, or disabled the user, meanwhile.
            if _look(connection, name) != (account, password_hash):
                raise Unauthenticated(_WRONG)
            if newer:
                accounts.rehash_password(connection, account, newer)
            return _begin(connection, account, Author(name, address, self._clock()), kind)

        session, secret = await self._database.write(write)
        await self._authentication.catch_up()
        return account, session, secret

    async def log_in_person(self, person: Person, granting: Granting, address: str) -> tuple[Token, str]:
        """Let somebody in whom an identity provider vouches for.

        Args:
            person: who they are there.
            granting: how they have a role.
            address: where the request comes from.

        Returns:
            Their session, and its secret.

        Raises:
            NotAdmitted: they are no user here, or a disabled one, or have no role.
        """

        def write(connection: Connection) -> tuple[Account, Token | None, str]:
            author = Author(person.name, address, self._clock())
            account = admit(connection, person, granting, author)
            if account.disabled:
                return account, None, ""
            author = msgspec.structs.replace(author, name=account.name)
            return account, *_begin(connection, account, author, PROVIDER_SESSION)

        account, session, secret = await self._database.write(write)
        if session is None:
            self._write_failure(account, address)
            raise NotAdmitted("disabled")
        await self._authentication.catch_up()
        return session, secret

    async def log_out(self, principal: Principal) -> None:
        """End a session.

        Args:
            principal: who holds it.

        Raises:
            NotFound: it has ended meanwhile.
        """
        author = Author(principal.name, f"session {principal.token_id}", self._clock())

        def end(connection: Connection) -> None:
            account = accounts.account_in(connection, principal.domain_id, principal.account_id)
            accounts.delete_token(connection, principal.domain_id, principal.token_id)
            audit.write(connection, author, "session.delete", before=account)

        await self._database.write(end)
        await self._authentication.catch_up()

    async def check(self, name: str, password: str, address: str) -> tuple[Account, str]:
        """Find the user who has that name and password.

        Returns:
            The user, and the hash of their password.

        Raises:
            Unauthenticated, RateExceeded: as `log_in`.
        """
        self.attempts.take(name, address)
        account, password_hash = await self._database.read(lambda connection: _look(connection, name))
        right = await self.passwords.match(password_hash, password)
        if account is None or not right or account.disabled:
            if account is not None:
                self._write_failure(account, address)
            raise Unauthenticated(_WRONG)
        self.attempts.give_back(name, address)
        return account, password_hash

    async def note_use(self) -> None:
        """Write which tokens were used since this was done last."""
        used, now = self._authentication.take_used(), self._clock()
        if not used:
            return
        try:
            await self._database.write(lambda connection: accounts.note_use(connection, used, now))
        except StoreError as failure:
            _log.warning("use_unwritten", reason=str(failure))

    def _write_failure(self, account: Account, address: str) -> None:
        """Write a failed attempt into the audit log, without making its answer later than others."""
        author = Author(account.name, address, self._clock())

        async def write() -> None:
            try:
                await self._database.write(
                    lambda connection: audit.write(connection, author, "session.fail", after=account)
                )
            except StoreError as failure:
                _log.warning("failure_unwritten", reason=str(failure))

        task = asyncio.create_task(write())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _keep_noting(self) -> None:
        while True:
            await asyncio.sleep(USE_SECONDS)
            await self.note_use()


def _begin(
    connection: Connection, account: Account, author: Author, kind: str = SESSION
) -> tuple[Token, str]:
    """Begin a session, and give it with its secret."""
    ends_at = author.at + SESSION_TIMES[kind]
    begun = accounts.create_token(connection, account, "session", author.at, expires_at=ends_at, kind=kind)
    audit.write(connection, author, "session.create", after=account)
    return begun


def _look(connection: Connection, name: str) -> tuple[Account | None, str]:
    try:
        account = accounts.find_account(connection, name)
    except NotFound:
        return None, ""
    return account, accounts.password_hash(connection, account)
