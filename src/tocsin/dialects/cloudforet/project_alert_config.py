"""The resource ProjectAlertConfig: what its methods do. It says how alerts arise in a project."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.catalogue import Catalogue
from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import not_found, not_unique
from tocsin.dialects.cloudforet.escalation_policy_info import FIELDS, policy_info
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.hub.alert_configs import AlertConfigs
from tocsin.hub.errors import Missing, NoSuchPolicy, Taken
from tocsin.hub.escalation_policies import EscalationPolicies
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.alert_config import AlertConfig, NotificationUrgency, RecoveryMode
from tocsin.model.escalation_policy import EscalationPolicy, policy_of

_FIELDS: Final = frozenset(
    {
        *("project_id", "options", "options.recovery_mode", "options.notification_urgency"),
        *("escalation_policy_id", "escalation_policy_info", "domain_id", "created_at"),
    }
)
_POLICY_FIELDS: Final = frozenset(f"escalation_policy_info.{name}" for name in FIELDS)


def _is_field(path: str) -> bool:
    return path in _FIELDS or path in _POLICY_FIELDS


KIND: Final = Kind(
    _is_field,
    parameters=("project_id", "escalation_policy_id"),
    keywords=("project_id",),
    minimal=("project_id", "options"),
    order="created_at",
)


class ProjectAlertConfigs:
    """The methods of ProjectAlertConfig.

    Args:
        configs: holds them.
        policies: holds the escalation policies that they name.
    """

    def __init__(self, configs: AlertConfigs, policies: EscalationPolicies) -> None:
        self._configs = configs
        self._policies = policies
        self._catalogue = Catalogue("ProjectAlertConfig", "project_id", KIND, self._documents)

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("project_id",)
        return {
            "ProjectAlertConfig.create": Operation(self.create, Action.CONFIGURE, one),
            "ProjectAlertConfig.update": Operation(self.update, Action.CONFIGURE, one),
            "ProjectAlertConfig.delete": Operation(self.delete, Action.CONFIGURE, one),
        } | self._catalogue.operations

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Give a project a configuration, in the place of the one that it has from its making."""
        project_id, policy_id = request["project_id"], request.get("escalation_policy_id", "")
        modes = _modes(request.get("options", {}))
        config = AlertConfig(caller.domain_id, project_id, *modes, policy_id, clock())
        try:
            made = await self._configs.create(author_of(caller), config, caller.sees)
        except Missing:
            raise not_found("project_id", project_id) from None
        except Taken:
            raise not_unique(["project_id"]) from None
        except NoSuchPolicy:
            raise not_found("escalation_policy_id", policy_id) from None
        return await self._info(made, caller)

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Change a project's configuration: its options as a whole. What is left out stays."""
        policy_id = request.get("escalation_policy_id", "")
        modes = _modes(request["options"]) if "options" in request else None

        def edit(config: AlertConfig) -> AlertConfig:
            recovery_mode, notification_urgency = modes or (config.recovery_mode, config.notification_urgency)
            return replace(
                config,
                recovery_mode=recovery_mode,
                notification_urgency=notification_urgency,
                escalation_policy_id=policy_id or config.escalation_policy_id,
            )

        try:
            changed = await self._configs.change(
                author_of(caller), request["project_id"], caller.sees, edit, domain_id=caller.domain_id
            )
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        except NoSuchPolicy:
            raise not_found("escalation_policy_id", policy_id) from None
        return await self._info(changed, caller)

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Take a project's configuration away: no events are created in it any more."""
        try:
            await self._configs.delete(
                author_of(caller), request["project_id"], caller.sees, domain_id=caller.domain_id
            )
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        return {}

    async def _documents(self, caller: Caller) -> list[Document]:
        policies = await self._policies.visible(caller.domain_id, caller.sees)
        configs = await self._configs.visible(caller.domain_id, caller.sees)
        return [_document(config, policies) for config in configs]

    async def _info(self, config: AlertConfig, caller: Caller) -> Plain:
        policies = await self._policies.visible(caller.domain_id, caller.sees)
        return self._catalogue.info(_document(config, policies))


def _modes(options: dict[str, Any]) -> tuple[RecoveryMode, NotificationUrgency]:
    """Read AlertOptions; what is left out is as in Cloudforet."""
    return (
        RecoveryMode(options.get("recovery_mode") or RecoveryMode.MANUAL),
        NotificationUrgency(options.get("notification_urgency") or NotificationUrgency.ALL),
    )


def _document(config: AlertConfig, policies: Sequence[EscalationPolicy]) -> Document:
    policy = policy_of(config, policies)
    return {
        "project_id": config.project_id,
        "options": {
            "recovery_mode": config.recovery_mode.value,
            "notification_urgency": config.notification_urgency.value,
        },
        "escalation_policy_id": policy.id,
        "escalation_policy_info": policy_info(policy),
        "domain_id": config.domain_id,
        "created_at": moment(config.created_at),
    }
