"""The formats: what understands the payloads of each, and which one a document looks like."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tocsin.dialects import format_options
from tocsin.dialects.alertmanager import parse as alertmanager
from tocsin.dialects.appdynamics import parse as appdynamics
from tocsin.dialects.azure import parse as azure
from tocsin.dialects.cloudforet import api_direct
from tocsin.dialects.cloudwatch import parse as cloudwatch
from tocsin.dialects.datadog import parse as datadog
from tocsin.dialects.docker_hub import parse as docker_hub
from tocsin.dialects.google_cloud import parse as google_cloud
from tocsin.dialects.grafana import parse as grafana
from tocsin.dialects.icinga2 import options
from tocsin.dialects.icinga2 import parse as icinga2
from tocsin.dialects.jira import parse as jira
from tocsin.dialects.nagios import parse as nagios
from tocsin.dialects.native import parse as native
from tocsin.dialects.naver import parse as naver
from tocsin.dialects.nrdp import parse as nrdp
from tocsin.dialects.oci import parse as oci
from tocsin.dialects.opscruise import parse as opscruise
from tocsin.dialects.parsed import Parsed, Parser, Reader
from tocsin.dialects.reception import AUTO
from tocsin.dialects.terraform import parse as terraform
from tocsin.dialects.victorops import endpoints as victorops
from tocsin.dialects.victorops.parse import parse as parse_victorops
from tocsin.dialects.victorops.parse import recognises as is_victorops
from tocsin.dialects.zabbix import parse as zabbix


class Format(NamedTuple):
    """One format.

    Attributes:
        parse: what understands its payloads.
        recognises: says whether a document looks like one of them.
    """

    parse: Parser
    recognises: Callable[[object], bool]


def _victorops(document: object, context: Mapping[str, str], _: Mapping[str, object]) -> Parsed:
    return Parsed(victorops.FORMAT, [parse_victorops(document, context.get("routing_key", ""))])


_TABLE: Final[Mapping[str, Format]] = {
    victorops.FORMAT: Format(_victorops, is_victorops),
    alertmanager.FORMAT: Format(alertmanager.parse, alertmanager.recognises),
    nrdp.FORMAT: Format(nrdp.parse, nrdp.recognises),
    icinga2.FORMAT: Format(icinga2.parse, icinga2.recognises),
    grafana.FORMAT: Format(grafana.parse, grafana.recognises),
    cloudwatch.FORMAT: Format(cloudwatch.parse, cloudwatch.recognises),
    azure.FORMAT: Format(azure.parse, azure.recognises),
    google_cloud.FORMAT: Format(google_cloud.parse, google_cloud.recognises),
    oci.FORMAT: Format(oci.parse, oci.recognises),
    zabbix.FORMAT: Format(zabbix.parse, zabbix.recognises),
    datadog.FORMAT: Format(datadog.parse, datadog.recognises),
    api_direct.FORMAT: Format(api_direct.parse, api_direct.recognises),
    appdynamics.FORMAT: Format(appdynamics.parse, appdynamics.recognises),
    opscruise.FORMAT: Format(opscruise.parse, opscruise.recognises),
    naver.FORMAT: Format(naver.parse, naver.recognises),
    terraform.FORMAT: Format(terraform.parse, terraform.recognises),
    docker_hub.FORMAT: Format(docker_hub.parse, docker_hub.recognises),
    jira.FORMAT: Format(jira.parse, jira.recognises),
}
"""In the order in which they are asked: what has the more particular marks comes first."""

ORDER: Final = tuple(_TABLE)
"""The formats that recognise documents, in the order in which they are asked."""

PARSERS: Final[Mapping[str, Parser]] = {
    native.FORMAT: native.parse,
    **{name: each.parse for name, each in _TABLE.items()},
}
"""By format: what understands its payloads, where they are JSON."""

READERS: Final[Mapping[str, Reader]] = {nagios.FORMAT: nagios.read}
"""By format: what reads its payloads, where they are no JSON."""

OWN_OPTIONS: Final[Mapping[str, Callable[[Mapping[str, object]], object]]] = {icinga2.FORMAT: options.read}
"""By format: what checks its options further than that they are not too many."""

FORMATS: Final = {name: OWN_OPTIONS.get(name, format_options.check) for name in (AUTO, *PARSERS, *READERS)}
"""What a source's format can be, each with what checks its options."""


def detect(document: object) -> str:
    """Give the format that a document looks like; native where it looks like no other."""
    return next((name for name, each in _TABLE.items() if each.recognises(document)), native.FORMAT)
