"""The objects in an answer of Icinga's API, taken out of it as it comes.

A whole answer may be hundreds of mebibytes. Decoded at once it would hold everything else for seconds.
"""

import codecs
import json
import re
from typing import Any, Final

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload

OBJECT_LIMIT: Final = 1024 * 1024
"""So many characters of an answer may wait for the rest of an object."""
_HEAD: Final = re.compile(r'"results"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_DECODER: Final = json.JSONDecoder()


class Results:
    """Takes one answer, piece by piece."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._waiting = ""
        self._has_begun = False
        self.is_whole = False
        """Whether all objects were given."""

    def take(self, piece: bytes) -> list[dict[str, Any]]:
        """Give the objects that are whole with this piece.

        Raises:
            BadPayload: it is no such answer.
        """
        try:
            self._waiting += self._decoder.decode(piece)
        except UnicodeDecodeError:
            raise BadPayload("it is not UTF-8") from None
        if not self._has_begun and (head := _HEAD.search(self._waiting)) is not None:
            self._has_begun = True
            self._waiting = self._waiting[head.end() :]
        texts = self._whole() if self._has_begun else []
        if len(self._waiting) > OBJECT_LIMIT:
            raise BadPayload(f"an object of more than {OBJECT_LIMIT} characters, or none")
        found = [json_body.decode(text.encode()) for text in texts]
        return [each for each in found if isinstance(each, dict)]

    def _whole(self) -> list[str]:
        """Cut off what is whole."""
        texts, text, place = [], self._waiting, 0
        while not self.is_whole:
            between = _BETWEEN.match(text, place)
            place = between.end() if between is not None else place
            if text.startswith("]", place):
                self.is_whole = True
                place = len(text)
                break
            try:
                # Only where it ends is of interest: what may be in it, the other decoder knows.
                _, end = _DECODER.raw_decode(text, place)
            except (json.JSONDecodeError, RecursionError):
                break
            texts.append(text[place:end])
            place = end
        self._waiting = text[place:]
        return texts
