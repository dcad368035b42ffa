"""Every command, where it is found, and what it is for: the first page of help."""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """One command.

    Attributes:
        name: what to type.
        place: its function or app, as `module:name`; imported only to run it.
        summary: what it is for, in a line.
    """

    name: str
    place: str
    summary: str


def _command(name: str, attribute: str, summary: str) -> Command:
    return Command(name, f"tocsin.cli.commands.{name}:{attribute}", summary)


GROUPS: Final[dict[str, tuple[Command, ...]]] = {
    "Events and alerts": (
        _command("send", "send", "Send events to a Tocsin, or one message to VictorOps."),
        _command("events", "events", "List events, the newest first."),
        _command("event", "event", "Show one event with its alert, receipt and payload."),
        _command("why", "why", "Say what happened to an event, and why."),
        _command("tail", "tail", "Show events as they are recorded, until Ctrl-C."),
        _command("stat", "stat", "Count events, in groups and by time."),
        _command("alerts", "app", "List alerts and work on them."),
        _command("objects", "objects", "List hosts and services as they stand."),
        _command("downtime", "app", "Downtimes of hosts and services: trouble that is expected."),
        _command("silence", "app", "Silences: what is recorded and not passed on for a while."),
        _command("deliveries", "app", "Deliveries: what goes to targets, and how it went."),
        _command("rejected", "app", "What was sent and not recorded, and why."),
        # A module cannot have the name of the command.
        Command("import", "tocsin.cli.commands.importing:app", "History from the logs of other systems."),
    ),
    "Configuration of a server": (
        _command("source", "app", "Sources: where signals come in."),
        _command("target", "app", "Targets: places to send to."),
        _command("route", "app", "Routes: which events go to which targets."),
        _command("apply", "apply", "Configure a server as a file says."),
        _command("export", "export", "Print how a server is configured, as YAML for tocsin apply."),
        _command("project", "app", "Projects: the parts of a domain."),
        _command("token", "app", "Tokens: how users and programs show who they are."),
        _command("user", "app", "Users: who may log in, and as what."),
        _command("role", "app", "Roles: what users may do, and on what."),
        _command("audit", "audit", "List who changed what, the newest first."),
    ),
    "The store itself": (
        _command("serve", "serve", "Start Tocsin: take events and answer, until told to stop."),
        _command("domain", "app", "Domains: the tenants of a store."),
        _command("db", "app", "The database: its schema, and whether it is sound."),
        _command("doctor", "doctor", "Check everything that Tocsin needs, and say what to do."),
    ),
}

COMMANDS: Final = tuple(command for group in GROUPS.values() for command in group)

_HEAD: Final = """\
Usage: tocsin COMMAND [OPTIONS]

A hub for monitoring events: every alarm of every monitoring system in one place.
"""

_FOOT: Final = """
Options:
  --help -h  Show this, or after a command all that it can do.
  --version  Show the version.

Commands that talk to a server take --url and --token, or TOCSIN_URL and TOCSIN_TOKEN.
Those on the store itself take --data or --database, or TOCSIN_DATA and TOCSIN_DATABASE.
"""


def first_page() -> str:
    """Give the page that `tocsin --help` prints."""
    width = max(len(command.name) for command in COMMANDS)
    parts = [_HEAD]
    for title, commands in GROUPS.items():
        lines = [f"  {command.name:<{width}}  {command.summary}" for command in commands]
        parts.append("\n".join([f"\n{title}:", *lines, ""]))
    return "".join([*parts, _FOOT])
