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
    prune: bool = False,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Configure a server as a file says.

    It says which sources, targets, routes, silences, roles and users there are,
    and which hosts, host groups, service groups, checks, templates and
    keywords, and how they are. What it does not name stays as it is. Applied
    again, it changes nothing. Printed is what is done with each thing: create,
    change, keep or delete.

    Args:
        file: YAML; - reads standard input.
        dry_run: Print what would be done, and do nothing.
        prune: Delete hosts, groups, checks, templates and keywords that are not
            named in a section of the file.
    """
    from tocsin.cli import monitored
    from tocsin.cli.manifest import Manifest
    from tocsin.cli.planning import do, plan
    from tocsin.client.errors import NotAllowed, Refused

    manifest = Manifest(file)
    with server.client() as client:
        steps = plan(manifest, client)
        # Asked before anything is done, so that a mistake in either part leaves all as it is.
        world = monitored.change(manifest, client, prune=prune, dry_run=True)
        for step in () if dry_run else steps:
            try:
                do(step, client)
            except NotAllowed:
                raise
            except Refused as failure:
                wrong: CommandError = manifest.wrong(step.place, str(failure))
                raise UsageError(f"{wrong}; what stands before it in the order of work is done") from None
        if not dry_run:
            world = monitored.change(manifest, client, prune=prune, dry_run=False)
    print_items([*(step.shown() for step in steps), *world], STEPS, output)
