"""Annotations: fields called `vo_annotate.TYPE.TITLE`, with the type u (address), i (image) or s (note)."""

from typing import Final

from tocsin.dialects.values import is_web_address
from tocsin.model.signal import Link

PREFIX: Final = "vo_annotate."
ANNOTATION_LIMIT: Final = 1124

_LINK_KINDS: Final = {"u": "link", "i": "image"}


def read_annotation(name: str, text: str) -> Link | None:
    """Read a field whose name begins with `PREFIX`.

    Returns:
        The link; None for a note, and for what is no web address: these are labels.
    """
    kind, _, title = name.removeprefix(PREFIX).partition(".")
    if kind not in _LINK_KINDS or not is_web_address(text):
        return None
    return Link(text, title, _LINK_KINDS[kind])
