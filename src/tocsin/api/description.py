"""The description of the native API, OpenAPI 3.1: what Litestar finds, and what is beyond it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from tocsin.api.alerts import Acknowledgement, Note, Remark
from tocsin.api.deliveries import Retry
from tocsin.api.downtimes import NewDowntime
from tocsin.api.health import Readiness
from tocsin.api.problems import TITLES, Problem
from tocsin.api.projects import NewProject
from tocsin.api.provider_session import CALLBACK, END, PATH
from tocsin.api.roles import NewRole, RoleChange
from tocsin.api.routes import NewRoute, RouteChange, RouteTest
from tocsin.api.session import Credentials, NewPassword
from tocsin.api.silences import NewSilence, SilenceChange, SilencePreview
from tocsin.api.sources import NewSource, SourceChange
from tocsin.api.targets import NewTarget, TargetChange, TargetOptionsChange
from tocsin.api.tokens import NewToken
from tocsin.api.users import NewUser, UserChange
from tocsin.api.views import NewView, ViewChange
from tocsin.api.written import MEDIA_TYPES
from tocsin.dialects.native.item import POSTED, Item
from tocsin.dialects.native.past_item import PAST, PastItem
from tocsin.model.source import SourceOptions
from tocsin.model.target import TargetOptions
from tocsin.model.world.written import SECTIONS, WrittenHostGroup, WrittenValue, WrittenWorld

_INTRODUCTION: Final = "One place for every monitoring event: recorded for good, matched, and found again."
_SCHEMA: Final = "#/components/schemas/"
_NEW: Final = "New"
"""Before the names of what is posted: what is shown has the same names."""
_INLET: Final = "/in/{source_id}/{access_key}"
_TRIAL: Final = "/api/v1/sources/{name_or_id}/test"
_ANY_JSON: Final = {"required": True, "content": {"application/json": {"schema": {}}}}
_CLOSED: Final = (
    *(Acknowledgement, Remark, Note),
    *(NewSource, SourceChange, SourceOptions, NewProject, NewToken),
    *(NewTarget, TargetChange, TargetOptions, TargetOptionsChange),
    *(NewRoute, RouteChange, RouteTest, Retry),
    *(Credentials, NewPassword, NewUser, UserChange, NewRole, RoleChange),
    *(NewSilence, SilenceChange, SilencePreview, NewDowntime, PastItem),
    *(NewView, ViewChange),
    *(WrittenWorld, WrittenHostGroup, WrittenValue, *(written for _, written in SECTIONS.values())),
)
"""What is refused with a member that it does not know."""
_OF_EVERY_KEY: Final = (400, 401, 403, 404, 503)
_OF_A_CHANGE: Final = (409, 413)
_OF_A_REVISION: Final = (409, 412)
_OF_A_REPETITION: Final = (422,)
_OF_A_LOG_IN: Final = (400, 401, 403, 413, 429, 503)
_OF_INTAKE: Final = (408, 413, 415, 429)
_OF_A_TRIAL: Final = (408, 413, 415)
_OF_THE_INLET: Final = (400, 403, 404, 408, 413, 415, 429, 503)


def describe(
    handlers: Sequence[ControllerRouterHandler], dependencies: Mapping[str, Provide], version: str
) -> dict[str, Any]:
    """Describe an API.

    Args:
        handlers: all that it has.
        dependencies: what is given to them beside the request.
        version: of Tocsin.
    """
    config = OpenAPIConfig(
        title="Tocsin",
        version=version,
        description=_INTRODUCTION,
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
        use_handler_docstrings=True,
    )
    # Litestar shows a description at places of its own; an application that serves nothing keeps them away.
    app = Litestar(handlers, dependencies=dependencies, openapi_config=config, logging_config=None)
    document = app.openapi_schema.to_schema()
    paths, schemas = document["paths"], document["components"]["schemas"]
    for path, method, public in _operations(app.routes):
        _finish(paths[path][method], method, public)
    for struct in _CLOSED:
        schemas[struct.__name__]["additionalProperties"] = False
    schemas |= _schemas()
    paths["/api/v1/events"]["post"] |= {"requestBody": _posted("application/x-ndjson")}
    paths[_TRIAL]["post"] |= {"requestBody": _ANY_JSON}
    _add_problems(paths[_TRIAL]["post"], _OF_A_TRIAL)
    _add_problems(paths["/api/v1/events"]["post"], _OF_INTAKE)
    for kind, item in (("events", "EventItem"), ("alerts", "AlertItem")):
        paths[f"/api/v1/{kind}/export"]["get"]["responses"]["200"] = _file(item)
    schemas["PastItem"]["properties"]["kind"] = {"type": "string", "enum": sorted(PAST), "default": "problem"}
    _add_problems(paths["/api/v1/rejected/{rejected_id}/replay"]["post"], (422, 429))
    _add_problems(paths["/api/v1/session"]["post"], _OF_A_LOG_IN)
    _add_problems(paths["/api/v1/session"]["delete"], (409,))
    for path in (PATH, CALLBACK, END):
        _add_problems(paths[path]["get"], (400, 404))
    _add_problems(paths["/api/v1/session/password"]["post"], (429,))
    paths["/readyz"]["get"]["responses"] |= _readiness()
    paths[_INLET] = {"post": _inlet()}
    return document


def _operations(routes: Iterable[object]) -> Iterator[tuple[str, str, bool]]:
    """Give path, method and openness of every operation that is described."""
    for route in routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if handler.resolve_include_in_schema():
                yield route.path_format, method.lower(), bool(handler.opt.get("public"))


def _finish(operation: dict[str, Any], method: str, public: bool) -> None:
    """Put what Litestar does not know into an operation."""
    operation["summary"] = operation["description"].partition(".")[0]
    operation["responses"].pop("400", None)
    if public:
        operation["security"] = []
        return
    _add_problems(operation, _OF_EVERY_KEY)
    if method in {"post", "patch"}:
        _add_problems(operation, _OF_A_CHANGE)
    headers = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
    if "If-Match" in headers:
        _add_problems(operation, _OF_A_REVISION)
    if "Idempotency-Key" in headers:
        _add_problems(operation, _OF_A_REPETITION)
    if "If-None-Match" in headers:
        operation["responses"]["304"] = {"description": "It still has the tag that is known"}
    body = operation.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        body["required"] = {"type": "null"} not in schema.get("oneOf", [])


def _add_problems(operation: dict[str, Any], statuses: Iterable[int]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": f"{_SCHEMA}Problem"}}}
    for status in statuses:
        operation["responses"][str(status)] = {"description": TITLES[status][1], "content": content}


def _schemas() -> dict[str, Any]:
    """Describe what is posted, and what only handlers know."""
    _, shown = msgspec.json.schema_components([Problem, Readiness], ref_template=f"{_SCHEMA}{{name}}")
    _, posted = msgspec.json.schema_components([Item], ref_template=f"{_SCHEMA}{_NEW}{{name}}")
    item = posted["Item"]
    item["additionalProperties"] = True  # what is no field becomes a label
    item["properties"]["labels"]["additionalProperties"] = True  # what is no text becomes one
    item["properties"]["kind"] = {"type": "string", "enum": sorted(POSTED), "default": "problem"}
    return shown | {f"{_NEW}{name}": schema for name, schema in posted.items() if name != "Kind"}


def _posted(*of_lines: str) -> dict[str, Any]:
    """Describe a body of events.

    Args:
        of_lines: the types by which one that holds a line for each event is known.
    """
    event = {"$ref": f"{_SCHEMA}{_NEW}Item"}
    content: dict[str, Any] = {
        "application/json": {"schema": {"oneOf": [event, {"type": "array", "items": event}]}}
    }
    content |= {media_type: {"schema": {"type": "string"}} for media_type in of_lines}
    return {
        "description": "One event, or an array of events. A Content-Encoding of gzip is taken.",
        "required": True,
        "content": content,
    }


def _file(item: str) -> dict[str, Any]:
    """Describe a file of items.

    Args:
        item: the schema of one.
    """
    array = {"type": "array", "items": {"$ref": f"{_SCHEMA}{item}"}}
    content = {
        media_type: {"schema": array if kind == "json" else {"type": "string"}}
        for kind, media_type in MEDIA_TYPES.items()
    }
    return {"description": "The file, the newest first", "content": content}


def _readiness() -> dict[str, Any]:
    shown = {"application/json": {"schema": {"$ref": f"{_SCHEMA}Readiness"}}}
    return {
        "200": {
            "description": "Events are taken",
            "content": {"text/plain": {"schema": {"type": "string"}}, **shown},
        },
        "503": {"description": "Events are not taken", "content": shown},
    }


def _inlet() -> dict[str, Any]:
    names = ("source_id", "access_key")
    operation = {
        "tags": ["events"],
        "operationId": "InDeliver",
        "summary": "Take a webhook",
        "description": "Take a webhook, in the format that its source says or that its body looks like.",
        "security": [],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ],
        "requestBody": _ANY_JSON,
        "responses": {
            "200": {
                "description": "What became of each signal",
                "content": {"application/json": {"schema": {"$ref": f"{_SCHEMA}Receipts"}}},
            }
        },
    }
    _add_problems(operation, _OF_THE_INLET)
    return operation
