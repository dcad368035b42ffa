"""`tocsin db`."""

from typing import TYPE_CHECKING, Any, Final

from cyclopts import App

from tocsin.cli.columns import CHECKS
from tocsin.cli.failures import ExitCode
from tocsin.cli.options import Output
from tocsin.cli.output import print_items, print_one
from tocsin.cli.storage import DEFAULT_STORE, Store

if TYPE_CHECKING:
    from tocsin.store.schema import SchemaStatus

app: Final = App(name="db", help="The database: its schema, and whether it is sound.")


@app.command
def status(*, output: Output = None, store: Store = DEFAULT_STORE) -> int:
    """Show which schema the store has.

    Exit code 1 means that it is not the one that this Tocsin needs.
    """
    from tocsin.cli import health
    from tocsin.store import schema

    found = store.run(schema.status)
    print_one(_item(found) | {"columnar": health.columnar(store.settings()).detail}, output)
    return ExitCode.OK if found.present == found.wanted else ExitCode.FAILED


@app.command
def migrate(*, output: Output = None, store: Store = DEFAULT_STORE) -> None:
    """Bring the schema of the store to what this Tocsin needs.

    `tocsin serve` does the same when it starts.
    """
    from tocsin.store import schema

    print_one(_item(store.run(schema.migrate, make=True)), output)


@app.command
def check(*, output: Output = None, store: Store = DEFAULT_STORE) -> int:
    """Look whether the store is sound.

    It reads every event, which may take a while. Exit code 1 means that
    something is wrong.
    """
    from tocsin.cli.soundness import findings

    found = store.run(findings)
    print_items([finding.item() for finding in found], CHECKS, output)
    return ExitCode.FAILED if any(finding.is_bad for finding in found) else ExitCode.OK


def _item(found: "SchemaStatus") -> dict[str, Any]:
    return {
        "present": found.present,
        "wanted": found.wanted,
        "pending": found.pending,
        "state": _state(found),
    }


def _state(found: "SchemaStatus") -> str:
    if not found.known:
        return "newer than this Tocsin"
    if found.pending:
        return "to be migrated" if found.present else "empty"
    return "ok"
