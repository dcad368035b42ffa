"""Texts for a spreadsheet, which must not take what somebody sent for a formula and run it."""

from typing import Final

_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def cell(text: str) -> str:
    """Give a text that a spreadsheet shows as it is.

    An apostrophe stands before one that begins like a formula, as OWASP's "CSV Injection" has it.
    """
    return f"'{text}" if text[:1] in _FORMULA else text
