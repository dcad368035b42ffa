"""The webhook plugins of Cloudforet, and which format of Tocsin reads what each of them reads.

None of them runs: its id says what a webhook is sent, and its options are the format's. One that is named by
its address runs elsewhere, and gives events as Cloudforet's own format has them.
"""

from collections.abc import Collection
from typing import Any, Final

from tocsin.dialects.cloudforet import api_direct
from tocsin.dialects.cloudforet.errors import not_found, unsupported_plugin
from tocsin.dialects.cloudforet.external_plugin import is_external
from tocsin.model.source import Plugin, Source

FORMATS: Final = {
    "plugin-api-direct-mon-webhook": "cloudforet",
    "plugin-appdynamics-mon-webhook": "appdynamics",
    "plugin-aws-cloudwatch-mon-webhook": "cloudwatch",
    "plugin-aws-phd-mon-webhook": "cloudwatch",
    "plugin-aws-sns-mon-webhook": "cloudwatch",
    "plugin-azure-monitor-mon-webhook": "azure",
    "plugin-datadog-mon-webhook": "datadog",
    "plugin-dockerhub-mon-webhook": "docker_hub",
    "plugin-google-monitoring-mon-webhook": "google_cloud",
    "plugin-grafana-mon-webhook": "grafana",
    "plugin-jira-mon-webhook": "jira",
    "plugin-naver-cloud-cloudinsight-mon-webhook": "naver",
    "plugin-oci-monitoring-mon-webhook": "oci",
    "plugin-opscruise-mon-webhook": "opscruise",
    "plugin-prometheus-mon-webhook": "alertmanager",
    "plugin-terraform-mon-webhook": "terraform",
    "plugin-zabbix-mon-webhook": "zabbix",
}
"""By the id of a plugin: the format that reads what it reads."""

WINDOW: Final = "duplicate_event_time"
"""In a plugin's metadata: seconds after which the same event opens another alert."""


def format_of(plugin_id: str, formats: Collection[str]) -> str:
    """Give the format that a plugin stands for. The name of a format is the id of a plugin too.

    Args:
        plugin_id: as the client said it.
        formats: those that there are.

    Raises:
        CloudforetError: there is no such plugin; or its format is not there, and the text names it.
    """
    name = api_direct.FORMAT if is_external(plugin_id) else FORMATS.get(plugin_id, plugin_id)
    if name in formats:
        return name
    if plugin_id in FORMATS:
        raise unsupported_plugin(plugin_id, name)
    raise not_found("plugin_id", plugin_id)


def plugin_of(source: Source) -> Plugin:
    """Give the plugin of a source. One that no client of Cloudforet made has its format as plugin."""
    return source.plugin or Plugin(source.format)


def plugin_info(source: Source) -> dict[str, Any]:
    """Give a source's plugin as WebhookPluginInfo."""
    plugin = plugin_of(source)
    window = source.options.same_event_seconds
    return {
        "plugin_id": plugin.plugin_id,
        "version": plugin.version,
        "options": source.options.format_options,
        "metadata": plugin.metadata | ({WINDOW: window} if window else {}),
        "upgrade_mode": plugin.upgrade_mode,
    }
