"""The sources, for those who may not touch the store themselves."""

from collections.abc import Callable

from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import NotActivated
from tocsin.model.audit import Author
from tocsin.model.source import Plugin, Source, SourceOptions
from tocsin.query.scope import can_hold
from tocsin.query.tree import Expression
from tocsin.store import alert_configs, audit, directory, search
from tocsin.store.errors import NotFound


class Sources:
    """Lists and changes sources.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def visible(self, domain_id: str, sees: Expression) -> list[Source]:
        """Give the sources of which someone may see something, the oldest first.

        Args:
            domain_id: whose.
            sees: what whoever asks may see.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(lambda connection: sources_seen(connection, domain_id, sees))

    async def create(
        self,
        author: Author,
        *,
        domain_id: str,
        project_id: str,
        sees: Expression,
        name: str,
        source_format: str,
        options: SourceOptions,
        tags: dict[str, object],
        plugin: Plugin,
    ) -> Source:
        """Make a source that is a webhook.

        Args:
            author: who makes it, and when.
            domain_id: whose.
            project_id: the id of its project.
            sees: what whoever makes it may see.
            name: taken once in the project.
            source_format: what its payloads are in.
            options: how its signals are taken.
            tags: a note about it.
            plugin: what it is as a webhook.

        Raises:
            Missing: the domain has no such project, or they see nothing of it.
            NotActivated: the project takes no alerts.
            Taken: the project has a source of that name.
            Unavailable: it cannot be made now.
        """

        def work(connection: Connection) -> Source:
            scope = search.resolved_events(connection, domain_id, sees)
            known = {project.id for project in directory.projects(connection, domain_id)}
            if project_id not in known or not can_hold(scope)({"project_id": project_id}):
                raise NotFound(f"there is no project {project_id}")
            if not alert_configs.exists(connection, domain_id, project_id):
                raise NotActivated(f"the project {project_id} takes no alerts")
            made = directory.create_source(
                connection,
                domain_id=domain_id,
                project_id=project_id,
                name=name,
                source_format=source_format,
                now=author.at,
                options=options,
                tags=tags,
                plugin=plugin,
            )
            audit.write(connection, author, "source.create", after=made)
            return made

        return await self._configuring.change(work)

    async def change(
        self,
        author: Author,
        source_id: str,
        sees: Expression,
        edit: Callable[[Source], Source],
        *,
        domain_id: str,
    ) -> Source:
        """Change a source that someone may see.

        Args:
            author: who changes it.
            source_id: its id.
            sees: what whoever asks may see.
            edit: gives it as it is to be.
            domain_id: whose.

        Raises:
            Missing: there is no such source, or they do not see it.
            Taken: its project has another source of its new name.
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> Source:
            source = _find(connection, domain_id, source_id, sees)
            changed = edit(source)
            if changed != source:
                directory.change_source(connection, changed)
                audit.write(connection, author, "source.change", before=source, after=changed)
            return changed

        return await self._configuring.change(work)

    async def delete(self, author: Author, source_id: str, sees: Expression, *, domain_id: str) -> None:
        """Delete a source that someone may see. Its events stay.

        Raises:
            Missing: there is no such source, or they do not see it.
            Unavailable: it cannot be deleted now.
        """

        def work(connection: Connection) -> None:
            source = _find(connection, domain_id, source_id, sees)
            directory.delete_source(connection, source)
            audit.write(connection, author, "source.delete", before=source)

        await self._configuring.change(work)


def sources_seen(connection: Connection, domain_id: str, sees: Expression) -> list[Source]:
    """Give the sources of which someone may see something, the oldest first.

    Args:
        connection: within a read.
        domain_id: whose.
        sees: what whoever asks may see.
    """
    is_seen = can_hold(search.resolved_events(connection, domain_id, sees))
    return [
        source
        for source in directory.sources(connection, domain_id)
        if is_seen({"source_id": source.id, "project_id": source.project_id})
    ]


def _find(connection: Connection, domain_id: str, source_id: str, sees: Expression) -> Source:
    for source in sources_seen(connection, domain_id, sees):
        if source.id == source_id:
            return source
    raise NotFound(f"there is no source {source_id}")
