"""Alert.list, get and stat on both stores: more alerts than are read at once, and whose they are."""

from typing import Any

import pytest

from tests.contract.scene import SECOND, Scene, new_source, problem, recovery, submission
from tocsin.dialects.cloudforet.alert import Alerts
from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.hub import alerts as records
from tocsin.model.access import Action, Principal
from tocsin.model.identifiers import alert_id
from tocsin.model.severity import Severity

pytestmark = pytest.mark.anyio

COUNT = {"aggregate": [{"count": {"name": "n"}}]}


def caller(domain_id: str, *projects: str) -> Caller:
    return Caller(Principal(domain_id, "somebody"), domain_id, projects or None)


async def fill(scene: Scene) -> None:
    """Open seven alerts, of which every third is critical, and resolve the second."""
    for number in range(7):
        scene.clock.now += SECOND
        severity = Severity.WARNING if number % 3 else Severity.CRITICAL
        await scene.record(problem(f"key-{number}", severity, description=f"d{number}"))
    await scene.record(recovery("key-1"))


async def test_all_are_listed_in_the_order_that_is_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", 3)
    await fill(scene)
    alerts, somebody = Alerts(records.Alerts(scene.database, scene.clock)), caller("main")

    async def described(**query: Any) -> list[str]:
        found = await alerts.listing({"query": query}, somebody)
        assert found["total_count"] == (7 if "filter" not in query else 3)
        return [each["description"] for each in found["results"]]

    assert await described() == ["d6", "d5", "d4", "d3", "d2", "d1", "d0"]
    assert await described(sort={"key": "severity"}, page={"start": 2, "limit": 3}) == ["d3", "d0", "d5"]
    critical = {"k": "severity", "v": "CRITICAL", "o": "eq"}
    assert await described(filter=[critical], sort={"key": "created_at"}) == ["d0", "d3", "d6"]
    states = {"keys": [{"key": "state", "name": "s"}], "fields": [{"name": "n", "operator": "count"}]}
    stages = [{"group": states}, {"sort": {"key": "s"}}]
    assert await alerts.stat({"query": {"aggregate": stages}}, somebody) == {
        "results": [{"s": "RESOLVED", "n": 1}, {"s": "TRIGGERED", "n": 6}]
    }


async def test_more_at_once_than_the_operator_allows_are_refused(scene: Scene) -> None:
    await fill(scene)
    alerts, somebody = Alerts(records.Alerts(scene.database, scene.clock), list_limit=6), caller("main")
    with pytest.raises(CloudforetError, match="more than 6 alerts are asked for at once"):
        await alerts.listing({}, somebody)
    found = await alerts.listing({"query": {"page": {"start": 1, "limit": 6}}}, somebody)
    assert (len(found["results"]), found["total_count"]) == (6, 7)


async def test_each_domain_and_each_project_sees_its_own(scene: Scene) -> None:
    await fill(scene)
    foreign = await new_source(scene.database, "other")
    await scene.write(submission(foreign, problem("foreign", description="theirs")))
    alerts, project_id = Alerts(records.Alerts(scene.database, scene.clock)), scene.source.project_id
    for seen, somebody in (
        (7, caller("main")),
        (7, caller("main", project_id)),
        (0, caller("main", foreign.project_id)),
        (1, caller("other")),
        (0, caller("other", project_id)),
    ):
        assert (await alerts.listing({}, somebody))["total_count"] == seen
        assert (await alerts.stat({"query": COUNT}, somebody))["results"] == [{"n": seen}] * bool(seen)
    one = {"alert_id": alert_id(3)}
    assert (await alerts.get(one, caller("main", project_id)))["description"] == "d2"
    for stranger in (caller("main", foreign.project_id), caller("other"), caller("other", project_id)):
        with pytest.raises(CloudforetError, match="ERROR_NOT_FOUND"):
            await alerts.get(one, stranger)
        # Nor is it there to be acted on.
        for action in (Action.ACT, Action.SILENCE):
            with pytest.raises(CloudforetError, match="ERROR_NOT_FOUND"):
                await alerts.find(alert_id(3), stranger, action)
    found = await alerts.find(alert_id(3), caller("main", project_id), Action.ACT)
    assert found.alert.seq == 3
