"""The request that asked for something, as it is kept with the events that came of it."""

from tocsin.dialects.asgi import encode
from tocsin.dialects.opsview.router import Request
from tocsin.model.submission import Payload

FORMAT = "native"
"""As everything that people do by hand."""


def payload_of(request: Request, path: str) -> Payload:
    """Give a request's parameters as its payload.

    Args:
        request: what was asked for.
        path: below /rest.
    """
    given = {name: list(request.parameters.all(name)) for name in request.parameters}
    return Payload(FORMAT, "application/json", {"path": path}, encode(given))
