"""The resource EscalationPolicy: what its methods do.

A policy has one step: an alert goes at once to all whom routes choose. More steps are refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.catalogue import Catalogue
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import (
    default_policy_stays,
    in_use,
    invalid,
    not_for_a_project,
    not_found,
    permission_denied,
)
from tocsin.dialects.cloudforet.escalation_policy_info import MINIMAL, document, is_field, policy_info
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.names import name_of
from tocsin.hub.errors import Forbidden, InUse, Missing
from tocsin.hub.escalation_policies import EscalationPolicies as Policies
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.audit import Author
from tocsin.model.escalation_policy import EscalationPolicy, FinishCondition
from tocsin.model.identifiers import random_id
from tocsin.query.tree import Expression

KIND: Final = Kind(
    is_field,
    parameters=(*("escalation_policy_id", "name", "is_default", "finish_condition", "scope", "project_id"),),
    keywords=("escalation_policy_id", "name"),
    minimal=MINIMAL,
    order="created_at",
)

_EVERYBODY: Final = ("NONE", "ALL", "")


class EscalationPolicies:
    """The methods of EscalationPolicy.

    Args:
        policies: holds them.
    """

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._catalogue = Catalogue("EscalationPolicy", "escalation_policy_id", KIND, self._documents)

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("escalation_policy_id",)
        return {
            "EscalationPolicy.create": Operation(self.create, Action.CONFIGURE, ("name", "rules")),
            "EscalationPolicy.update": Operation(self.update, Action.CONFIGURE, one),
            "EscalationPolicy.set_default": Operation(self.set_default, Action.CONFIGURE, one),
            "EscalationPolicy.delete": Operation(self.delete, Action.CONFIGURE, one),
        } | self._catalogue.operations

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Make a policy: for a project where it names one, else for all of the domain."""
        _refuse_steps(request)
        project_id: str = request.get("project_id", "")
        policy = EscalationPolicy(
            random_id("ep"),
            caller.domain_id,
            name_of(request),
            project_id,
            FinishCondition(request.get("finish_condition") or FinishCondition.ACKNOWLEDGED),
            is_default=False,
            tags=request.get("tags", {}),
            created_at=clock(),
        )
        try:
            return policy_info(await self._policies.create(author_of(caller), policy, caller.sees))
        except Missing:
            raise not_found("project_id", project_id) from None
        except Forbidden:
            raise permission_denied() from None

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Change a policy; what is left out stays."""
        _refuse_steps(request)
        name, tags = name_of(request), request.get("tags")
        finish_condition = request.get("finish_condition")

        def edit(policy: EscalationPolicy) -> EscalationPolicy:
            return replace(
                policy,
                name=name or policy.name,
                finish_condition=FinishCondition(finish_condition or policy.finish_condition),
                tags=policy.tags if tags is None else tags,
            )

        with self._told(request, caller):
            return policy_info(await self._policies.change(*_which(request, caller), edit))

    async def set_default(self, request: Plain, caller: Caller) -> Plain:
        """Let a policy of the domain hold for the projects that name none."""
        if (await self._find(request, caller)).project_id:
            raise not_for_a_project(request["escalation_policy_id"])
        with self._told(request, caller):
            return policy_info(await self._policies.set_default(*_which(request, caller)))

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Delete a policy that is not the default, and that no project names."""
        if (await self._find(request, caller)).is_default:
            raise default_policy_stays(request["escalation_policy_id"])
        with self._told(request, caller):
            await self._policies.delete(*_which(request, caller))
        return {}

    async def _documents(self, caller: Caller) -> list[Document]:
        return [document(each) for each in await self._policies.visible(caller.domain_id, caller.sees)]

    async def _find(self, request: Plain, caller: Caller) -> EscalationPolicy:
        for policy in await self._policies.visible(caller.domain_id, caller.sees):
            if policy.id == request["escalation_policy_id"]:
                return policy
        raise self._catalogue.missing(request, caller)

    @contextmanager
    def _told(self, request: Plain, caller: Caller) -> Iterator[None]:
        """Tell in Cloudforet's words why a policy is not changed."""
        try:
            yield
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        except Forbidden:
            raise permission_denied() from None
        except InUse as failure:
            raise in_use(str(failure)) from None


def _which(request: Plain, caller: Caller) -> tuple[Author, str, str, Expression]:
    return author_of(caller), caller.domain_id, request["escalation_policy_id"], caller.sees


def _refuse_steps(request: Plain) -> None:
    """Refuse what would escalate: nothing here does.

    Raises:
        CloudforetError: there is more than one step, one that waits or is for some, or a repetition.
    """
    rules: list[dict[str, Any]] = request.get("rules", [])
    if len(rules) > 1:
        raise invalid("rules", "expected one: alerts go to all whom routes choose at once, not step by step")
    for rule in rules:
        if rule.get("notification_level", "") not in _EVERYBODY:
            raise invalid("rules.0.notification_level", "expected ALL: routes choose whom alerts go to")
        if rule.get("escalate_minutes"):
            raise invalid("rules.0.escalate_minutes", "expected 0: alerts go to all at once")
    if request.get("repeat_count"):
        raise invalid("repeat_count", "expected 0: alerts are not passed on again")
