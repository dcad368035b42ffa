"""`tocsin source`."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli.columns import SOURCES, TRIALS, Item
from tocsin.cli.failures import ExitCode, UsageError
from tocsin.cli.options import DEFAULT_SERVER, Output, Server, refuse_option, values
from tocsin.cli.output import print_items, print_one

app: Final = App(name="source", help="Sources: where signals come in. Each has a key that can only send.")

SourceName = Annotated[str, Parameter(name="NAME", help="Name or id of the source.")]

_SECRETS: Final = ("access_key", "urls")


@app.command(name="list")
def list_sources(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List the sources, the oldest first."""
    with server.client() as client:
        return print_items(client.pages("/api/v1/sources"), SOURCES, output)


@app.command
def create(
    name: str,
    /,
    *,
    format_: Annotated[str, Parameter(name="--format")] = "auto",
    project: str = "default",
    option: tuple[str, ...] = (),
    format_option: tuple[str, ...] = (),
    secret_file: str = "",
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Make a source, and print its key and the addresses to send to.

    Args:
        name: What to call it.
        format_: The format of what it sends, such as victorops; auto detects it.
        project: Name or id of the project that its events belong to.
        option: How its signals are taken, as NAME=VALUE; may be given again.
        format_option: What its format wants to know, as NAME=VALUE; may be given again.
            @FILE as the value stands for what is in a file.
        secret_file: File with the password that Tocsin shows where it fetches the
            source's signals; - for standard input.
    """
    options = values("--option", option)
    if format_option:
        options["format_options"] = {
            each: _text(text[1:]) if isinstance(text, str) and text.startswith("@") else text
            for each, text in values("--format-option", format_option).items()
        }
    document = {"name": name, "format": format_, "project_id": project, "options": options}
    if secret_file:
        document["secret"] = _text(secret_file).rstrip("\r\n")
    with server.client() as client:
        made = client.request("POST", "/api/v1/sources", document=document)
    print_one({field: made[field] for field in ("id", *_SECRETS)}, output)


@app.command
def show(
    name: SourceName, /, *, key: bool = False, output: Output = None, server: Server = DEFAULT_SERVER
) -> None:
    """Show a source.

    Args:
        key: Also its key and the addresses, which hold the key.
    """
    with server.client() as client:
        found = client.request("GET", _path(name))
    print_one(found if key else _without_secrets(found), output)


@app.command
def enable(name: SourceName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Let a source send again."""
    _change(server, output, name, {"enabled": True})


@app.command
def disable(name: SourceName, /, *, output: Output = None, server: Server = DEFAULT_SERVER) -> None:
    """Refuse what a source sends, until it is enabled again."""
    _change(server, output, name, {"enabled": False})


@app.command
def delete(name: SourceName, /, *, server: Server = DEFAULT_SERVER) -> None:
    """Delete a source: its key is refused for good. Its events stay."""
    with server.client() as client:
        client.request("DELETE", _path(name))


@app.command(name="test")
def try_payload(
    name: SourceName,
    file: Annotated[str, Parameter(name="FILE", allow_leading_hyphen=True)],
    /,
    *,
    output: Output = None,
    server: Server = DEFAULT_SERVER,
) -> int:
    """Say what would become of a payload if the source sent it now.

    Nothing is recorded and nothing is sent. Exit code 1 means that something in
    it is not understood: that becomes an event of kind error.

    Args:
        file: File with the payload as the sender posts it; - for standard input.
    """
    refuse_option(file)
    body = _payload(file)
    with server.client() as client:
        found = client.request("POST", f"{_path(name)}/test", body=body, content_type="application/json")
    print_items([{"format": found["format"]} | each for each in found["items"]], TRIALS, output)
    return ExitCode.FAILED if any(each["refused"] for each in found["items"]) else ExitCode.OK


def _payload(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as failure:
        raise UsageError(f"{file}: {failure.strerror}") from failure


def _text(file: str) -> str:
    try:
        return _payload(file).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{file}: it is no text in UTF-8") from None


def _change(server: Server, output: Output, name: str, document: dict[str, Any]) -> None:
    with server.client() as client:
        print_one(_without_secrets(client.request("PATCH", _path(name), document=document)), output)


def _without_secrets(source: Item) -> Item:
    return {field: value for field, value in source.items() if field not in _SECRETS}


def _path(name: str) -> str:
    return f"/api/v1/sources/{quote(name, safe='')}"
