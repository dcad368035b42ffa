"""`tocsin export`."""

from tocsin.cli.options import DEFAULT_SERVER, Server


def export(*, server: Server = DEFAULT_SERVER) -> None:
    """Print how a server is configured, as YAML for tocsin apply.

    Sources, targets, routes, silences that have not ended, roles and users,
    without what is secret: the keys of sources, the addresses of targets and
    what their messages are signed with, and passwords. And what is monitored:
    hosts, host groups, service groups, checks, templates and keywords.
    """
    import yaml

    from tocsin.cli.monitored import standing as monitored
    from tocsin.cli.planning import KINDS, Standing

    with server.client() as client:
        standing = Standing(client)
        document = {kind.section: list(standing.things(kind)) for kind in KINDS} | monitored(client)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    print(yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True), end="")
