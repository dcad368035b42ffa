"""What the bounds on HTTP stand on: uvicorn's protocol class, which is no public interface."""

import inspect

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tocsin.server.bounded_http import BoundedHttp, bounded_http

OVERRIDDEN = (
    "connection_made",
    "connection_lost",
    "data_received",
    "on_message_begin",
    "on_headers_complete",
    "on_message_complete",
    "on_response_complete",
    "send_400_response",
)


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_is_overridden_is_there_with_the_same_parameters(name: str) -> None:
    theirs, ours = (inspect.signature(getattr(each, name)) for each in (HttpToolsProtocol, BoundedHttp))
    assert list(theirs.parameters) == list(ours.parameters)


def test_nothing_of_uvicorns_is_overridden_unawares() -> None:
    own = {name for name in vars(BoundedHttp) if callable(getattr(BoundedHttp, name))}
    assert {name for name in own if hasattr(HttpToolsProtocol, name) and name[:2] != "__"} == set(OVERRIDDEN)


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (HttpToolsProtocol, {"loop", "transport", "cycle", "url"}),
        (
            RequestResponseCycle,
            {"response_complete", "response_started", "keep_alive", "disconnected", "message_event"},
        ),
    ],
)
def test_the_attributes_it_uses_are_set_by_uvicorn(owner: type, names: set[str]) -> None:
    source = inspect.getsource(owner)
    assert {
        name for name in names if f"self.{name} = " not in source and f"self.{name}: " not in source
    } == set()


def test_each_bound_is_its_own() -> None:
    assert (bounded_http(2.5).head_seconds, bounded_http(7).head_seconds) == (2.5, 7)
    assert BoundedHttp.head_seconds == 30
