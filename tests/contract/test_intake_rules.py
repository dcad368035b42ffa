"""Intake rules: kept in their order, and what they say holds from the next batch on."""

import pytest
from msgspec.structs import replace

from tests.contract.scene import NOON, Scene, new_source, problem, recovery, submission
from tocsin.model.intake_rule import Condition, Effect, IntakeRule, Operator, Requires
from tocsin.model.receipt import Outcome
from tocsin.store import directory, intake_rules
from tocsin.store.errors import Conflict

pytestmark = pytest.mark.anyio

NOTHING = Effect()


def rule_of(project_id: str, name: str, effect: Effect = NOTHING) -> IntakeRule:
    asked = (Condition("title", Operator.CONTAIN, "disk"),)
    return IntakeRule(
        f"er-{name}", "main", project_id, name, 0, asked, Requires.ALL, effect, {"a": [1]}, NOON
    )


async def test_they_keep_their_order_without_gaps(scene: Scene) -> None:
    database, project_id = scene.database, scene.source.project_id

    async def order() -> list[str]:
        rules = (await database.read(lambda c: intake_rules.by_project(c, "main"))).get(project_id, ())
        assert [each.position for each in rules] == [*range(1, len(rules) + 1)]
        return [each.name for each in rules]

    effect = Effect("web", "ann", "LOW", {"a": "b"}, keeps_back=True, stops=True)
    rules = [rule_of(project_id, name, effect) for name in ("one", "two", "three")]
    made = await database.write(lambda c: [intake_rules.create(c, rule) for rule in rules])
    assert made == [replace(rule, position=position) for position, rule in enumerate(rules, 1)]
    one, two, three = await database.read(lambda c: intake_rules.of_domain(c, "main"))
    assert ([one, two, three], await order()) == (made, ["one", "two", "three"])
    await database.write(lambda c: intake_rules.order(c, [three, one, two]))
    assert await order() == ["three", "one", "two"]
    await database.write(lambda c: intake_rules.change(c, replace(one, name="1", position=2)))
    await database.write(lambda c: intake_rules.remove(c, three))
    assert await order() == ["1", "two"]


async def test_a_project_has_only_so_many(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_rules, "RULE_LIMIT", 1)
    project_id = scene.source.project_id
    await scene.database.write(lambda c: intake_rules.create(c, rule_of(project_id, "one")))
    with pytest.raises(Conflict, match="has 1 rules already"):
        await scene.database.write(lambda c: intake_rules.create(c, rule_of(project_id, "two")))
    await scene.database.write(lambda c: intake_rules.create(c, rule_of("other", "two")))


async def test_another_domain_sees_and_changes_none_of_it(scene: Scene) -> None:
    made = await scene.database.write(
        lambda c: intake_rules.create(c, rule_of(scene.source.project_id, "one"))
    )
    foreign = replace(made, domain_id="umbrella", name="two")
    await scene.database.write(lambda c: intake_rules.change(c, foreign))
    await scene.database.write(lambda c: intake_rules.remove(c, foreign))
    assert await scene.database.read(lambda c: intake_rules.of_domain(c, "main")) == [made]
    assert await scene.database.read(lambda c: intake_rules.of_domain(c, "umbrella")) == []


async def test_a_moved_alert_opens_and_resolves_in_its_new_project(scene: Scene) -> None:
    database, source = scene.database, scene.source
    web = await database.write(lambda c: directory.create_project(c, "main", "web", NOON))
    elsewhere = await new_source(database, "main", "elsewhere")
    rule = replace(
        rule_of(source.project_id, "move", Effect(project_id=web.id)),
        conditions=(Condition("source_id", Operator.EQUAL, source.id),),
    )
    made = await database.write(lambda c: intake_rules.create(c, rule))
    ((moved,), (stayed,)) = await scene.write(
        submission(source, problem("disk")), submission(elsewhere, problem("disk"))
    )
    assert (moved.outcome, stayed.outcome) == (Outcome.OPENED, Outcome.OPENED)
    assert moved.reason == f"the rule move moved it to the project {web.id}"
    assert [each.project_id for each in await scene.alerts()] == [web.id, source.project_id]
    ((resolved,),) = await scene.write(submission(source, recovery("disk")))
    assert (resolved.outcome, resolved.alert_seq) == (Outcome.RESOLVED, moved.alert_seq)
    await database.write(lambda c: intake_rules.remove(c, made))
    ((joined,),) = await scene.write(submission(source, problem("disk")))
    assert (joined.outcome, joined.alert_seq) == (Outcome.JOINED, stayed.alert_seq)
