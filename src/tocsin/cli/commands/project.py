"""`tocsin project`."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from tocsin.cli.columns import PROJECTS
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items, print_one

app: Final = App(name="project", help="Projects: the parts of a domain.")


@app.command(name="list")
def list_projects(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the projects, the oldest first."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/projects"), PROJECTS, output)


@app.command
def create(
    name: str,
    /,
    *,
    identifier: Annotated[str, Parameter(name="--id")] = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a project, and print its id.

    Args:
        name: What to call it.
        identifier: The id it has elsewhere, to keep that.
    """
    document = {"name": name} | ({"id": identifier} if identifier else {})
    with server.client() as client:
        made = client.request("POST", "/api/v1/projects", document=document)
    print_one({"id": made["id"]}, output)
