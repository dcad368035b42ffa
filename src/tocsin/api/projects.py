"""`/api/v1/projects`: the parts of a domain."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import JSONBody
from sqlalchemy import Connection

from tocsin.api.given import Asker, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.making import made
from tocsin.api.revisions import answer
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, READ, Name
from tocsin.api.visible import visible_projects
from tocsin.hub.hub import clock
from tocsin.model.account import Project
from tocsin.store import directory

Identifier = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_.\-]*$")]


class NewProject(msgspec.Struct, forbid_unknown_fields=True):
    """A project to make; with `id` to keep the one it has elsewhere."""

    name: Name
    id: Identifier = ""


class ProjectItem(msgspec.Struct):
    """A project as it is listed."""

    id: str
    name: str
    created_at: str | None


class Projects(Controller):
    """Projects: the parts of a domain."""

    path = "/api/v1/projects"
    tags = ["projects"]

    @get(opt=READ)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[ProjectItem]:
        """List the projects, the oldest first."""

        def look(connection: Connection) -> list[ProjectItem]:
            return [_item(connection, project) for project in visible_projects(connection, principal)]

        return Listing(await hub.database.read(look))

    @post(opt=CONFIGURE)
    async def create(
        self, data: JSONBody[NewProject], hub: TheHub, principal: Asker, once: Repeatable
    ) -> Response[ProjectItem]:
        """Make a project."""

        def make(connection: Connection) -> Project:
            return directory.create_project(
                connection, principal.domain_id, data.name, clock(), identifier=data.id
            )

        new = await made(hub, principal, once, "project", make=make, find=directory.find_project, show=_item)
        return answer(new.thing, new.item, status=201, repeated=new.repeated)


def _item(_: Connection, project: Project) -> ProjectItem:
    return ProjectItem(project.id, project.name, moment(project.created_at))
