"""Regular expressions that take time linear in the text: RE2, whose syntax the language follows.

The syntax is at https://github.com/google/re2/wiki/Syntax: no look-around and no back-references.
"""

from collections.abc import Callable
from typing import Final

import re2

MAX_LENGTH: Final = 500
"""How many characters a regular expression may have."""

_MAX_MEMORY: Final = 1024 * 1024


def compile_regex(expression: str) -> Callable[[str], bool]:
    """Give the test whether the expression is found anywhere in a text.

    Letter case counts unless the expression begins with `(?i)`.

    Args:
        expression: at most 500 characters; RE2 holds its program and its cache within 1 MiB.

    Raises:
        ValueError: it is too long, too large or no regular expression; the message says which.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"expected a regular expression of at most {MAX_LENGTH} characters")
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise ValueError(f"expected a regular expression: {reason}") from error
    return lambda text: compiled.search(text) is not None
