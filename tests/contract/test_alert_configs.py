"""Alert configurations: every project has one, and what it says holds from the next batch on."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import Connection, text

from tests.contract.scene import NOON, SECOND, Scene, new_source, problem, recovery, submission
from tocsin.model.alert_config import AlertConfig, NotificationUrgency, RecoveryMode
from tocsin.model.life_cycle import RECOVERED_BY_HAND
from tocsin.model.receipt import Outcome
from tocsin.model.source import Plugin, SourceOptions
from tocsin.store import alert_configs, configuration, directory, escalation_policies
from tocsin.store.database import Database
from tocsin.store.errors import Conflict, NotFound

pytestmark = pytest.mark.anyio


def to_revision(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "tocsin.store:migrations")
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision() or ""
    (command.downgrade if revision < present else command.upgrade)(config, revision)


async def config_of(database: Database, domain_id: str, project_id: str) -> AlertConfig:
    return await database.read(lambda c: alert_configs.find(c, domain_id, project_id))


async def test_a_project_has_one_from_its_making(scene: Scene) -> None:
    project_id = scene.source.project_id
    found = await config_of(scene.database, "main", project_id)
    assert found == AlertConfig(
        "main", project_id, RecoveryMode.AUTO, NotificationUrgency.ALL, "", found.created_at
    )
    assert (await scene.database.read(directory.snapshot)).alert_configs == {project_id: found}


async def test_it_is_changed_removed_and_made_again(scene: Scene) -> None:
    database = scene.database
    found = await config_of(database, "main", scene.source.project_id)
    with pytest.raises(Conflict, match="has an alert configuration"):
        await database.write(lambda c: alert_configs.create(c, found))
    before = await database.read(configuration.version)
    manual = replace(
        found,
        recovery_mode=RecoveryMode.MANUAL,
        notification_urgency=NotificationUrgency.HIGH_ONLY,
        escalation_policy_id="ep-1",
    )
    await database.write(lambda c: alert_configs.change(c, manual))
    assert await database.read(lambda c: alert_configs.of_domain(c, "main")) == [manual]
    await database.write(lambda c: alert_configs.remove(c, manual))
    with pytest.raises(NotFound, match=f"the project {found.project_id} has no alert configuration"):
        await config_of(database, "main", found.project_id)
    await database.write(lambda c: alert_configs.create(c, manual))
    assert await database.read(alert_configs.every) == [manual]
    assert await database.read(configuration.version) == before + 3


async def test_another_domain_sees_and_changes_none_of_it(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    found = await config_of(scene.database, "umbrella", other.project_id)
    with pytest.raises(NotFound):
        await config_of(scene.database, "main", other.project_id)
    foreign = replace(found, domain_id="main", recovery_mode=RecoveryMode.MANUAL)
    await scene.database.write(lambda c: alert_configs.change(c, foreign))
    await scene.database.write(lambda c: alert_configs.remove(c, foreign))
    assert await config_of(scene.database, "umbrella", other.project_id) == found


async def test_where_people_resolve_a_recovery_leaves_the_alert_open(scene: Scene) -> None:
    web = await scene.database.write(lambda c: directory.create_project(c, "main", "web", NOON))
    source = replace(await new_source(scene.database, "main", "web"), project_id=web.id)
    found = await config_of(scene.database, "main", web.id)
    await scene.write(submission(source, problem("disk")), submission(scene.source, problem("disk")))
    await scene.database.write(
        lambda c: alert_configs.change(c, replace(found, recovery_mode=RecoveryMode.MANUAL))
    )
    ((by_hand,), (usual,)) = await scene.write(
        submission(source, recovery("disk")), submission(scene.source, recovery("disk"))
    )
    assert (by_hand.outcome, by_hand.reason) == (Outcome.RECORDED, RECOVERED_BY_HAND)
    assert usual.outcome is Outcome.RESOLVED
    opened, resolved = await scene.alerts()
    assert (by_hand.alert_seq, opened.state, resolved.state) == (opened.seq, "open", "resolved")
    await scene.database.write(lambda c: alert_configs.change(c, found))
    ((resolving,),) = await scene.write(submission(source, recovery("disk")))
    assert resolving.outcome is Outcome.RESOLVED


async def test_a_late_problem_opens_another_alert_and_a_recovery_resolves_the_newest(scene: Scene) -> None:
    source = await new_source(scene.database, "main", "window", options=SourceOptions(same_event_seconds=600))

    async def outcome(pause: int, *signals: object) -> tuple[Outcome, int]:
        scene.clock.now += pause * SECOND
        ((receipt,),) = await scene.write(submission(source, *signals))  # type: ignore[arg-type]
        return receipt.outcome, receipt.alert_seq

    assert await outcome(0, problem("disk")) == (Outcome.OPENED, 1)
    assert await outcome(600, problem("disk")) == (Outcome.JOINED, 1)
    assert await outcome(601, problem("disk")) == (Outcome.OPENED, 3)
    assert await outcome(1, recovery("disk")) == (Outcome.RESOLVED, 3)
    assert await outcome(1, recovery("disk")) == (Outcome.RESOLVED, 1)


async def test_projects_made_before_the_migration_get_their_configuration(database: Database) -> None:
    await new_source(database, "main")
    (project,) = await database.read(lambda c: directory.projects(c, "main"))
    wanted = await config_of(database, "main", project.id)

    await database.write(lambda c: to_revision(c, "0002"))
    await database.write(lambda c: c.execute(text("update project set created_at = 5")))
    await database.write(lambda c: to_revision(c, "0003"))
    assert await config_of(database, "main", project.id) == replace(wanted, created_at=5)


async def test_domains_made_before_the_migration_get_their_escalation_policy(database: Database) -> None:
    await new_source(database, "main")
    (wanted,) = await database.read(lambda c: escalation_policies.of_domain(c, "main"))
    await database.write(lambda c: to_revision(c, "0003"))
    await database.write(lambda c: to_revision(c, "0004"))
    (found,) = await database.read(lambda c: escalation_policies.of_domain(c, "main"))
    assert found == replace(wanted, id=found.id)
    assert found.id.startswith("ep-")


async def test_a_webhook_is_kept_whole_and_named_once_in_its_project(database: Database) -> None:
    other = await new_source(database, "main", "nagios")
    web = await database.write(lambda c: directory.create_project(c, "main", "web", NOON))
    plugin = Plugin("plugin-grafana-mon-webhook", "1.0", "MANUAL", {"a": [1]})

    def create(connection: Connection, project_id: str) -> object:
        return directory.create_source(
            connection,
            domain_id="main",
            project_id=project_id,
            name="nagios",
            source_format="auto",
            now=NOON,
            options=SourceOptions(format_options={"message_root": "a.b"}),
            tags={"team": "blue"},
            plugin=plugin,
        )

    with pytest.raises(Conflict):
        await database.write(lambda c: create(c, other.project_id))
    made = await database.write(lambda c: create(c, web.id))
    assert made in await database.read(lambda c: directory.sources(c, "main"))
    assert getattr(made, "id", "").startswith("webhook-")
    with pytest.raises(NotFound, match="several projects have a source nagios"):
        await database.read(lambda c: directory.find_source(c, "main", "nagios"))
    assert await database.read(lambda c: directory.find_source(c, "main", other.id)) == other
