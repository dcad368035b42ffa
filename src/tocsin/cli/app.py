"""The commands, put together for cyclopts, and run."""

import sys
from typing import Final

from cyclopts import App, CycloptsError, Parameter
from cyclopts.help import DefaultFormatter, PanelSpec
from rich.box import Box

from tocsin.cli.failures import CommandError, ExitCode, code_of, tell
from tocsin.cli.overview import COMMANDS
from tocsin.client.errors import ClientError

_NO_LINES: Final = Box("    \n" * 8)
"""Help is easier to read, and to copy, without boxes."""

app: Final = App(
    name="tocsin",
    version_flags=[],
    help_format="plaintext",
    help_formatter=DefaultFormatter(
        panel_spec=PanelSpec(box=_NO_LINES, padding=(0, 0, 0, 2), border_style="bold")
    ),
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
        KeyboardInterrupt, BrokenPipeError: as they came.
    """
    try:
        return app(words) or ExitCode.OK
    except CycloptsError as failure:
        tell(failure)
        return ExitCode.USAGE
    except CommandError as failure:
        tell(failure)
        return failure.code
    except ClientError as failure:
        tell(failure)
        return code_of(failure)
    except BrokenPipeError:
        raise
    except Exception as failure:
        if sys.flags.dev_mode:
            raise
        tell(
            f"this should not happen: {type(failure).__name__}: {failure} (python -X dev -m tocsin says more)"
        )
        return ExitCode.FAILED
