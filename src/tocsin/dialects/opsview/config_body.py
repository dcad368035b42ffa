"""The bodies of requests that change what is configured: an object, or a list of them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from tocsin.dialects.opsview.errors import OpsviewError, bad_parameter
from tocsin.model.account import Account
from tocsin.model.role import Role

Thing = TypeVar("Thing", Role, Account)


def read_object(document: Any) -> Mapping[str, Any]:
    """Give the object in a body, which may stand under `object`, as answers have it.

    Raises:
        OpsviewError: there is none.
    """
    if isinstance(document, Mapping) and isinstance(document.get("object"), Mapping):
        document = document["object"]
    if not isinstance(document, Mapping):
        raise OpsviewError(400, "expected an object in the body")
    return document


def read_list(document: Any) -> list[Mapping[str, Any]]:
    """Give the objects in a body that has a list of them.

    Raises:
        OpsviewError: there is no list, or something else in it.
    """
    listed = document.get("list") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise OpsviewError(400, 'expected {"list": [...]}')
    return [read_object(each) for each in listed]


def read_name(given: Mapping[str, Any]) -> str:
    """Give the name that an object says.

    Raises:
        OpsviewError: it says none.
    """
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_parameter("name", "expected a name")
    return name.strip()


def number_of(text: Any) -> int:
    """Give the number that a text is; 0, which nothing has, for any other."""
    text = str(text)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def called(things: Sequence[Thing], name: str) -> Thing | None:
    """Give what is called so, else what is called so in another letter case; None where nothing is."""
    folded = name.casefold()
    alike = [each for each in things if each.name.casefold() == folded]
    return next((each for each in alike if each.name == name), next(iter(alike), None))
