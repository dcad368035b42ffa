"""JSON bodies of the native API: read as every other JSON that comes in, and taken by their exact types."""

import re
from typing import Any, Final

import msgspec
from litestar import Request

from tocsin.api.problems import bad_input
from tocsin.dialects import json_body
from tocsin.model.misfit import misfit

_INDEX: Final = re.compile(r"\[(\d+)\]")


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body is JSON in bounds, whatever its Content-Type says."""

    async def json(self) -> Any:
        """Read the body as the `data` of its handler.

        Litestar would take a text for a number and a number for a time, which nobody can have meant.

        Raises:
            BadPayload: it is not JSON, nested too deep, or holds what cannot be stored.
            ProblemDetailsException: a member is missing, unknown or of another type; it is pointed at.
        """
        document = json_body.decode(await self.body())
        wanted = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        try:
            return msgspec.convert(document, wanted)
        except msgspec.ValidationError as fault:
            path, reason = misfit(fault, wanted)
            raise bad_input(_INDEX.sub(r".\1", path).lstrip("."), reason) from None
