"""What may stand in the query of a request: the parameters that its handler names, and nothing else.

A parameter that is written wrong would otherwise be passed over, and the answer hold everything.
"""

from difflib import get_close_matches
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from tocsin.api.listing import Listing
from tocsin.api.problems import bad_inputs

ANY: Final = "any_parameter"
"""In the `opt` of a handler: what stands in its query beside its parameters is somebody else's."""
_OF_PAGES: Final = {"limit", "cursor"}
"""Whoever goes over all pages of a list sends them to a list that comes whole, too: it is its only page."""
_NAME_LIMIT: Final = 64
_TOLD: Final = 10
"""So many that are wrong are told at once: a query may hold a hundred thousand."""
_PREFIX: Final = "/api/v1/"


async def known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a query with a parameter that the handler does not take: a guard of the native API.

    Raises:
        ProblemDetailsException: there is one.
    """
    given, scope = connection.query_params, connection.scope
    is_ours = scope["path"].startswith(_PREFIX) and scope.get("method") != "OPTIONS"
    if not given or not is_ours or handler.opt.get(ANY):
        return
    taken = parameters(handler)
    passed_over = _OF_PAGES if handler.parsed_return_field.origin is Listing else set()
    unknown = [name[:_NAME_LIMIT] for name in given if name not in {*taken, *passed_over}]
    if unknown:
        raise bad_inputs([(name, _fault(name, taken)) for name in unknown[:_TOLD]])


def parameters(handler: BaseRouteHandler) -> list[str]:
    """Give the names of the parameters that a handler takes in a query, in the order of its signature."""
    declared = handler.parsed_fn_signature.parameters.items()
    return [
        field.kwarg_definition.name or name
        for name, field in declared
        if isinstance(field.kwarg_definition, QueryParameter)
    ]


def _fault(name: str, taken: list[str]) -> str:
    if near := get_close_matches(name, taken, n=1):
        return f"is no parameter here: do you mean {near[0]}?"
    return f"is no parameter here: it takes {', '.join(taken)}" if taken else "is no parameter here"
