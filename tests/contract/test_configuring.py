"""Sources and alert configurations, changed by those who may not touch the store themselves."""

import time

import anyio
import pytest
from msgspec.structs import replace

from tests.contract.scene import NOON, new_source
from tocsin.hub.alert_configs import AlertConfigs
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import Missing, NotActivated, SourceDisabled, Taken
from tocsin.hub.sources import Sources
from tocsin.model.alert_config import AlertConfig, NotificationUrgency, RecoveryMode
from tocsin.model.audit import Author
from tocsin.model.source import Plugin, Source, SourceOptions
from tocsin.query.scope import parse_scope
from tocsin.store.database import Database

pytestmark = pytest.mark.anyio

ANN = Author("ann", "token-1", NOON)
ALL = parse_scope("")


class Node:
    """A node on a store."""

    def __init__(self, database: Database) -> None:
        self.authentication = Authentication(database)
        configuring = Configuring(database, self.authentication)
        self.sources = Sources(configuring)
        self.alert_configs = AlertConfigs(configuring)

    async def shown(self, access_key: str, *, seconds: float) -> None:
        """Show a key again and again for some time."""
        started_at = time.monotonic()
        while time.monotonic() < started_at + seconds:
            self.authentication.source(access_key)
            await anyio.sleep(0.02)

    async def create(self, project_id: str, name: str, domain_id: str = "main", scope: str = "") -> Source:
        return await self.sources.create(
            ANN,
            domain_id=domain_id,
            project_id=project_id,
            sees=parse_scope(scope),
            name=name,
            source_format="auto",
            options=SourceOptions(),
            tags={},
            plugin=Plugin("auto"),
        )


async def test_what_one_node_changes_the_other_follows_within_a_second(database: Database) -> None:
    first = await new_source(database, "main")
    here, there = Node(database), Node(database)
    await there.authentication.start()
    try:
        made = await here.create(first.project_id, "made")
        with anyio.fail_after(10):
            found = await there.authentication.find_source(made.access_key, made.id)
        assert found == made
        changed = await here.sources.change(
            ANN, made.id, ALL, lambda source: replace(source, enabled=False), domain_id="main"
        )
        assert not changed.enabled
        with pytest.raises(SourceDisabled):
            here.authentication.source(made.access_key)
        with pytest.raises(SourceDisabled):
            await there.shown(made.access_key, seconds=10)
    finally:
        await there.authentication.stop()


async def test_names_and_other_domains_are_refused(database: Database) -> None:
    first = await new_source(database, "main")
    other = await new_source(database, "umbrella")
    node = Node(database)
    made = await node.create(first.project_id, "made")
    with pytest.raises(Taken):
        await node.create(first.project_id, "made")
    with pytest.raises(Taken):
        await node.sources.change(
            ANN, made.id, ALL, lambda source: replace(source, name=first.name), domain_id="main"
        )
    for project_id in (other.project_id, "nowhere"):
        with pytest.raises(Missing):
            await node.create(project_id, "x")
    with pytest.raises(Missing):
        await node.create(first.project_id, "x", scope="project:nothing")
    with pytest.raises(Missing):
        await node.sources.change(ANN, made.id, ALL, lambda source: source, domain_id="umbrella")
    with pytest.raises(Missing):
        await node.sources.delete(ANN, made.id, ALL, domain_id="umbrella")
    assert await node.sources.visible("umbrella", ALL) == [other]
    assert await node.sources.visible("main", ALL) == [first, made]
    await node.sources.delete(ANN, made.id, ALL, domain_id="main")
    assert await node.sources.visible("main", ALL) == [first]


async def test_an_alert_configuration_is_replaced_once_changed_and_taken_away(database: Database) -> None:
    first = await new_source(database, "main")
    await new_source(database, "umbrella")
    node, project_id = Node(database), first.project_id
    (before,) = await node.alert_configs.visible("main", ALL)
    assert (before.project_id, before.recovery_mode) == (project_id, RecoveryMode.AUTO)
    manual = AlertConfig("main", project_id, RecoveryMode.MANUAL, NotificationUrgency.ALL, "", NOON)
    assert await node.alert_configs.create(ANN, manual, ALL) == manual
    with pytest.raises(Taken):
        await node.alert_configs.create(ANN, manual, ALL)
    with pytest.raises(Missing):
        await node.alert_configs.create(ANN, replace(manual, domain_id="umbrella"), ALL)
    assert node.authentication.alert_config(project_id) == manual
    changed = await node.alert_configs.change(
        ANN,
        project_id,
        ALL,
        lambda config: replace(config, notification_urgency=NotificationUrgency.HIGH_ONLY),
        domain_id="main",
    )
    assert await node.alert_configs.visible("main", ALL) == [changed]
    with pytest.raises(Missing):
        await node.alert_configs.delete(ANN, project_id, ALL, domain_id="umbrella")
    await node.alert_configs.delete(ANN, project_id, ALL, domain_id="main")
    assert node.authentication.alert_config(project_id) is None
    with pytest.raises(NotActivated):
        await node.create(project_id, "x")
