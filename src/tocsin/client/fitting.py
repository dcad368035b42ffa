"""Texts of any kind, made to fit the native shape."""

from typing import Final

KEY_LIMIT: Final = 512
NAME_LIMIT: Final = 255
TITLE_LIMIT: Final = 1024
DESCRIPTION_LIMIT: Final = 20_480


def key(text: str) -> str:
    """Give a text as a key."""
    return clean(text)[:KEY_LIMIT]


def name(text: str) -> str:
    """Give a text as the name of a host or a service."""
    return clean(text)[:NAME_LIMIT]


def title(text: str, default: str = "") -> str:
    """Give the first line of a text, or a default where that is empty."""
    return clean(text.strip().partition("\n")[0] or default)[:TITLE_LIMIT]


def description(text: str) -> str:
    """Give a text; of a long one its end, since a traceback says there what happened."""
    return clean(text)[-DESCRIPTION_LIMIT:]


def clean(text: str) -> str:
    """Replace the one character that no Tocsin takes."""
    return text.replace("\0", "\ufffd")
