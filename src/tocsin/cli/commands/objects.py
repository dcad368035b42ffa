"""`tocsin objects`."""

from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.columns import OBJECTS
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import print_items


def objects(
    *query: Query,
    limit: Limit = 50,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List hosts and services as they stand.

    They come by name, each host before its services. Exit code 1 means that none matches.

    Args:
        everything: List all that match, however many.
    """
    with server.client() as client:
        found = client.pages("/api/v1/objects", {"q": joined(query)}, limit=None if everything else limit)
        return print_items(found, OBJECTS, output)
