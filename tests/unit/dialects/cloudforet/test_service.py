from collections.abc import Mapping

import pytest

from tests.unit.dialects.cloudforet.samples import callers
from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.caller import NOBODY, Caller
from tocsin.dialects.cloudforet.errors import CloudforetError, Status
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.service import Service
from tocsin.hub.errors import RateExceeded, TooSlow, Unavailable
from tocsin.model.access import Action

pytestmark = pytest.mark.anyio

GET = "Event.get"


class Call:
    """A method that answers with who called it, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.caller: Caller | None = None

    async def __call__(self, request: Plain, caller: Caller) -> Plain:
        if self.failure is not None:
            raise self.failure
        self.caller = caller
        return {"event_id": request.get("event_id", "")}


async def called(
    tenant: Tenant, operations: Mapping[str, Operation], request: Plain, token: str = ""
) -> Plain:
    service = Service(callers(tenant), operations)
    method = next(method for method in service.methods if method.name == GET)
    return await service.call(method, request, token)


async def refused(
    tenant: Tenant, operations: Mapping[str, Operation], request: Plain, token: str = ""
) -> CloudforetError:
    with pytest.raises(CloudforetError) as caught:
        await called(tenant, operations, request, token)
    return caught.value


def reading(call: Call) -> dict[str, Operation]:
    return {GET: Operation(call, Action.READ, ("event_id", "domain_id"))}


async def test_a_call_is_answered_for_its_caller(tenant: Tenant) -> None:
    call = Call()
    request = {"event_id": "event-1", "domain_id": tenant.id}
    assert await called(tenant, reading(call), request, tenant.token) == {"event_id": "event-1"}
    assert call.caller is not None
    assert call.caller.domain_id == tenant.id


async def test_a_method_without_a_token_is_called_by_nobody(tenant: Tenant) -> None:
    call = Call()
    await called(tenant, {GET: Operation(call, None)}, {"domain_id": "whose"})
    assert call.caller is NOBODY


async def test_a_method_that_is_not_built_says_so(tenant: Tenant) -> None:
    error = await refused(tenant, {}, {})
    assert (error.status, error.code) == (Status.UNIMPLEMENTED, "ERROR_UNSUPPORTED_API")


async def test_who_calls_is_asked_before_what_is_missing(tenant: Tenant) -> None:
    error = await refused(tenant, reading(Call()), {})
    assert error.status is Status.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("request_", "missing"),
    [({}, "event_id"), ({"domain_id": "d"}, "event_id"), ({"event_id": "event-1"}, "domain_id")],
)
async def test_the_first_parameter_that_is_missing_is_told(
    tenant: Tenant, request_: Plain, missing: str
) -> None:
    error = await refused(tenant, reading(Call()), request_, tenant.token)
    assert error.message == f"Required parameter. (key = {missing})"


async def test_another_domain_than_the_tokens_is_refused(tenant: Tenant, stranger: Tenant) -> None:
    call = Call()
    request = {"event_id": "event-1", "domain_id": stranger.id}
    error = await refused(tenant, reading(call), request, tenant.token)
    assert (error.status, call.caller) == (Status.PERMISSION_DENIED, None)


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [
        (RateExceeded(7), Status.RESOURCE_EXHAUSTED, 7),
        (Unavailable("later", 3), Status.UNAVAILABLE, 3),
        (TooSlow("narrow it"), Status.DEADLINE_EXCEEDED, 0),
        (ValueError("s3cret"), Status.INTERNAL, 0),
    ],
)
async def test_whatever_fails_has_a_status(
    tenant: Tenant, failure: Exception, status: Status, retry_after: int
) -> None:
    error = await refused(tenant, {GET: Operation(Call(failure), None)}, {})
    assert (error.status, error.retry_after) == (status, retry_after)
    assert "s3cret" not in str(error)
