"""The intake rules of projects, for those who may not touch the store themselves."""

from collections.abc import Callable

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import NoSuchProject
from tocsin.model.audit import Author
from tocsin.model.intake_rule import IntakeRule
from tocsin.query.scope import can_hold
from tocsin.query.tree import Expression
from tocsin.store import audit, directory, intake_rules, search
from tocsin.store.errors import NotFound


class IntakeRules:
    """Lists and changes intake rules.

    Args:
        configuring: does the work.
    """

    def __init__(self, configuring: Configuring) -> None:
        self._configuring = configuring

    async def visible(self, domain_id: str, sees: Expression) -> list[IntakeRule]:
        """Give the rules of the projects of which someone may see something, each project's in their order.

        Args:
            domain_id: whose.
            sees: what whoever asks may see.

        Raises:
            Unavailable: it cannot be told now.
        """
        return await self._configuring.read(lambda connection: _seen(connection, domain_id, sees))

    async def create(self, author: Author, rule: IntakeRule, sees: Expression) -> IntakeRule:
        """Make a rule, the last of its project.

        Args:
            author: who makes it.
            rule: what it says.
            sees: what they may see.

        Raises:
            Missing: the domain has no such project, or they see nothing of it.
            NoSuchProject: the one that it moves signals to is not there, or they see nothing of it.
            Taken: the project has as many rules as it may.
            Unavailable: it cannot be made now.
        """

        def work(connection: Connection) -> IntakeRule:
            known = _projects(connection, rule.domain_id, sees)
            if rule.project_id not in known:
                raise NotFound(f"there is no project {rule.project_id}")
            _check(rule, known)
            made = intake_rules.create(connection, rule)
            audit.write(connection, author, "intake_rule.create", after=made)
            return made

        return await self._configuring.change(work)

    async def change(
        self,
        author: Author,
        domain_id: str,
        rule_id: str,
        sees: Expression,
        edit: Callable[[IntakeRule], IntakeRule],
    ) -> IntakeRule:
        """Change a rule of a project of which someone may see something.

        Args:
            author: who changes it.
            domain_id: whose.
            rule_id: its id.
            sees: what they may see.
            edit: gives it as it is to be.

        Raises:
            Missing: there is none, or they do not see it.
            NoSuchProject: the one that it moves signals to is not there, or they see nothing of it.
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> IntakeRule:
            rule = _find(connection, domain_id, rule_id, sees)
            changed = edit(rule)
            if changed != rule:
                _check(changed, _projects(connection, domain_id, sees))
                intake_rules.change(connection, changed)
                audit.write(connection, author, "intake_rule.change", before=rule, after=changed)
            return changed

        return await self._configuring.change(work)

    async def move(
        self, author: Author, domain_id: str, rule_id: str, sees: Expression, position: int
    ) -> IntakeRule:
        """Give a rule another place among those of its project.

        Args:
            author: who does it.
            domain_id: whose.
            rule_id: its id.
            sees: what they may see.
            position: from 1; beyond the last is the last.

        Raises:
            Missing: there is none, or they do not see it.
            Unavailable: it cannot be moved now.
        """

        def work(connection: Connection) -> IntakeRule:
            rule = _find(connection, domain_id, rule_id, sees)
            rules = intake_rules.by_project(connection, domain_id)[rule.project_id]
            others = [each for each in rules if each.id != rule_id]
            others.insert(position - 1, rule)
            intake_rules.order(connection, others)
            moved = replace(rule, position=others.index(rule) + 1)
            if moved != rule:
                audit.write(connection, author, "intake_rule.change", before=rule, after=moved)
            return moved

        return await self._configuring.change(work)

    async def delete(self, author: Author, domain_id: str, rule_id: str, sees: Expression) -> None:
        """Delete a rule of a project of which someone may see something; those after it move up.

        Raises:
            Missing: there is none, or they do not see it.
            Unavailable: it cannot be deleted now.
        """

        def work(connection: Connection) -> None:
            rule = _find(connection, domain_id, rule_id, sees)
            intake_rules.remove(connection, rule)
            audit.write(connection, author, "intake_rule.delete", before=rule)

        await self._configuring.change(work)


def _seen(connection: Connection, domain_id: str, sees: Expression) -> list[IntakeRule]:
    known = _projects(connection, domain_id, sees)
    return [each for each in intake_rules.of_domain(connection, domain_id) if each.project_id in known]


def _projects(connection: Connection, domain_id: str, sees: Expression) -> set[str]:
    is_seen = can_hold(search.resolved_events(connection, domain_id, sees))
    ids = {project.id for project in directory.projects(connection, domain_id)}
    return {each for each in ids if is_seen({"project_id": each})}


def _find(connection: Connection, domain_id: str, rule_id: str, sees: Expression) -> IntakeRule:
    for rule in _seen(connection, domain_id, sees):
        if rule.id == rule_id:
            return rule
    raise NotFound(f"there is no rule {rule_id}")


def _check(rule: IntakeRule, known: set[str]) -> None:
    if rule.effect.project_id and rule.effect.project_id not in known:
        raise NoSuchProject(f"there is no project {rule.effect.project_id}")
