"""Who works on the store itself, for the audit log."""

from getpass import getuser
from typing import TYPE_CHECKING

from tocsin.cli.moments import now

if TYPE_CHECKING:
    from tocsin.model.audit import Author


def author() -> "Author":
    """Give the user of this machine who runs the command."""
    from tocsin.model.audit import COMMAND_LINE, Author

    try:
        name = getuser()
    except (KeyError, OSError):  # in a container, a user may have a number alone
        name = ""
    return Author(name, COMMAND_LINE, now())
