"""`tocsin apply`."""

from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.columns import STEPS
from tocsin.cli.failures import CommandError, UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items


def apply(
    *,
    file: Annotated[str, Parameter(name=("--file", "-f"), allow_leading_hyphen=True)],
    dry_run: bool = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Configure a server as a file says.

    It says which sources, targets, routes, silences, roles and users there are,
    and how they are. What it does not name stays as it is. Applied again, it
    changes nothing. Printed is what is done with each thing: create, change or
    keep.

    Args:
        file: YAML; - reads standard input.
        dry_run: Print what would be done, and do nothing.
    """
    from tocsin.cli.manifest import Manifest
    from tocsin.cli.planning import do, plan
    from tocsin.client.errors import NotAllowed, Refused

    manifest = Manifest(file)
    with server.client() as client:
        steps = plan(manifest, client)
        for step in () if dry_run else steps:
            try:
                do(step, client)
            except NotAllowed:
                raise
            except Refused as failure:
                wrong: CommandError = manifest.wrong(step.place, str(failure))
                raise UsageError(f"{wrong}; what stands before it in the order of work is done") from None
    print_items((step.shown() for step in steps), STEPS, output)
