"""The commands, put together for cyclopts, and run."""

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from tocsin.cli.failures import CommandError, ExitCode, code_of, tell
from tocsin.cli.overview import COMMANDS
from tocsin.client.errors import ClientError, NotAllowed, Unreachable

if TYPE_CHECKING:
    from cyclopts.help import DefaultFormatter, HelpPanel
    from rich.console import Console, ConsoleOptions


class _Help:
    """Shows a command's help without boxes: easier to read, and to copy. Loads rich only when it does."""

    @cached_property
    def _formatter(self) -> "DefaultFormatter":
        from cyclopts.help import DefaultFormatter, PanelSpec
        from rich.box import Box

        spec = PanelSpec(box=Box("    \n" * 8), padding=(0, 0, 0, 2), border_style="bold")
        return DefaultFormatter(panel_spec=spec)

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        self._formatter(console, options, panel)

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: object) -> None:
        """Show how the command is typed."""
        self._formatter.render_usage(console, options, usage)


app: Final = App(
    name="tocsin",
    version_flags=[],
    help_format="plaintext",
    help_formatter=_Help(),
    # Every flag is off unless given; a second one to say so would be noise, like its default in the help.
    default_parameter=Parameter(negative=(), show_default=lambda value: value or None),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
    print_error=False,
    exit_on_error=False,
)
for _command in COMMANDS:
    app.command(_command.place, name=_command.name)


def run(words: list[str]) -> int:
    """Run a command; tell what went wrong in a line on standard error.

    Args:
        words: as the shell gave them.

    Returns:
        The exit code.

    Raises:
        KeyboardInterrupt, OSError: as they came.
    """
    try:
        return app(words) or ExitCode.OK
    except UnusedCliTokensError as failure:
        command = " ".join(["tocsin", *(failure.command_chain or ())])
        tell(f"{' '.join(failure.unused_tokens or ())} is not understood: {command} --help says what is")
        return ExitCode.USAGE
    except CycloptsError as failure:
        tell(failure)
        return ExitCode.USAGE
    except CommandError as failure:
        tell(failure)
        return failure.code
    except ClientError as failure:
        tell(f"{failure}{_hint(failure)}")
        return code_of(failure)
    except OSError:
        raise
    except Exception as failure:
        if sys.flags.dev_mode:
            raise
        tell(
            f"this should not happen: {type(failure).__name__}: {failure} (python -X dev -m tocsin says more)"
        )
        return ExitCode.FAILED


def _hint(failure: ClientError) -> str:
    if isinstance(failure, NotAllowed) and failure.problem.status == 401:
        return ": is TOCSIN_TOKEN, or --token, right?"
    if isinstance(failure, Unreachable) and not str(failure).endswith("?"):
        return ": does it run, and is TOCSIN_URL, or --url, right?"
    return ""
