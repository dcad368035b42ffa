"""Authentication: who shows which credential, and how soon a change made elsewhere is known."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, update

from tests.contract.scene import Scene, new_source
from tests.contract.trouble import Trouble
from tocsin.hub.authentication import FRESH_SECONDS, Authentication
from tocsin.hub.errors import Forbidden, Missing, SourceDisabled, Unauthenticated, Unavailable
from tocsin.model.access import Action, Principal
from tocsin.model.account import SESSION, Account
from tocsin.model.source import Source
from tocsin.store import accounts, directory, roles, tables
from tocsin.store.database import Database, Work, open_database
from tocsin.store.digest import digest
from tocsin.store.errors import NotFound

pytestmark = pytest.mark.anyio

SECOND = 1.0


async def new_token(scene: Scene, *, domain_id: str = "main", expires_in: float = 0) -> tuple[str, str]:
    """Make a user with a token. Gives the token's id and secret."""
    now = time.time_ns() // 1000
    expires_at = now + round(expires_in * 1_000_000) if expires_in else 0

    def work(connection: Connection) -> tuple[str, str]:
        ann = accounts.create_account(connection, domain_id, f"ann@{domain_id}", "hash", now, role_id="")
        token, secret = accounts.create_token(connection, ann, "laptop", now, expires_at=expires_at)
        return token.id, secret

    return await scene.database.write(work)


@pytest.fixture
async def authentication(scene: Scene) -> AsyncIterator[Authentication]:
    started = Authentication(scene.database)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def elsewhere(store_url: str, scene: Scene) -> AsyncIterator[Authentication]:
    """Give the authentication of another node on the same store."""
    database = open_database(store_url)
    started = Authentication(database)
    await started.start()
    yield started
    await started.stop()
    await database.close()


async def test_a_key_finds_its_source(scene: Scene, authentication: Authentication) -> None:
    assert authentication.source(scene.source.access_key) == scene.source
    assert authentication.source(scene.source.access_key, scene.source.id) == scene.source


@pytest.mark.parametrize("key", ["", "0" * 32, "schlüssel-🔑"])
async def test_an_unknown_key_is_refused(authentication: Authentication, key: str) -> None:
    with pytest.raises(Unauthenticated, match="unknown key"):
        authentication.source(key)


async def test_neither_another_case_nor_the_stored_hash_is_a_key(
    scene: Scene, authentication: Authentication
) -> None:
    key = scene.source.access_key
    for wrong in (key.upper() if key.upper() != key else key + "x", key[:-1], digest(key)):
        with pytest.raises(Unauthenticated):
            authentication.source(wrong)


async def test_a_key_with_the_id_of_another_source_is_refused(
    scene: Scene, authentication: Authentication
) -> None:
    other = await new_source(scene.database, "main", "other")
    await authentication.refresh()
    with pytest.raises(Unauthenticated, match="unknown key"):
        authentication.source(scene.source.access_key, other.id)


async def test_the_key_of_a_disabled_source_is_known_and_refused(
    scene: Scene, authentication: Authentication
) -> None:
    disabled = replace(scene.source, enabled=False)
    await scene.database.write(lambda c: directory.change_source(c, disabled))
    await authentication.refresh()
    for show in (authentication.source, authentication.principal):
        with pytest.raises(SourceDisabled):
            show(scene.source.access_key)
    with pytest.raises(Unauthenticated):
        authentication.source(scene.source.access_key, "source-of-another")


async def test_a_token_finds_its_user(scene: Scene, authentication: Authentication) -> None:
    await new_source(scene.database, "umbrella")
    token_id, secret = await new_token(scene, domain_id="umbrella")
    await authentication.refresh()
    found = authentication.user(secret)
    assert found == authentication.principal(secret)
    assert (found.domain_id, found.name, found.token_id) == ("umbrella", "ann@umbrella", token_id)


async def test_an_unknown_token_is_refused(scene: Scene, authentication: Authentication) -> None:
    token_id, secret = await new_token(scene)
    await authentication.refresh()
    for wrong in ("", token_id, secret + "x", digest(secret), scene.source.access_key):
        with pytest.raises(Unauthenticated, match="unknown token"):
            authentication.user(wrong)


async def test_a_token_is_refused_once_it_has_expired(scene: Scene, authentication: Authentication) -> None:
    _, secret = await new_token(scene, expires_in=0.5)
    await authentication.refresh()
    assert authentication.user(secret).name == "ann@main"
    await asyncio.sleep(0.6)
    with pytest.raises(Unauthenticated, match="expired"):
        authentication.user(secret)


