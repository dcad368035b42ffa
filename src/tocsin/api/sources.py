"""`/api/v1/sources`: where signals come in."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, Formats, TheHub
from tocsin.api.listing import Listing
from tocsin.api.principal import author
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch, answer, demand
from tocsin.api.shapes import SourceItem, SourceWithKey, source_item, source_with_key
from tocsin.api.visible import visible_sources
from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.signal import Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.store import audit, configuration, directory

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
READ: Final = {"action": Action.READ}
OVERSEE: Final = {"action": Action.OVERSEE}
CONFIGURE: Final = {"action": Action.CONFIGURE}
_IDENTITY: Final = sorted(field.name for field in msgspec.structs.fields(Signal) if field.type is str)
_IDENTITY_LIMIT: Final = 10
_RATE_LIMIT: Final = 1_000_000
_SECONDS: Final = 366 * 24 * 3600
_FORMAT_OPTIONS_BYTES: Final = 16 * 1024
_FORMAT_OPTIONS_DEPTH: Final = 8


class NewSource(msgspec.Struct, forbid_unknown_fields=True):
    """A source to make. Its project is `default` unless it says another."""

    name: Name
    format: str = "auto"
    project_id: str = ""
    options: SourceOptions = SourceOptions()
    enabled: bool = True


class OptionsChange(msgspec.Struct, forbid_unknown_fields=True):
    """The options to change; those that are left out stay."""

    warning_opens: bool | msgspec.UnsetType = msgspec.UNSET
    source_time: bool | msgspec.UnsetType = msgspec.UNSET
    identity: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    rate_limit: int | msgspec.UnsetType = msgspec.UNSET
    resolve_after: int | msgspec.UnsetType = msgspec.UNSET
    silent_after: int | msgspec.UnsetType = msgspec.UNSET
    same_event_seconds: int | msgspec.UnsetType = msgspec.UNSET
    format_options: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    def applied(self, options: SourceOptions) -> SourceOptions:
        """Give the options with these in place of their own."""
        given = {
            name: value for name, value in msgspec.structs.asdict(self).items() if value is not msgspec.UNSET
        }
        return msgspec.structs.replace(options, **given)


class SourceChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a source; what is left out stays."""

    name: Name | None = None
    enabled: bool | None = None
    options: OptionsChange | None = None


class Sources(Controller):
    """Sources: where signals come in."""

    path = "/api/v1/sources"
    tags = ["sources"]

    @get(opt=READ)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[SourceItem]:
        """List the sources, the oldest first, without their keys."""
        found = await hub.database.read(lambda connection: visible_sources(connection, principal))
        return Listing([source_item(source) for source in found])

    @post(opt=CONFIGURE)
    async def create(
        self,
        data: JSONBody[NewSource],
        request: Request[Any, Any, Any],
        hub: TheHub,
        formats: Formats,
        principal: Asker,
    ) -> Response[SourceWithKey]:
        """Make a source. The answer holds its key and the addresses to send to."""
        if data.format not in formats:
            raise bad_input("format", f"expected one of {', '.join(sorted(formats))}")
        _check(data.options)

        def make(connection: Connection) -> Source:
            project = directory.find_project(
                connection, principal.domain_id, data.project_id or directory.DEFAULT
            )
            made = directory.create_source(
                connection,
                domain_id=principal.domain_id,
                project_id=project.id,
                name=data.name,
                source_format=data.format,
                options=data.options,
                enabled=data.enabled,
                now=clock(),
            )
            audit.write(connection, author(principal), "source.create", after=made)
            return made

        source = await hub.database.write(make)
        await hub.authentication.refresh()
        return answer(source, source_with_key(source, _base_url(request)), status=201)

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
        source = await hub.database.read(
            lambda connection: directory.find_source(connection, principal.domain_id, name_or_id)
        )
        return answer(source, source_with_key(source, _base_url(request)), if_none_match)

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[SourceChange],
        hub: TheHub,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[SourceItem]:
        """Rename a source, switch it on or off, or change its options."""
        wanted = data.options or OptionsChange()
        _check(wanted.applied(SourceOptions()))

        def write(connection: Connection) -> Source:
            configuration.hold(connection)
            source = directory.find_source(connection, principal.domain_id, name_or_id)
            demand(source, if_match)
            changed = msgspec.structs.replace(
                source,
                name=source.name if data.name is None else data.name,
                enabled=source.enabled if data.enabled is None else data.enabled,
                options=wanted.applied(source.options),
            )
            directory.change_source(connection, changed)
            audit.write(connection, author(principal), "source.change", before=source, after=changed)
            return changed

        source = await hub.database.write(write)
        await hub.authentication.refresh()
        return answer(source, source_item(source))

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a source: its key is refused from now on. Its events stay."""

        def write(connection: Connection) -> None:
            configuration.hold(connection)
            source = directory.find_source(connection, principal.domain_id, name_or_id)
            demand(source, if_match)
            directory.delete_source(connection, source)
            audit.write(connection, author(principal), "source.delete", before=source)

        await hub.database.write(write)
        await hub.authentication.refresh()


def _check(options: SourceOptions) -> None:
    """Refuse options that could not do what they say.

    Raises:
        ProblemDetailsException: names the option and what is wrong with it.
    """
    if not 0 <= options.rate_limit <= _RATE_LIMIT:
        raise bad_input("options.rate_limit", f"expected a number from 0 (no limit) to {_RATE_LIMIT}")
    for name in ("resolve_after", "silent_after", "same_event_seconds"):
        if not 0 <= getattr(options, name) <= _SECONDS:
            raise bad_input(f"options.{name}", f"expected seconds from 0 (off) to {_SECONDS}")
    if len(options.identity) > _IDENTITY_LIMIT:
        raise bad_input("options.identity", f"expected at most {_IDENTITY_LIMIT} fields")
    for name in options.identity:
        label = name.removeprefix("labels.")
        if name not in _IDENTITY and label in {"", name}:
            raise bad_input("options.identity", f"expected labels.NAME or one of {', '.join(_IDENTITY)}")
    encoded = msgspec.json.encode(options.format_options)
    if len(encoded) > _FORMAT_OPTIONS_BYTES:
        raise bad_input("options.format_options", f"expected at most {_FORMAT_OPTIONS_BYTES} bytes of JSON")
    try:
        json_body.decode(encoded, depth=_FORMAT_OPTIONS_DEPTH)
    except BadPayload as fault:
        raise bad_input("options.format_options", str(fault).replace("the body", "it")) from None


def _base_url(request: Request[Any, Any, Any]) -> str:
    """Give the address under which whoever asks reaches Tocsin; '' where an old client does not say."""
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if host else ""
