"""Options that commands share."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from cyclopts import Parameter, validators

from tocsin.cli.failures import UsageError

if TYPE_CHECKING:
    from tocsin.client.client import Client

Format: TypeAlias = Literal["table", "json", "ndjson", "csv"]

Output: TypeAlias = Annotated[
    Format | None,
    Parameter(name=("--output", "-o"), help="How to print. A terminal gets a table, a pipe ndjson."),
]

Query: TypeAlias = Annotated[
    str,
    Parameter(
        # `-source:test` is a term of an expression.
        allow_leading_hyphen=True,
        help="An expression: 'severity>=warning host:web-*'. Several words are joined by spaces.",
    ),
]

Limit: TypeAlias = Annotated[int, Parameter(validator=validators.Number(gte=1), help="How many at most.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Server:
    """Which server to talk to, and as whom."""

    url: Annotated[str, Parameter(env_var="TOCSIN_URL", help="Address of the server.")] = (
        "http://127.0.0.1:8080"
    )
    token: Annotated[
        str, Parameter(env_var="TOCSIN_TOKEN", help="Token of a user; to send, also the key of a source.")
    ] = ""

    def client(self) -> "Client":
        """Make a client, to be used as a context manager.

        Raises:
            UsageError: the address, or the token, is none.
        """
        from tocsin.client.client import Client

        try:
            return Client(self.url, self.token)
        except ValueError as failure:
            raise UsageError(f"--{failure}") from None


DEFAULT_SERVER: Final = Server()


def joined(query: tuple[str, ...]) -> str:
    """Put the words of an expression together.

    Raises:
        UsageError: a word looks like an option.
    """
    for word in query:
        refuse_option(word)
    return " ".join(query)


def refuse_option(word: str) -> None:
    """Refuse a word that may begin with one hyphen where it begins with two.

    Raises:
        UsageError: it does.
    """
    if word.startswith("--"):
        raise UsageError(f"there is no option {word}")


def pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    """Read `NAME=VALUE` options.

    Args:
        option: what it is called, for the complaint.
        given: as given.

    Raises:
        UsageError: one has no name or no `=`.
    """
    found: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise UsageError(f"{option} {pair}: NAME=VALUE is expected")
        found[name] = value
    return found


def values(option: str, given: tuple[str, ...]) -> dict[str, Any]:
    """Read `NAME=VALUE` options whose values can be `true`, `10` or `["host"]`; anything else is a text.

    Args:
        option: what it is called, for the complaint.
        given: as given.

    Raises:
        UsageError: one has no name or no `=`.
    """
    return {name: _value(text) for name, text in pairs(option, given).items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
