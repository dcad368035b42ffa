import pytest

from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation, methods


async def echo(request: Plain, _: Caller) -> Plain:
    return request


def test_every_method_of_the_stubs_is_there() -> None:
    by_name = {method.name: method for method in methods({})}
    assert len(by_name) == 72
    change = by_name["EventRule.change_order"]
    assert change.full_service == "spaceone.api.monitoring.v1.EventRule"
    assert change.path == "/monitoring/v1/event-rule/change-order"
    assert (change.request.name, change.response.name) == ("ChangeEventRuleOrderRequest", "EventRuleInfo")
    assert change.operation is None


def test_what_is_built_stands_behind_its_method() -> None:
    operation = Operation(echo, None)
    built = [method.name for method in methods({"Event.create": operation}) if method.operation is operation]
    assert built == ["Event.create"]


def test_what_is_no_method_of_the_stubs_is_a_fault() -> None:
    with pytest.raises(KeyError, match=r"no methods of the stubs: Event\.creat"):
        methods({"Event.creat": Operation(echo, None)})
