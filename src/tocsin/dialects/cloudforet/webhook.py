"""The resource Webhook: what its methods do. A webhook is a source."""

from collections.abc import Callable, Collection
from typing import Any, Final

from msgspec.structs import replace

from tocsin.dialects import format_options
from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.catalogue import Catalogue
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import (
    CloudforetError,
    alert_feature_not_activated,
    invalid,
    not_found,
    not_unique,
    plugin_failed,
    required,
)
from tocsin.dialects.cloudforet.external_plugin import ExternalPlugins, PluginFailed, is_external
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.names import name_of
from tocsin.dialects.cloudforet.plugins import WINDOW, format_of, plugin_of
from tocsin.dialects.cloudforet.webhook_info import MINIMAL, document, is_field
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import Missing, NotActivated, Taken
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, may
from tocsin.model.source import Plugin, Source, SourceOptions

KIND: Final = Kind(
    is_field,
    parameters=("webhook_id", "name", "state", "access_key", "webhook_url", "project_id"),
    keywords=("webhook_id", "name"),
    minimal=MINIMAL,
    order="name",
)

_WINDOW_LIMIT: Final = 366 * 24 * 3600


class Webhooks:
    """The methods of Webhook.

    Args:
        hub: what holds the sources.
        formats: what a source's format can be.
        plugins: calls plugins that run elsewhere.
        public_url: where senders reach Tocsin, without a slash at the end; '' to show paths alone.
    """

    def __init__(self, hub: Hub, formats: Collection[str], plugins: ExternalPlugins, public_url: str) -> None:
        self._hub = hub
        self._formats = formats
        self._plugins = plugins
        self._public_url = public_url
        self._catalogue = Catalogue("Webhook", "webhook_id", KIND, self._documents)

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("webhook_id",)
        return {
            "Webhook.create": Operation(self.create, Action.CONFIGURE, ("name", "plugin_info", "project_id")),
            "Webhook.update": Operation(self.update, Action.CONFIGURE, one),
            "Webhook.update_plugin": Operation(self.update_plugin, Action.CONFIGURE, one),
            "Webhook.verify_plugin": Operation(self.verify_plugin, Action.CONFIGURE, one),
            "Webhook.enable": Operation(self.enable, Action.CONFIGURE, one),
            "Webhook.disable": Operation(self.disable, Action.CONFIGURE, one),
            "Webhook.delete": Operation(self.delete, Action.CONFIGURE, one),
        } | self._catalogue.operations

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Make a webhook, with a new key."""
        given: dict[str, Any] = request["plugin_info"]
        if "plugin_id" not in given:
            raise required("plugin_info.plugin_id")
        name, project_id = name_of(request), request["project_id"]
        plugin_id, plugin_options = given["plugin_id"], given.get("options", {})
        source_format = format_of(plugin_id, self._formats)
        metadata = await self._prepare(plugin_id, plugin_options, "plugin_info.options")
        if metadata is None:
            metadata = dict(given.get("metadata", {}))
        options = SourceOptions(
            same_event_seconds=_window(metadata.pop(WINDOW, 0)), format_options=plugin_options
        )
        plugin = Plugin(plugin_id, given.get("version", ""), given.get("upgrade_mode") or "AUTO", metadata)
        try:
            source = await self._hub.sources.create(
                author_of(caller),
                domain_id=caller.domain_id,
                project_id=project_id,
                sees=caller.sees,
                name=name,
                source_format=source_format,
                options=options,
                tags=request.get("tags", {}),
                plugin=plugin,
            )
        except Missing:
            raise not_found("project_id", project_id) from None
        except NotActivated:
            raise alert_feature_not_activated(project_id) from None
        except Taken:
            raise _taken() from None
        return self._info(source, caller)

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Change a webhook's name and tags; what is left out stays."""
        name = name_of(request) if "name" in request else None
        tags: dict[str, Any] | None = request.get("tags")

        def edit(source: Source) -> Source:
            return replace(
                source,
                name=source.name if name is None else name,
                tags=source.tags if tags is None else tags,
            )

        return await self._change(request, caller, edit)

    async def update_plugin(self, request: Plain, caller: Caller) -> Plain:
        """Change a webhook's plugin: its options as a whole, its version and mode. What is left out stays."""
        present = await self._find(request, caller)
        wanted = request.get("options", present.options.format_options)
        metadata = await self._prepare(plugin_of(present).plugin_id, wanted, "options")
        given_window = (metadata or {}).pop(WINDOW, None)

        def edit(source: Source) -> Source:
            plugin, window = plugin_of(source), source.options.same_event_seconds
            changed = replace(
                plugin,
                metadata=plugin.metadata if metadata is None else metadata,
                version=request.get("version") or plugin.version,
                upgrade_mode=request.get("upgrade_mode") or plugin.upgrade_mode,
            )
            options = request.get("options", source.options.format_options)
            return replace(
                source,
                plugin=changed,
                options=replace(
                    source.options,
                    format_options=options,
                    same_event_seconds=window if given_window is None else _window(given_window),
                ),
            )

        return await self._change(request, caller, edit)

    async def verify_plugin(self, request: Plain, caller: Caller) -> Plain:
        """Say whether what a webhook is sent can be read here."""
        source = await self._find(request, caller)
        plugin_id = plugin_of(source).plugin_id
        if not is_external(plugin_id):
            format_of(source.format, self._formats)
            return {}
        try:
            await self._plugins.verify(plugin_id, source.options.format_options)
        except PluginFailed as failure:
            raise plugin_failed(plugin_id, str(failure)) from None
        return {}

    async def enable(self, request: Plain, caller: Caller) -> Plain:
        """Let a webhook send again."""
        return await self._change(request, caller, lambda source: replace(source, enabled=True))

    async def disable(self, request: Plain, caller: Caller) -> Plain:
        """Refuse what a webhook sends, until it is enabled again."""
        return await self._change(request, caller, lambda source: replace(source, enabled=False))

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Delete a webhook: its key is refused for good. Its events stay."""
        try:
            await self._hub.sources.delete(
                author_of(caller), request["webhook_id"], caller.sees, domain_id=caller.domain_id
            )
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        return {}

    async def _prepare(self, plugin_id: str, options: dict[str, Any], key: str) -> dict[str, Any] | None:
        """Give a plugin its options.

        Args:
            plugin_id: which.
            options: what they are.
            key: the parameter that says them.

        Returns:
            The metadata of one that runs elsewhere; None for any other.

        Raises:
            CloudforetError: it does not take them.
        """
        try:
            if is_external(plugin_id):
                return await self._plugins.init(plugin_id, options)
            format_options.check(options)
        except PluginFailed as failure:
            raise plugin_failed(plugin_id, str(failure)) from None
        except BadPayload as fault:
            raise invalid(key, str(fault)) from None
        return None

    async def _documents(self, caller: Caller) -> list[Document]:
        sources = await self._hub.sources.visible(caller.domain_id, caller.sees)
        with_key = _may_configure(caller)
        return [document(each, self._public_url, with_key=with_key) for each in sources]

    async def _find(self, request: Plain, caller: Caller) -> Source:
        for source in await self._hub.sources.visible(caller.domain_id, caller.sees):
            if source.id == request["webhook_id"]:
                return source
        raise self._catalogue.missing(request, caller)

    async def _change(self, request: Plain, caller: Caller, edit: Callable[[Source], Source]) -> Plain:
        try:
            source = await self._hub.sources.change(
                author_of(caller), request["webhook_id"], caller.sees, edit, domain_id=caller.domain_id
            )
        except Missing:
            raise self._catalogue.missing(request, caller) from None
        except Taken:
            raise _taken() from None
        return self._info(source, caller)

    def _info(self, source: Source, caller: Caller) -> Plain:
        return self._catalogue.info(document(source, self._public_url, with_key=_may_configure(caller)))


def _may_configure(caller: Caller) -> bool:
    """Say whether somebody may see keys: they open the inlets."""
    return may(caller.principal, Action.CONFIGURE)


def _window(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _WINDOW_LIMIT:
        raise invalid(f"plugin_info.metadata.{WINDOW}", f"expected seconds from 0 (off) to {_WINDOW_LIMIT}")
    return given


def _taken() -> CloudforetError:
    return not_unique(["name", "project_id", "domain_id"])
