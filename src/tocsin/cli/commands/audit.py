"""`tocsin audit`."""

from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.columns import AUDIT
from tocsin.cli.options import DEFAULT_SERVER, Limit, Output, Query, Server, joined
from tocsin.cli.output import print_items


def audit(
    *query: Query,
    limit: Limit = 50,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """List who changed what, the newest first.

    Exit code 1 means that nothing matches.

    Args:
        everything: List all that match, however many.
    """
    with server.client() as client:
        found = client.pages("/api/v1/audit", {"q": joined(query)}, limit=None if everything else limit)
        return print_items(found, AUDIT, output)
