"""`/api/v1/sources`: where signals come in."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.changes import applied
from tocsin.api.configured import Configured, Show
from tocsin.api.given import Asker, Formats, OptionsCheck, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.shapes import PullItem, SourceItem, SourceWithKey, pull_item, source_item, source_with_key
from tocsin.api.visible import visible_sources
from tocsin.dialects import format_options
from tocsin.dialects.errors import BadPayload
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.signal import Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.store import directory, gaps, pulls

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
Secret = Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
READ: Final = {"action": Action.READ}
OVERSEE: Final = {"action": Action.OVERSEE}
CONFIGURE: Final = {"action": Action.CONFIGURE}
GOVERN: Final = {"action": Action.GOVERN}
_IDENTITY: Final = sorted(field.name for field in msgspec.structs.fields(Signal) if field.type is str)
_IDENTITY_LIMIT: Final = 10
_RATE_LIMIT: Final = 1_000_000
_ATTEMPTS: Final = 100
_SECONDS: Final = 366 * 24 * 3600
_SOURCES: Final = Configured(
    "source", find=directory.find_source, write=directory.change_source, delete=directory.delete_source
)


class NewSource(msgspec.Struct, forbid_unknown_fields=True):
    """A source to make. Its project is `default` unless it says another.

    `secret` is what Tocsin shows where it fetches the source's signals. No answer ever tells it.
    """

    name: Name
    format: str = "auto"
    project_id: str = ""
    options: SourceOptions = msgspec.field(default_factory=SourceOptions)
    enabled: bool = True
    secret: Secret = ""


class OptionsChange(msgspec.Struct, forbid_unknown_fields=True):
    """The options to change; those that are left out stay."""

    warning_opens: bool | UnsetType = UNSET
    source_time: bool | UnsetType = UNSET
    identity: tuple[str, ...] | UnsetType = UNSET
    rate_limit: int | UnsetType = UNSET
    resolve_after: int | UnsetType = UNSET
    silent_after: int | UnsetType = UNSET
    same_event_seconds: int | UnsetType = UNSET
    check_attempts: int | UnsetType = UNSET
    soft_opens: bool | UnsetType = UNSET
    format_options: dict[str, Any] | UnsetType = UNSET


class SourceChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a source; what is left out stays."""

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    options: OptionsChange | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET


class Sources(Controller):
    """Sources: where signals come in."""

    path = "/api/v1/sources"
    tags = ["sources"]

    @get(opt=READ)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[SourceItem]:
        """List the sources, the oldest first, without their keys."""

        def look(connection: Connection) -> list[SourceItem]:
            found = visible_sources(connection, principal)
            fetched = _pull_items(connection, principal.domain_id)
            return [source_item(source, fetched.get(source.id)) for source in found]

        return Listing(await hub.database.read(look))

    @post(opt=CONFIGURE)
    async def create(
        self,
        data: JSONBody[NewSource],
        request: Request[Any, Any, Any],
        hub: TheHub,
        formats: Formats,
        principal: Asker,
        once: Repeatable,
    ) -> Response[SourceWithKey]:
        """Make a source. The answer holds its key and the addresses to send to."""
        if data.format not in formats:
            raise bad_input("format", f"expected one of {', '.join(sorted(formats))}")
        _check(data.options, formats[data.format])

        def make(connection: Connection) -> Source:
            project = directory.find_project(
                connection, principal.domain_id, data.project_id or directory.DEFAULT
            )
            return directory.create_source(
                connection,
                domain_id=principal.domain_id,
                project_id=project.id,
                name=data.name,
                source_format=data.format,
                options=data.options,
                enabled=data.enabled,
                secret=data.secret,
                now=clock(),
            )

        return await _SOURCES.make(hub, principal, once, make, _with_key(request))

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self,
        name_or_id: FromPath[str],
        request: Request[Any, Any, Any],
        hub: TheHub,
        principal: Asker,
        if_none_match: IfNoneMatch = "",
    ) -> Response[SourceWithKey]:
        """Show a source with its key, to whoever may configure it."""
        return await _SOURCES.show(hub, principal, name_or_id, _with_key(request), if_none_match)

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[SourceChange],
        hub: TheHub,
        formats: Formats,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[SourceItem]:
        """Rename a source, switch it on or off, or change its options or its secret."""

        def alter(_: Connection, source: Source) -> Source:
            changed = applied(data, source)
            says_where = changed.options.format_options != source.options.format_options
            if source.secret and says_where and data.secret is UNSET:
                raise bad_input("secret", "these options say where it is sent: give it along with them")
            _check(changed.options, formats.get(source.format, format_options.check))
            return changed

        return await _SOURCES.change(hub, principal, name_or_id, if_match, alter, _item)

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a source: its key is refused from now on. Its events stay."""
        await _SOURCES.delete(hub, principal, name_or_id, if_match)


def _check(options: SourceOptions, of_format: OptionsCheck) -> None:
    """Refuse options that could not do what they say.

    Args:
        options: as they are to be.
        of_format: checks those of the format.

    Raises:
        ProblemDetailsException: names the option and what is wrong with it.
    """
    if not 0 <= options.rate_limit <= _RATE_LIMIT:
        raise bad_input("options.rate_limit", f"expected a number from 0 (no limit) to {_RATE_LIMIT}")
    for name in ("resolve_after", "silent_after", "same_event_seconds"):
        if not 0 <= getattr(options, name) <= _SECONDS:
            raise bad_input(f"options.{name}", f"expected seconds from 0 (off) to {_SECONDS}")
    if not 1 <= options.check_attempts <= _ATTEMPTS:
        raise bad_input("options.check_attempts", f"expected a number from 1 to {_ATTEMPTS}")
    if len(options.identity) > _IDENTITY_LIMIT:
        raise bad_input("options.identity", f"expected at most {_IDENTITY_LIMIT} fields")
    for name in options.identity:
        label = name.removeprefix("labels.")
        if name not in _IDENTITY and label in {"", name}:
            raise bad_input("options.identity", f"expected labels.NAME or one of {', '.join(_IDENTITY)}")
    try:
        of_format(options.format_options)
    except BadPayload as fault:
        raise bad_input("options.format_options", str(fault)) from None


def _item(connection: Connection, source: Source) -> SourceItem:
    return source_item(source, _pull_items(connection, source.domain_id).get(source.id))


def _pull_items(connection: Connection, domain_id: str) -> dict[str, PullItem]:
    """Give how it goes with the sources of a domain that are fetched from, by id."""
    known, now = gaps.gaps(connection, domain_id), clock()
    pulled = pulls.pulled(connection, domain_id)
    return {each: pull_item(found, known.get(each, []), now) for each, found in pulled.items()}


def _with_key(request: Request[Any, Any, Any]) -> Show[Source, SourceWithKey]:
    """Give what shows a source to whoever asks, with the addresses under which they reach it."""
    base_url = _base_url(request)

    def show(connection: Connection, source: Source) -> SourceWithKey:
        pull = _pull_items(connection, source.domain_id).get(source.id)
        return source_with_key(source, base_url, pull)

    return show


def _base_url(request: Request[Any, Any, Any]) -> str:
    """Give the address under which whoever asks reaches Tocsin; '' where an old client does not say."""
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if host else ""
