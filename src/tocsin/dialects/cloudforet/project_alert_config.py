"""The resource ProjectAlertConfig: what its methods do. It says how alerts arise in a project."""

from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.dates import moment, written
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import CloudforetError, not_found, not_unique, unknown
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.statistics import Statistics
from tocsin.hub.alert_configs import AlertConfigs
from tocsin.hub.errors import Missing, Taken
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.alert_config import AlertConfig, NotificationUrgency, RecoveryMode

_FIELDS: Final = frozenset(
    {
        *("project_id", "options", "options.recovery_mode", "options.notification_urgency"),
        *("escalation_policy_id", "escalation_policy_info", "domain_id", "created_at"),
    }
)


def _is_field(path: str) -> bool:
    return path in _FIELDS


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
    """

    def __init__(self, configs: AlertConfigs) -> None:
        self._configs = configs

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("project_id",)
        return {
            "ProjectAlertConfig.create": Operation(self.create, Action.CONFIGURE, one),
            "ProjectAlertConfig.update": Operation(self.update, Action.CONFIGURE, one),
            "ProjectAlertConfig.delete": Operation(self.delete, Action.CONFIGURE, one),
            "ProjectAlertConfig.get": Operation(self.get, Action.READ, ("project_id", "domain_id")),
            "ProjectAlertConfig.list": Operation(self.listing, Action.READ),
            "ProjectAlertConfig.stat": Operation(self.stat, Action.READ, ("query", "domain_id")),
        }

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Give a project a configuration, in the place of the one that it has from its making."""
        _refuse_policy(request)
        project_id = request["project_id"]
        modes = _modes(request.get("options", {}))
        config = AlertConfig(caller.domain_id, project_id, *modes, "", clock())
        try:
            return _info(await self._configs.create(author_of(caller), config, caller.sees))
        except Missing:
            raise not_found("project_id", project_id) from None
        except Taken:
            raise not_unique(["project_id"]) from None

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Change a project's configuration: its options as a whole."""
        _refuse_policy(request)

        def edit(config: AlertConfig) -> AlertConfig:
            if "options" not in request:
                return config
            recovery_mode, notification_urgency = _modes(request["options"])
            return replace(config, recovery_mode=recovery_mode, notification_urgency=notification_urgency)

        try:
            changed = await self._configs.change(
                author_of(caller), request["project_id"], caller.sees, edit, domain_id=caller.domain_id
            )
        except Missing:
            raise _no_such_config(request, caller) from None
        return _info(changed)

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Take a project's configuration away: no events are created in it any more."""
        try:
            await self._configs.delete(
                author_of(caller), request["project_id"], caller.sees, domain_id=caller.domain_id
            )
        except Missing:
            raise _no_such_config(request, caller) from None
        return {}

    async def get(self, request: Plain, caller: Caller) -> Plain:
        """Give a project's configuration."""
        only = request.get("only", [])
        for path in only:
            if not _is_field(path):
                raise unknown(f'Cannot resolve field "{path}"')
        for config in await self._configs.visible(caller.domain_id, caller.sees):
            if config.project_id == request["project_id"]:
                return chosen(_info(config), only)
        raise _no_such_config(request, caller)

    async def listing(self, request: Plain, caller: Caller) -> Plain:
        """List the configurations that a query asks for, the oldest first."""
        query = request.get("query", {})
        paths = KIND.shown(query)
        found, infos = await self._matching(query, request, caller)
        if query.get("count_only"):
            return {"total_count": len(found)}
        page = [infos[each["project_id"]] for each in KIND.page(query, found)]
        return {"results": [chosen(info, paths) for info in page], "total_count": len(found)}

    async def stat(self, request: Plain, caller: Caller) -> Plain:
        """Give what the configurations that a query asks for come to."""
        query = request["query"]
        statistics = Statistics(query)
        found, _ = await self._matching(query, {}, caller)
        return statistics.answer(KIND.page({}, found))

    async def _matching(
        self, query: Plain, request: Plain, caller: Caller
    ) -> tuple[list[Document], dict[str, Plain]]:
        """Give the documents that are asked for; and by their projects all that the caller sees."""
        infos = {}
        documents = []
        for config in await self._configs.visible(caller.domain_id, caller.sees):
            infos[config.project_id] = info = _info(config)
            documents.append(
                info
                | {
                    "escalation_policy_id": config.escalation_policy_id,
                    "created_at": moment(config.created_at),
                }
            )
        return KIND.matching(query, request, documents, moment(clock())), infos


def _modes(options: dict[str, Any]) -> tuple[RecoveryMode, NotificationUrgency]:
    """Read AlertOptions; what is left out is as in Cloudforet."""
    return (
        RecoveryMode(options.get("recovery_mode") or RecoveryMode.MANUAL),
        NotificationUrgency(options.get("notification_urgency") or NotificationUrgency.ALL),
    )


def _info(config: AlertConfig) -> Plain:
    return {
        "project_id": config.project_id,
        "options": {
            "recovery_mode": config.recovery_mode.value,
            "notification_urgency": config.notification_urgency.value,
        },
        "domain_id": config.domain_id,
        "created_at": written(config.created_at),
    }


def _refuse_policy(request: Plain) -> None:
    """Refuse to name an escalation policy, of which there is none.

    Raises:
        CloudforetError: one is named.
    """
    if policy := request.get("escalation_policy_id"):
        raise not_found("escalation_policy_id", policy)


def _no_such_config(request: Plain, caller: Caller) -> CloudforetError:
    return not_found("('project_id', 'domain_id')", f"('{request['project_id']}', '{caller.domain_id}')")
