"""What a request names: the parameters of its URL and of its body."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter

_MANY: Final = 10_000
"""So many parameters a request may have: those of a URL are fewer, since servers bound its length."""
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})
_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")


class Parameters:
    """Names with the values that were given for each, as texts.

    Args:
        values: at least one for each name.
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def all(self, name: str) -> Sequence[str]:
        """Give every value of a name that can be repeated; none where it was not given."""
        return self._values.get(name, ())

    def last(self, name: str, default: str = "") -> str:
        """Give the value of a name, of several the last."""
        given = self.all(name)
        return given[-1] if given else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give the truth value of a name, which clients write in many ways.

        Raises:
            OpsviewError: it is none.
        """
        if name not in self:
            return default
        value = self.last(name).strip().lower()
        if value not in _TRUE | _FALSE:
            raise bad_parameter(name, "expected 1 or 0")
        return value in _TRUE

    def under(self, other: "Parameters") -> "Parameters":
        """Join them with others, which count where both have a name."""
        return Parameters({**self._values, **other._values})


def of_form(text: bytes) -> Parameters:
    """Read parameters as a URL or a form has them.

    Raises:
        OpsviewError: not UTF-8, a text with NUL in it, or too many parameters.
    """
    try:
        pairs = parse_qsl(
            text.decode("latin-1"), keep_blank_values=True, errors="strict", max_num_fields=_MANY
        )
    except UnicodeDecodeError:
        raise OpsviewError(400, "the parameters are not UTF-8") from None
    except ValueError:
        raise OpsviewError(400, f"more than {_MANY} parameters") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if _NOT_STORABLE.search(name) or _NOT_STORABLE.search(value):
            raise OpsviewError(400, "a parameter holds NUL or half a surrogate pair")
        found.setdefault(name, []).append(value)
    return Parameters(found)


def of_document(document: object) -> Parameters:
    """Give the parameters that a body holds: of a mapping the texts, numbers, truth values and lists of them.

    Everything else in it is for whoever reads the document itself.
    """
    if not isinstance(document, Mapping):
        return Parameters({})
    found: dict[str, list[str]] = {}
    for name, value in document.items():
        each = value if isinstance(value, list) else [value]
        if each and all(isinstance(one, str | int | float) for one in each):
            found[str(name)] = [as_text(one) for one in each]
    return Parameters(found)


def as_text(value: str | int | float) -> str:
    """Give a single value of a document as the text that stands for it in a URL."""
    return str(int(value)) if isinstance(value, bool) else str(value)
