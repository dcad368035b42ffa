"""`tocsin tail`."""

from tocsin.cli.columns import EVENTS
from tocsin.cli.failures import tell
from tocsin.cli.options import DEFAULT_SERVER, Output, Query, Server, joined
from tocsin.cli.output import print_live
from tocsin.client.errors import ClientError


def tail(*query: Query, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """Show events as they are recorded, until Ctrl-C.

    When the connection breaks, it is made again, and no event is missed.
    """

    def say(failure: ClientError, seconds: float) -> None:
        tell(f"{failure}; trying again in {seconds:.1f} s")

    with server.client() as client:
        found = client.tail(joined(query), on_break=say)
        return print_live((dict(event.document) for event in found), EVENTS, output)
