"""The names that clients give to things."""

from tocsin.dialects.cloudforet.errors import invalid
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.model.identity import NAME_LIMIT


def name_of(request: Plain) -> str:
    """Give the name that a request says, '' where it says none.

    Raises:
        CloudforetError: it is too long, or cannot be stored.
    """
    name: str = request.get("name", "")
    if len(name) > NAME_LIMIT or "\0" in name:
        raise invalid("name", f"expected at most {NAME_LIMIT} characters, none of them NUL")
    return name
