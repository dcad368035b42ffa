"""Which operation a path and a method mean."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from tocsin.dialects.opsview.caller import Caller
from tocsin.dialects.opsview.errors import OpsviewError, not_allowed
from tocsin.dialects.opsview.parameters import Parameters
from tocsin.model.access import Action

Document: TypeAlias = dict[str, Any]


class Request(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        caller: who asks; `NOBODY` where the operation needs no token.
        below: the parts of the path after that of the route, without empty ones.
        parameters: of the URL and of the body, which counts where both name one.
        in_url: those of the URL alone.
        document: the body; None for an empty one, or a form.
        address: where the request comes from; '' where that is not known.
    """

    caller: Caller
    below: tuple[str, ...]
    parameters: Parameters
    in_url: Parameters
    document: Any
    address: str


Handler: TypeAlias = Callable[[Request], Awaitable[Document]]


class Operation(NamedTuple):
    """What a method does.

    Attributes:
        handle: does it, and gives the answer.
        action: what it is, for who may; None for whoever asks.
    """

    handle: Handler
    action: Action | None


class Route(NamedTuple):
    """A path below /rest, and what each method does there.

    Attributes:
        path: without slashes around it, as `status/service`; '' for /rest itself. One that ends with a slash
            stands for all that is below it.
        operations: by method.
    """

    path: str
    operations: Mapping[str, Operation]


class Router:
    """Knows all routes.

    Args:
        routes: of all resources, each path once.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = {route.path: route.operations for route in routes}

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
        """Find what is asked for. Slashes count once, and at the end not at all.

        Args:
            method: of HTTP.
            path: below /rest.

        Returns:
            The operation, and the parts of the path that its route leaves open.

        Raises:
            OpsviewError: there is no such path, or it does not take the method.
        """
        parts = tuple(filter(None, path.split("/")))
        operations = self._routes.get("/".join(parts))
        below: tuple[str, ...] = ()
        if operations is None:
            for end in range(len(parts), 0, -1):
                operations = self._routes.get("/".join(parts[:end]) + "/")
                if operations is not None:
                    below = parts[end:]
                    break
            else:
                raise OpsviewError(404, "there is no such path")
        operation = operations.get(method)
        if operation is None:
            raise not_allowed(sorted(operations))
        return operation, below