async def test_a_credential_is_a_token_or_a_key(scene: Scene, authentication: Authentication) -> None:
    _, secret = await new_token(scene)
    await authentication.refresh()
    source = scene.source
    assert authentication.principal(secret).source is None
    assert authentication.principal(source.access_key) == Principal("main", source.name, source)
    for wrong in ("", "tocsin_wrong", "wrong"):
        with pytest.raises(Unauthenticated):
            authentication.principal(wrong)


async def test_a_source_can_only_send(scene: Scene, authentication: Authentication) -> None:
    sender = authentication.principal(scene.source.access_key)
    authentication.authorise(sender, Action.SEND)
    for action in set(Action) - {Action.SEND}:
        with pytest.raises(Forbidden, match="can only send"):
            authentication.authorise(sender, action)


async def test_sources_are_found_within_their_domain(scene: Scene, authentication: Authentication) -> None:
    foreign = await new_source(scene.database, "umbrella", "first")
    await authentication.refresh()
    assert authentication.source_by_id("main", scene.source.id) == scene.source
    assert authentication.first_source("umbrella") == foreign
    for domain_id, source_id in (("main", foreign.id), ("main", "nothing"), ("umbrella", scene.source.id)):
        with pytest.raises(NotFound):
            authentication.source_by_id(domain_id, source_id)
    with pytest.raises(Missing, match="source_id"):
        authentication.first_source("main")


async def seconds_until(refused: type[Exception] | None, show: Callable[[], Any]) -> float:
    """Show a credential until it is refused that way, or taken where that is None. Gives how long it took."""
    started = time.monotonic()
    while time.monotonic() - started < 10:
        try:
            show()
        except (Unauthenticated, SourceDisabled) as refusal:
            if refused is not None and isinstance(refusal, refused):
                break
        else:
            if refused is None:
                break
        await asyncio.sleep(0.01)
    return time.monotonic() - started


async def test_a_source_disabled_on_one_node_is_refused_on_another_within_a_second(
    scene: Scene, elsewhere: Authentication
) -> None:
    assert elsewhere.source(scene.source.access_key) == scene.source
    disabled = replace(scene.source, enabled=False)
    await scene.database.write(lambda c: directory.change_source(c, disabled))
    key = scene.source.access_key
    assert await seconds_until(SourceDisabled, lambda: elsewhere.source(key)) < SECOND
    await scene.database.write(lambda c: directory.change_source(c, scene.source))
    assert await seconds_until(None, lambda: elsewhere.source(key)) < SECOND


async def test_a_token_revoked_on_one_node_is_refused_on_another_within_a_second(
    scene: Scene, elsewhere: Authentication
) -> None:
    token_id, secret = await new_token(scene)
    assert await seconds_until(None, lambda: elsewhere.user(secret)) < SECOND
    await scene.database.write(lambda c: accounts.delete_token(c, "main", token_id))
    assert await seconds_until(Unauthenticated, lambda: elsewhere.user(secret)) < SECOND


async def test_a_change_is_noticed_after_the_store_was_away(
    scene: Scene, elsewhere: Authentication, trouble: Trouble
) -> None:
    with trouble.lasting():
        await asyncio.sleep(0.5)
        assert elsewhere.source(scene.source.access_key) == scene.source
    made = await new_source(scene.database, "main", "later")
    assert await seconds_until(None, lambda: elsewhere.source(made.access_key)) < 2 * SECOND


class _SlowReads:
    """A store's short reads: the first takes long to answer. It counts them."""

    def __init__(self, database: Database) -> None:
        self._peek = database.peek
        self.count = 0

    async def __call__(self, work: Work[Any]) -> Any:
        self.count += 1
        slow = self.count == 1
        found = await self._peek(work)
        if slow:
            await asyncio.sleep(0.3)
        return found


