"""What a file says of the monitored world. The server compares and changes that itself: all, or nothing."""

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET

from tocsin.cli.columns import Item
from tocsin.cli.manifest import Manifest
from tocsin.client.errors import NotAllowed, Refused
from tocsin.model.world.written import WrittenWorld

if TYPE_CHECKING:
    from tocsin.client.client import Client

_PATH: Final = "/api/v1/world"


def change(manifest: Manifest, client: "Client", *, prune: bool, dry_run: bool) -> list[Item]:
    """Let a server monitor what a file says.

    Args:
        manifest: the file.
        client: asks the server.
        prune: whatever a section of the file does not name is deleted.
        dry_run: nothing is done.

    Returns:
        What is done with each thing, or would be.

    Raises:
        UsageError: what the file says cannot be done; names the line.
        ClientError: the server does not answer, or refuses.
    """
    said = {
        section: msgspec.to_builtins(things)
        for section in WrittenWorld.__struct_fields__
        if (things := getattr(manifest.sections, section)) is not UNSET
    }
    if not said:
        return []
    parameters: dict[str, str | int] = {"prune": str(prune).lower(), "dry_run": str(dry_run).lower()}
    try:
        answer = client.request("PATCH", _PATH, parameters=parameters, document=said)
    except NotAllowed:
        raise
    except Refused as failure:
        # The server points at a member of what it was sent, which stands in the file as it was sent.
        for pointer, reason in failure.problem.errors[:1]:
            raise manifest.wrong(_path(pointer), reason) from None
        raise
    items: list[Item] = answer["items"]
    return items


def standing(client: "Client") -> dict[str, Any]:
    """Give all that a server monitors, as a file says it.

    Raises:
        ClientError: the server does not answer, or refuses.
    """
    document: dict[str, Any] = client.request("GET", _PATH)
    return document


def _path(pointer: str) -> str:
    """Give a JSON pointer as a file's errors say it: `/hosts/3/group` as `hosts[3].group`."""
    parts = pointer.strip("/").split("/")
    return "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in parts).lstrip(".")
