"""The escalation policies of domains, for those who may not touch the store themselves."""

from collections.abc import Callable

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import Forbidden, InUse
from tocsin.model.audit import Author
from tocsin.model.escalation_policy import EscalationPolicy
from tocsin.query.scope import can_hold
from tocsin.query.tree import All, Expression
from tocsin.store import alert_configs, audit, directory, escalation_policies, search
from tocsin.store.errors import NotFound


class EscalationPolicies:
    """Lists and changes escalation policies.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def visible(self, domain_id: str, sees: Expression) -> list[EscalationPolicy]:
        """Give those that are for all of a domain, and those for projects of which someone may see something.

        Args:
            domain_id: whose.
            sees: what whoever asks may see.

        Returns:
            The oldest first.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(lambda connection: _seen(connection, domain_id, sees))

    async def create(self, author: Author, policy: EscalationPolicy, sees: Expression) -> EscalationPolicy:
        """Make a policy.

        Args:
            author: who makes it.
            policy: what it says.
            sees: what they may see.

        Raises:
            Missing: the domain has no such project, or they see nothing of it.
            Forbidden: it is for all of the domain, of which they see a part.
            Unavailable: it cannot be made now.
        """

        def work(connection: Connection) -> EscalationPolicy:
            if policy.project_id:
                known = {project.id for project in directory.projects(connection, policy.domain_id)}
                is_seen = can_hold(search.resolved_events(connection, policy.domain_id, sees))
                if policy.project_id not in known or not is_seen({"project_id": policy.project_id}):
                    raise NotFound(f"there is no project {policy.project_id}")
            _check_reach(policy, sees)
            escalation_policies.create(connection, policy)
            audit.write(connection, author, "escalation_policy.create", after=policy)
            return policy

        return await self._configuring.change(work)

    async def change(
        self,
        author: Author,
        domain_id: str,
        policy_id: str,
        sees: Expression,
        edit: Callable[[EscalationPolicy], EscalationPolicy],
    ) -> EscalationPolicy:
        """Change a policy that someone may see.

        Args:
            author: who changes it.
            domain_id: whose.
            policy_id: its id.
            sees: what they may see.
            edit: gives it as it is to be.

        Raises:
            Missing: there is none, or they do not see it.
            Forbidden: it is for all of the domain, of which they see a part.
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> EscalationPolicy:
            policy = _find(connection, domain_id, policy_id, sees)
            _check_reach(policy, sees)
            changed = edit(policy)
            if changed != policy:
                escalation_policies.change(connection, changed)
                audit.write(connection, author, "escalation_policy.change", before=policy, after=changed)
            return changed

        return await self._configuring.change(work)

    async def set_default(
        self, author: Author, domain_id: str, policy_id: str, sees: Expression
    ) -> EscalationPolicy:
        """Let a policy hold for the projects that name none.

        Raises:
            Missing: there is none that is for all of the domain, or they do not see it.
            Forbidden: they see a part of the domain.
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> EscalationPolicy:
            policy = _find(connection, domain_id, policy_id, sees)
            _check_reach(policy, sees)
            if policy.project_id:
                raise NotFound(f"the policy {policy_id} is for one project")
            if policy.is_default:
                return policy
            for each in escalation_policies.of_domain(connection, domain_id):
                if each.is_default:
                    escalation_policies.change(connection, replace(each, is_default=False))
            chosen = replace(policy, is_default=True)
            escalation_policies.change(connection, chosen)
            audit.write(connection, author, "escalation_policy.set_default", before=policy, after=chosen)
            return chosen

        return await self._configuring.change(work)

    async def delete(self, author: Author, domain_id: str, policy_id: str, sees: Expression) -> None:
        """Delete a policy that someone may see.

        Raises:
            Missing: there is none, or they do not see it.
            Forbidden: it is for all of the domain, of which they see a part.
            InUse: it is the default, or a project names it.
            Unavailable: it cannot be deleted now.
        """

        def work(connection: Connection) -> None:
            policy = _find(connection, domain_id, policy_id, sees)
            _check_reach(policy, sees)
            if policy.is_default:
                raise InUse(f"the policy {policy_id} is the default")
            for config in alert_configs.of_domain(connection, domain_id):
                if config.escalation_policy_id == policy_id:
                    raise InUse(f"the alert configuration of the project {config.project_id} names it")
            escalation_policies.remove(connection, policy)
            audit.write(connection, author, "escalation_policy.delete", before=policy)

        await self._configuring.change(work)


def _seen(connection: Connection, domain_id: str, sees: Expression) -> list[EscalationPolicy]:
    is_seen = can_hold(search.resolved_events(connection, domain_id, sees))
    found = escalation_policies.of_domain(connection, domain_id)
    return [each for each in found if not each.project_id or is_seen({"project_id": each.project_id})]


def _find(connection: Connection, domain_id: str, policy_id: str, sees: Expression) -> EscalationPolicy:
    for policy in _seen(connection, domain_id, sees):
        if policy.id == policy_id:
            return policy
    raise NotFound(f"there is no escalation policy {policy_id}")


def _check_reach(policy: EscalationPolicy, sees: Expression) -> None:
    if not policy.project_id and not isinstance(sees, All):
        raise Forbidden("an escalation policy of the whole domain is not for who sees a part of it")