@pytest.fixture
def reads(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> _SlowReads:
    """Slow the first read of the scene's store, and count all."""
    slow = _SlowReads(scene.database)
    monkeypatch.setattr(scene.database, "peek", slow)
    return slow


async def test_a_slow_reading_does_not_bring_back_what_a_later_one_has_overtaken(
    scene: Scene, reads: _SlowReads
) -> None:
    authentication = Authentication(scene.database)
    slow = asyncio.create_task(authentication.refresh())
    await asyncio.sleep(0.1)
    made: Source = await new_source(scene.database, "main", "later")
    await authentication.refresh()
    await slow
    assert reads.count == 2
    assert authentication.source(made.access_key) == made


async def test_a_row_that_cannot_be_read_does_not_end_the_keeping_up(
    scene: Scene, elsewhere: Authentication
) -> None:
    def store(options: str) -> Callable[[Connection], Any]:
        return lambda c: c.execute(update(tables.source).values(options=options))

    await scene.database.write(store("[]"))
    made = await new_source(scene.database, "main", "later")
    await asyncio.sleep(0.7)
    assert elsewhere.source(scene.source.access_key) == scene.source
    assert elsewhere.age > 0.5
    with pytest.raises(Unavailable):
        await elsewhere.find_source(made.access_key)
    await scene.database.write(store("{}"))
    assert await seconds_until(None, lambda: elsewhere.source(made.access_key)) < SECOND
    assert elsewhere.age < SECOND


@pytest.fixture
async def left_alone(scene: Scene) -> Authentication:
    """Give an authentication that has read the directory once and does not keep up."""
    read_once = Authentication(scene.database)
    await read_once.refresh()
    return read_once


async def test_a_key_made_elsewhere_just_now_is_found(scene: Scene, left_alone: Authentication) -> None:
    made = await new_source(scene.database, "main", "later")
    with pytest.raises(Unauthenticated):
        left_alone.source(made.access_key)
    with pytest.raises(Unauthenticated):
        await left_alone.find_source(made.access_key, scene.source.id)
    assert await left_alone.find_source(made.access_key, made.id) == made


async def test_a_token_made_elsewhere_just_now_is_found(scene: Scene, left_alone: Authentication) -> None:
    _, secret = await new_token(scene)
    with pytest.raises(Unauthenticated):
        left_alone.user(secret)
    assert (await left_alone.find_user(secret)).name == "ann@main"
    with pytest.raises(Unauthenticated):
        await left_alone.find_user("tocsin_none")


async def test_an_unknown_key_is_refused_only_if_the_store_was_asked(
    left_alone: Authentication, scene: Scene, trouble: Trouble
) -> None:
    with pytest.raises(Unauthenticated):
        await left_alone.find_source("0" * 32)
    await asyncio.sleep(2 * FRESH_SECONDS)
    with trouble.lasting():
        if not scene.database.is_sqlite:  # a full disk can be read
            for _ in range(2):
                with pytest.raises(Unavailable, match="cannot be asked"):
                    await left_alone.find_source("0" * 32)
        assert await left_alone.find_source(scene.source.access_key) == scene.source


async def test_many_unknown_keys_make_one_look(scene: Scene, reads: _SlowReads) -> None:
    authentication = Authentication(scene.database)
    asked = [authentication.find_source(f"{number:032}") for number in range(40)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unauthenticated}
    assert reads.count == 2  # the version, and the directory itself

    await asyncio.sleep(2 * FRESH_SECONDS)
    started = time.monotonic()
    while time.monotonic() - started < 5 * FRESH_SECONDS:
        with pytest.raises(Unauthenticated):
            await authentication.find_source("0" * 32)
    assert 2 < reads.count - 2 <= (time.monotonic() - started) / FRESH_SECONDS + 1


async def test_who_is_disabled_or_has_another_password_is_known_elsewhere_within_a_second(
    scene: Scene, elsewhere: Authentication
) -> None:
    def make(connection: Connection) -> tuple[Account, str, str]:
        role = roles.create_first(connection, "main", 1)
        accounts.create_account(connection, "main", "root", "", 1, role_id=role.id)
        ann = accounts.create_account(connection, "main", "ann", "hash", 1, role_id=role.id)
        _, token = accounts.create_token(connection, ann, "laptop", 1)
        end = time.time_ns() // 1000 + 3_600_000_000
        _, session = accounts.create_token(connection, ann, "browser", 1, kind=SESSION, expires_at=end)
        return ann, token, session

    ann, token, session = await scene.database.write(make)
    for secret in (token, session):
        assert await seconds_until(None, lambda secret=secret: elsewhere.user(secret)) < SECOND  # type: ignore[misc]
    await scene.database.write(lambda c: accounts.change_password(c, ann, "other"))
    assert await seconds_until(Unauthenticated, lambda: elsewhere.user(session)) < SECOND
    assert elsewhere.user(token).name == "ann"
    await scene.database.write(lambda c: accounts.change_account(c, replace(ann, disabled=True)))
    assert await seconds_until(Unauthenticated, lambda: elsewhere.user(token)) < SECOND
