"""The alert configurations of projects, for those who may not touch the store themselves."""

from collections.abc import Callable

from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import NoSuchPolicy
from tocsin.model.alert_config import AUTOMATIC, AlertConfig
from tocsin.model.audit import Author
from tocsin.query.scope import can_hold
from tocsin.query.tree import Expression
from tocsin.store import alert_configs, audit, directory, escalation_policies, search
from tocsin.store.errors import Conflict, NotFound


class AlertConfigs:
    """Lists and changes alert configurations.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def visible(self, domain_id: str, sees: Expression) -> list[AlertConfig]:
        """Give the configurations of the projects of which someone may see something, the oldest first.

        Args:
            domain_id: whose.
            sees: what whoever asks may see.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(lambda connection: _seen(connection, domain_id, sees))

    async def create(self, author: Author, config: AlertConfig, sees: Expression) -> AlertConfig:
        """Give a project a configuration, in the place of the one that it has from its making.

        Args:
            author: who does it.
            config: what it says.
            sees: what they may see.

        Raises:
            Missing: the domain has no such project, or they see nothing of it.
            Taken: somebody has given it one.
            NoSuchPolicy: it names an escalation policy that cannot hold for the project.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> AlertConfig:
            if config.project_id not in _projects(connection, config.domain_id, sees):
                raise NotFound(f"there is no project {config.project_id}")
            _check_policy(connection, config)
            for present in alert_configs.of_domain(connection, config.domain_id):
                if present.project_id != config.project_id:
                    continue
                modes = (present.recovery_mode, present.notification_urgency)
                if modes != AUTOMATIC or present.escalation_policy_id:
                    raise Conflict(f"the project {config.project_id} has an alert configuration")
                alert_configs.remove(connection, present)
            alert_configs.create(connection, config)
            audit.write(connection, author, "alert_config.create", after=config)
            return config

        return await self._configuring.change(work)

    async def change(
        self,
        author: Author,
        project_id: str,
        sees: Expression,
        edit: Callable[[AlertConfig], AlertConfig],
        *,
        domain_id: str,
    ) -> AlertConfig:
        """Change the configuration of a project of which someone may see something.

        Args:
            author: who changes it.
            project_id: the id of its project.
            sees: what they may see.
            edit: gives it as it is to be.
            domain_id: whose.

        Raises:
            Missing: there is none, or they do not see it.
            NoSuchPolicy: it names an escalation policy that cannot hold for the project.
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> AlertConfig:
            config = _find(connection, domain_id, project_id, sees)
            changed = edit(config)
            if changed != config:
                _check_policy(connection, changed)
                alert_configs.change(connection, changed)
                audit.write(connection, author, "alert_config.change", before=config, after=changed)
            return changed

        return await self._configuring.change(work)

    async def delete(self, author: Author, project_id: str, sees: Expression, *, domain_id: str) -> None:
        """Take the configuration of a project away: clients of Cloudforet post no more events to it.

        Raises:
            Missing: there is none, or they do not see it.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> None:
            config = _find(connection, domain_id, project_id, sees)
            alert_configs.remove(connection, config)
            audit.write(connection, author, "alert_config.delete", before=config)

        await self._configuring.change(work)


def _seen(connection: Connection, domain_id: str, sees: Expression) -> list[AlertConfig]:
    known = _projects(connection, domain_id, sees)
    return [each for each in alert_configs.of_domain(connection, domain_id) if each.project_id in known]


def _projects(connection: Connection, domain_id: str, sees: Expression) -> set[str]:
    is_seen = can_hold(search.resolved_events(connection, domain_id, sees))
    ids = {project.id for project in directory.projects(connection, domain_id)}
    return {each for each in ids if is_seen({"project_id": each})}


def _find(connection: Connection, domain_id: str, project_id: str, sees: Expression) -> AlertConfig:
    for config in _seen(connection, domain_id, sees):
        if config.project_id == project_id:
            return config
    raise NotFound(f"the project {project_id} has no alert configuration")


def _check_policy(connection: Connection, config: AlertConfig) -> None:
    wanted = config.escalation_policy_id
    for policy in escalation_policies.of_domain(connection, config.domain_id):
        if policy.id == wanted and policy.project_id in ("", config.project_id):
            return
    if wanted:
        raise NoSuchPolicy(f"there is no escalation policy {wanted} for the project {config.project_id}")
