"""The resource EventRule: what its methods do. In Tocsin it is an intake rule of a project."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.catalogue import Catalogue
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import invalid, not_found
from tocsin.dialects.cloudforet.event_rule_info import MINIMAL, conditions_of, document, effect_of, is_field
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.names import name_of
from tocsin.hub.errors import Missing, NoSuchProject, Taken
from tocsin.hub.hub import clock
from tocsin.hub.intake_rules import IntakeRules
from tocsin.model.access import Action
from tocsin.model.audit import Author
from tocsin.model.identifiers import random_id
from tocsin.model.intake_rule import IntakeRule, Requires
from tocsin.query.tree import Expression

KIND: Final = Kind(
    is_field,
    parameters=("event_rule_id", "name", "scope", "project_id"),
    keywords=("event_rule_id", "name"),
    minimal=MINIMAL,
    order="order",
)


class EventRules:
    """The methods of EventRule.

    Args:
        rules: holds them.
    """

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules
        self._catalogue = Catalogue("EventRule", "event_rule_id", KIND, self._documents)

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("event_rule_id",)
        needed = ("conditions_policy", "actions", "project_id")
        return {
            "EventRule.create": Operation(self.create, Action.CONFIGURE, needed),
            "EventRule.update": Operation(self.update, Action.CONFIGURE, one),
            "EventRule.change_order": Operation(self.change_order, Action.CONFIGURE, (*one, "order")),
            "EventRule.delete": Operation(self.delete, Action.CONFIGURE, one),
        } | self._catalogue.operations

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Make a rule, the last of its project."""
        project_id, requires = request["project_id"], Requires(request["conditions_policy"])
        rule = IntakeRule(
            random_id("er"),
            caller.domain_id,
            project_id,
            name_of(request),
            0,
            conditions_of(request, requires),
            requires,
            effect_of(request["actions"], request.get("options", {})),
            request.get("tags", {}),
            clock(),
        )
        try:
            made = await self._rules.create(author_of(caller), rule, caller.sees)
        except Missing:
            raise not_found("project_id", project_id) from None
        except NoSuchProject:
            raise _no_such_project(request) from None
        except Taken as failure:
            raise invalid("project_id", str(failure)) from None
        return self._info(made)

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Change a rule: its conditions, actions and options each as a whole. What is left out stays."""

        def edit(rule: IntakeRule) -> IntakeRule:
            requires = Requires(request.get("conditions_policy") or rule.requires)
            known = document(rule)
            return replace(
                rule,
                name=name_of(request) or rule.name,
                requires=requires,
                conditions=conditions_of(known | request, requires),
                effect=effect_of(
                    request.get("actions", known["actions"]), request.get("options", known["options"])
                ),
                tags=request.get("tags", rule.tags),
            )

        with self._told(request, caller):
            return self._info(await self._rules.change(*_which(request, caller), edit))

    async def change_order(self, request: Plain, caller: Caller) -> Plain:
        """Give a rule another place among those of its project."""
        order = request["order"]
        if order < 1:
            raise invalid("order", "The order must be greater than 0.")
        rules = await self._rules.visible(caller.domain_id, caller.sees)
        project_id = next((each.project_id for each in rules if each.id == request["event_rule_id"]), "")
        if project_id and order > sum(each.project_id == project_id for each in rules):
            raise invalid("order", f"There is no event rules greater than the {order} order.")
        with self._told(request, caller):
            return self._info(await self._rules.move(*_which(request, caller), order))

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Delete a rule; those after it move up."""
        with self._told(request, caller):
            await self._rules.delete(*_which(request, caller))
        return {}

    async def _documents(self, caller: Caller) -> list[Document]:
        return [document(each) for each in await self._rules.visible(caller.domain_id, caller.sees)]

    def _info(self, rule: IntakeRule) -> Plain:
        return self._catalogue.info(document(rule))

    @contextmanager
    def _told(self, request: Plain, caller: Caller) -> Iterator[None]:
        """Tell in Cloudforet's words why a rule is not changed."""
        try:
            yield
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        except NoSuchProject:
            raise _no_such_project(request) from None


def _which(request: Plain, caller: Caller) -> tuple[Author, str, str, Expression]:
    return author_of(caller), caller.domain_id, request["event_rule_id"], caller.sees


def _no_such_project(request: dict[str, Any]) -> Exception:
    return not_found("actions.change_project", request["actions"]["change_project"])
