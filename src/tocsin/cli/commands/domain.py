"""`tocsin domain`."""

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from tocsin.cli.author import author
from tocsin.cli.columns import DOMAINS
from tocsin.cli.options import Output
from tocsin.cli.output import print_items, print_one
from tocsin.cli.storage import DEFAULT_STORE, Store
from tocsin.query.times import format_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.server.first_start import NewDomain

app: Final = App(name="domain", help="Domains: the tenants of a store. Works on the store, not on a server.")


@app.command(name="list")
def list_domains(*, output: Output = None, store: Store = DEFAULT_STORE) -> int:
    """List the domains, the oldest first."""
    from tocsin.store import directory

    found = store.read(directory.domains)
    items = [
        {"id": domain.id, "name": domain.name, "created_at": format_time(domain.created_at)}
        for domain in found
    ]
    return print_items(items, DOMAINS, output)


@app.command
def create(
    name: str,
    /,
    *,
    identifier: Annotated[str, Parameter(name="--id")] = "",
    output: Output = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Make a domain with an administrator of its own, and print a token.

    Args:
        name: What to call it. Its administrator is admin@NAME.
        identifier: The id it has elsewhere, to keep that.
    """
    from tocsin.server.first_start import ADMIN, create_domain

    def make(connection: "Connection") -> "NewDomain":
        return create_domain(connection, author(), name=name, identifier=identifier, admin=f"{ADMIN}@{name}")

    made = store.write(make)
    print_one({"id": made.domain.id, "admin": made.admin, "token": made.token}, output)
