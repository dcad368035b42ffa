"""`tocsin token`."""

from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from cyclopts import App, Parameter

from tocsin.cli import moments
from tocsin.cli.author import author
from tocsin.cli.columns import TOKENS
from tocsin.cli.options import DEFAULT_SERVER, Output, Server
from tocsin.cli.output import print_items, print_one
from tocsin.cli.storage import DEFAULT_STORE, Store
from tocsin.query.times import parse_time

if TYPE_CHECKING:
    from sqlalchemy import Connection

app: Final = App(name="token", help="Tokens: how users and programs show who they are.")


@app.command(name="list")
def list_tokens(*, output: Output = None, server: Server = DEFAULT_SERVER) -> int:
    """List your tokens, the oldest first; who may configure sees those of all users.

    What is listed cannot be used as a token: Tocsin itself does not keep it.
    """
    with server.client() as client:
        return print_items(client.pages("/api/v1/tokens"), TOKENS, output)


@app.command
def create(
    *,
    user: str,
    name: str = "command line",
    expires: str = "",
    output: Output = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Make a token and print it; it is not shown again.

    Works on the store itself, also while a server runs on it, which knows the token within a second.

    Args:
        user: Whose token it is.
        name: What it is for.
        expires: When it ends: 30d (from now) or 2027-01-31. Without it, never.
    """
    from tocsin.store import accounts, audit

    now = moments.now()
    expires_at = parse_time(moments.ahead("--expires", expires), now) if expires else 0

    def make(connection: "Connection") -> str:
        account = accounts.find_account(connection, user)
        token, secret = accounts.create_token(connection, account, name, now, expires_at=expires_at)
        audit.write(connection, author(), "token.create", after=token)
        return secret

    print_one({"token": store.write(make)}, output)


@app.command
def revoke(
    token_id: Annotated[str, Parameter(help="Id of the token, as the list shows it.")],
    /,
    *,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Revoke a token: it is refused from now on."""
    with server.client() as client:
        client.request("DELETE", f"/api/v1/tokens/{quote(token_id, safe='')}")
