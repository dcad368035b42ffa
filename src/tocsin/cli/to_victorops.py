"""One message from the command line straight to VictorOps, without a Tocsin."""

from typing import Final

from tocsin import victorops
from tocsin.cli import retrying
from tocsin.cli.columns import Item
from tocsin.cli.failures import CommandError, ExitCode, NoAnswer, UsageError

_OF_KIND: Final = {
    "info": "INFO",
    "recovery": "RECOVERY",
    "acknowledgement": "ACKNOWLEDGEMENT",
    "error": "CRITICAL",
}
_OF_SEVERITY: Final = {"critical": "CRITICAL", "error": "CRITICAL", "warning": "WARNING"}


class VictorOpsRefused(CommandError):
    """The key in the URL was not taken."""

    code = ExitCode.NOT_ALLOWED


def message_type(kind: str, severity: str) -> str:
    """Give VictorOps's message type for a kind and a severity; '' as severity is critical."""
    return _OF_KIND.get(kind) or _OF_SEVERITY.get(severity or "critical", "INFO")


def send(url: str, item: Item) -> Item:
    """Send one message, and try again while that may help.

    Args:
        url: with API key and routing key.
        item: the event, in the fields of the native API.

    Returns:
        What became of it.

    Raises:
        UsageError: the URL is none, or VictorOps has no place for a field.
        VictorOpsRefused: the key was not taken.
        NoAnswer: nobody answers.
    """
    unknown = set(item) - {"key", "title", "kind", "severity", "description"}
    if unknown:
        raise UsageError(f"VictorOps does not take {', '.join(sorted(unknown))} from here")
    retrying.say_so()
    try:
        result = victorops.send(
            url,
            message_type(item.get("kind", "problem"), item.get("severity", "")),
            entity_id=item["key"],
            entity_display_name=item["title"],
            state_message=item.get("description", ""),
            monitoring_tool="tocsin",
        )
    except ValueError as failure:
        raise UsageError(failure) from None
    except victorops.TransportError as failure:
        raise NoAnswer(failure) from None
    if result.status in {401, 403}:
        raise VictorOpsRefused(f"VictorOps answered {result.status}: {result.message or 'not allowed'}")
    return {
        "status": result.status,
        "accepted": result.accepted,
        "entity_id": result.entity_id,
        "message": result.message,
    }
