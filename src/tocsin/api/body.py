"""JSON bodies of the native API, read as every other JSON that comes in."""

from typing import Any

from litestar import Request

from tocsin.dialects import json_body


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body is JSON in bounds, whatever its Content-Type says."""

    async def json(self) -> Any:
        """Read the body.

        Raises:
            BadPayload: it is not JSON, nested too deep, or holds what cannot be stored.
        """
        return json_body.decode(await self.body())
