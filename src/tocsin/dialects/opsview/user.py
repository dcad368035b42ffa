"""/rest/user: who is asking."""

from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.model.access import Action, Principal


def user_document(principal: Principal) -> Document:
    """Say who somebody is and what their role allows, in texts and numbers alone."""
    role = principal.role
    return {
        "access_list": {permission.value: 1 for permission in role.permissions} if role is not None else {},
        "fullname": principal.name,
        "language": "",
        "name": principal.name,
        "realm": "local",
        "role": role.name if role is not None else "",
    }


async def _user(request: Request) -> Document:
    return user_document(request.caller.principal)


ROUTES = (Route("user", {"GET": Operation(_user, Action.IDENTIFY)}),)
"""What is answered."""
