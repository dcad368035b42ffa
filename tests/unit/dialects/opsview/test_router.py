import pytest

from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.router import Document, Operation, Request, Route, Router
from tocsin.model.access import Action


async def handle(_: Request) -> Document:
    return {}


ROOT, EVENT, CONFIG, CHANGE, STATUS = (Operation(handle, action) for action in [None, *list(Action)[:4]])
ROUTER = Router(
    [
        Route("", {"GET": ROOT}),
        Route("event", {"GET": EVENT}),
        Route("config/", {"GET": CONFIG, "POST": CHANGE}),
        Route("status/service", {"GET": STATUS}),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "", (ROOT, ())),
        ("GET", "/", (ROOT, ())),
        ("GET", "/event", (EVENT, ())),
        ("GET", "//event//", (EVENT, ())),
        ("GET", "/config", (CONFIG, ())),
        ("POST", "/config/host/5/", (CHANGE, ("host", "5"))),
        ("GET", "/status/service", (STATUS, ())),
    ],
)
def test_paths_and_methods_lead_to_operations(
    method: str, path: str, found: tuple[Operation, tuple[str, ...]]
) -> None:
    assert ROUTER.find(method, path) == found


@pytest.mark.parametrize("path", ["/nope", "/event/5", "/status", "/Event"])
def test_unknown_paths_are_not_there(path: str) -> None:
    with pytest.raises(OpsviewError) as found:
        ROUTER.find("GET", path)
    assert found.value.status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/event", ["GET"]), ("DELETE", "/config/host/5", ["GET", "POST"]), ("get", "/event", ["GET"])],
)
def test_other_methods_are_told_which_are_taken(method: str, path: str, allowed: list[str]) -> None:
    with pytest.raises(OpsviewError) as found:
        ROUTER.find(method, path)
    assert (found.value.status, found.value.allowed) == (405, allowed)
