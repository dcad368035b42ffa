"""`/api/v1/sources`: where signals come in."""

from collections.abc import Collection
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from sqlalchemy import Connection

from tocsin.api.listing import Listing
from tocsin.api.shapes import SourceItem, SourceWithKey, source_item, source_with_key
from tocsin.dialects.errors import BadPayload
from tocsin.hub.hub import Hub, clock
from tocsin.model.access import Action, Principal
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.source import Source, SourceOptions
from tocsin.store import directory

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
READ: Final = {"action": Action.READ}
CONFIGURE: Final = {"action": Action.CONFIGURE}


class NewSource(msgspec.Struct, forbid_unknown_fields=True):
    """A source to make. Its project is `default` unless it says another."""

    name: Name
    format: str = "auto"
    project_id: str = ""
    options: SourceOptions = SourceOptions()


class SourceChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a source; what is left out stays."""

    name: Name | None = None
    enabled: bool | None = None
    options: SourceOptions | None = None


class Sources(Controller):
    """Sources: where signals come in."""

    path = "/api/v1/sources"
    tags = ["sources"]

    @get(opt=READ)
    async def listing(self, hub: Hub, principal: Principal) -> Listing[SourceItem]:
        """List the sources, the oldest first, without their keys."""
        found = await hub.database.read(lambda connection: directory.sources(connection, principal.domain_id))
        return Listing([source_item(source) for source in found])

    @post(opt=CONFIGURE)
    async def create(
        self,
        data: NewSource,
        request: Request[Any, Any, Any],
        hub: Hub,
        formats: Collection[str],
        principal: Principal,
    ) -> SourceWithKey:
        """Make a source. The answer holds its key and the addresses to send to."""
        if data.format not in formats:
            raise BadPayload(f"format: {data.format} is none of {', '.join(sorted(formats))}")

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
                now=clock(),
            )

        source = await hub.database.write(make)
        await hub.authentication.refresh()
        return source_with_key(source, _base_url(request))

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self, name_or_id: str, request: Request[Any, Any, Any], hub: Hub, principal: Principal
    ) -> SourceWithKey:
        """Show a source with its key, to whoever may configure it."""
        source = await hub.database.read(
            lambda connection: directory.find_source(connection, principal.domain_id, name_or_id)
        )
        return source_with_key(source, _base_url(request))

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(self, name_or_id: str, data: SourceChange, hub: Hub, principal: Principal) -> SourceItem:
        """Rename a source, switch it on or off, or change its options."""
        changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not None}

        def write(connection: Connection) -> Source:
            source = directory.find_source(connection, principal.domain_id, name_or_id)
            changed = msgspec.structs.replace(source, **changes)
            directory.change_source(connection, changed)
            return changed

        source = await hub.database.write(write)
        await hub.authentication.refresh()
        return source_item(source)

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(self, name_or_id: str, hub: Hub, principal: Principal) -> None:
        """Delete a source: its key is refused from now on. Its events stay."""

        def write(connection: Connection) -> None:
            directory.delete_source(
                connection, directory.find_source(connection, principal.domain_id, name_or_id)
            )

        await hub.database.write(write)
        await hub.authentication.refresh()


def _base_url(request: Request[Any, Any, Any]) -> str:
    return str(request.base_url).rstrip("/")
