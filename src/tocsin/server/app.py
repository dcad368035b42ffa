"""The ASGI application: inlets of the dialects, the web console, and the native API for everything else."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, Final, NamedTuple, TypeAlias

from tocsin.api import inlet
from tocsin.api.app import create_app
from tocsin.api.inlet import Inlet
from tocsin.api.intake import Intake
from tocsin.api.pending import Seal
from tocsin.api.provider_session import CALLBACK, ByProvider
from tocsin.api.shapes import alert_item, event_item
from tocsin.dialects.cloudforet import rest as cloudforet
from tocsin.dialects.cloudforet.alert import Alerts
from tocsin.dialects.cloudforet.alert_acts import AlertActs
from tocsin.dialects.cloudforet.caller import Callers
from tocsin.dialects.cloudforet.escalation_policy import EscalationPolicies
from tocsin.dialects.cloudforet.event import Events
from tocsin.dialects.cloudforet.event_rule import EventRules
from tocsin.dialects.cloudforet.external_plugin import ExternalPlugins
from tocsin.dialects.cloudforet.identity import Identity
from tocsin.dialects.cloudforet.note import Notes
from tocsin.dialects.cloudforet.project_alert_config import ProjectAlertConfigs
from tocsin.dialects.cloudforet.public_keys import PublicKeys, locations
from tocsin.dialects.cloudforet.rest import Rest
from tocsin.dialects.cloudforet.service import Service
from tocsin.dialects.cloudforet.webhook import Webhooks
from tocsin.dialects.icinga2 import parse as icinga2
from tocsin.dialects.icinga2.pull import Icinga2
from tocsin.dialects.nagios import parse as nagios
from tocsin.dialects.nrdp import endpoint as nrdp
from tocsin.dialects.openid_connect import Provider, Registration
from tocsin.dialects.opsview import rest as opsview
from tocsin.dialects.opsview import user as opsview_user
from tocsin.dialects.opsview.acknowledge import Acknowledgements
from tocsin.dialects.opsview.config import Config
from tocsin.dialects.opsview.config_staff import ContactConfig, RoleConfig
from tocsin.dialects.opsview.detail import Detail
from tocsin.dialects.opsview.downtime import Downtimes as OpsviewDowntimes
from tocsin.dialects.opsview.event import Events as OpsviewEvents
from tocsin.dialects.opsview.information import Information
from tocsin.dialects.opsview.results import Results
from tocsin.dialects.opsview.runtime import Runtime
from tocsin.dialects.opsview.session import Session
from tocsin.dialects.opsview.status import Status
from tocsin.dialects.reception import Confirm, Reception
from tocsin.dialects.sending import Post
from tocsin.dialects.victorops import endpoints as victorops
from tocsin.dialects.victorops import send_delivery as send_victorops
from tocsin.dialects.victorops.endpoints import VictorOps
from tocsin.dialects.webhook import send as send_webhook
from tocsin.hub.hub import Hub, clock
from tocsin.hub.puller import Pull
from tocsin.hub.sender import Sender
from tocsin.model.delivery import SentOutcome
from tocsin.model.granting import Granting, parse_groups
from tocsin.server.console import Console
from tocsin.server.formats import FORMATS, PARSERS, READERS, detect
from tocsin.server.settings import Settings

_CONFIRM_SECONDS: Final = 5.0

Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


def senders(settings: Settings) -> dict[str, Sender]:
    """Make what serves each kind of target.

    Args:
        settings: the operator's.
    """
    private = settings.private_targets
    return {
        send_victorops.KIND: send_victorops.VictorOpsSender(Post(allow_private=private)),
        send_webhook.KIND: send_webhook.WebhookSender(
            Post(allow_private=private), clock, event_item, alert_item
        ),
    }


def pulls(settings: Settings) -> dict[str, Pull]:
    """Make what fetches from sources, by their format.

    Args:
        settings: the operator's.
    """
    return {icinga2.FORMAT: Icinga2(allow_private=settings.private_targets)}


def confirming(settings: Settings) -> Confirm:
    """Make what asks for the addresses that senders want to be confirmed.

    Args:
        settings: the operator's.
    """

    async def confirm(url: str) -> str:
        # That is so rare that no connection is kept for it.
        post = Post(allow_private=settings.private_targets)
        try:
            sent = await post.confirm(url, _CONFIRM_SECONDS)
        finally:
            await post.close()
        return "" if sent.outcome is SentOutcome.ACCEPTED else sent.reason

    return confirm


def _by_provider(settings: Settings) -> ByProvider | None:
    """Make the way in by an identity provider; None where none is set."""
    if not settings.oidc_issuer:
        return None
    public_url = settings.public_url.rstrip("/")
    registration = Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        f"{public_url}{CALLBACK}",
        settings.oidc_scopes,
        settings.oidc_name_claim,
        settings.oidc_trust_email,
        settings.oidc_groups_claim if settings.oidc_group_roles else "",
    )
    return ByProvider(
        Provider(registration),
        Seal(settings.oidc_client_secret),
        public_url=public_url,
        label=settings.oidc_label,
        logs_out=settings.oidc_log_out,
        granting=Granting(settings.oidc_new_users_role, parse_groups(settings.oidc_group_roles)),
    )


class Composed(NamedTuple):
    """What answers, over each transport.

    Attributes:
        http: the ASGI application.
        cloudforet: what gRPC serves.
    """

    http: Application
    cloudforet: Service


def compose(hub: Hub, settings: Settings) -> Composed:
    """Put together what answers.

    Args:
        hub: what runs.
        settings: the operator's.
    """
    reception = Reception(hub, PARSERS, READERS, detect, confirming(settings))
    intake = Intake(hub, reception, body_limit=settings.batch_bytes, body_seconds=settings.body_seconds)
    api = create_app(
        hub,
        intake,
        FORMATS,
        version=version("tocsin"),
        body_limit=settings.message_bytes,
        batch_limit=settings.batch_bytes,
        by_provider=_by_provider(settings),
        private_targets=settings.private_targets,
    )
    plugins = ExternalPlugins(allow_private=settings.private_targets)
    events = Events(
        hub,
        reception,
        plugins,
        list_limit=settings.list_limit,
        reveals_webhooks=settings.reveal_webhooks,
    )
    identity = Identity(PublicKeys(locations(settings.identity_keys)), hub.authentication.role_of)
    webhooks = Webhooks(hub, FORMATS, plugins, settings.public_url.rstrip("/"))
    configs = ProjectAlertConfigs(hub.alert_configs, hub.escalation_policies)
    policies = EscalationPolicies(hub.escalation_policies)
    alerts = Alerts(hub.alerts, list_limit=settings.list_limit)
    acts = AlertActs(alerts, hub.alert_work, hub.alert_configs)
    rules = EventRules(hub.intake_rules)
    notes = Notes(hub.notes, acts)
    resources = (events, webhooks, alerts, acts, notes, configs, policies, rules)
    operations = {name: each for resource in resources for name, each in resource.operations.items()}
    service = Service(Callers(hub.authentication, identity), operations)
    rest = Rest(service, events, body_limit=settings.batch_bytes, body_seconds=settings.body_seconds)
    results = Results(hub.authentication, hub.recorder)
    opsview_rest = opsview.Rest(
        hub.authentication,
        [
            *Session(hub.sessions, hub.authentication).routes,
            *Information(version("tocsin")).routes,
            *opsview_user.ROUTES,
            *OpsviewEvents(hub.archive, hub.worlds).routes,
            *Acknowledgements(hub.objects, hub.worlds).routes,
            *OpsviewDowntimes(hub.objects, hub.worlds, hub.downtimes).routes,
            *Status(hub.objects, hub.worlds, results).routes,
            *Detail(hub.objects, hub.worlds, results).routes,
            *Runtime(hub.objects, hub.worlds).routes,
            *Config(hub.worlds).routes,
            *RoleConfig(hub.staff, hub.worlds, hub.sessions.passwords).routes,
            *ContactConfig(hub.staff, hub.worlds, hub.sessions.passwords).routes,
        ],
        body_limit=settings.batch_bytes,
        body_seconds=settings.body_seconds,
    )
    inlets: list[tuple[str, Application]] = [
        (
            victorops.PREFIX,
            VictorOps(hub, body_limit=settings.message_bytes, body_seconds=settings.body_seconds),
        ),
        (inlet.PREFIX, Inlet(hub, intake)),
        (cloudforet.PREFIX, rest),
        (cloudforet.CHECK, rest),
        (opsview.PREFIX, opsview_rest),
        (
            nrdp.PREFIX,
            nrdp.Nrdp(
                hub,
                nagios.read,
                body_limit=settings.message_bytes,
                body_seconds=settings.body_seconds,
            ),
        ),
    ]

    console = Console(others={route.path.split("/")[1] for route in api.routes} - {""})

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                # The server keeps the body back; everything else is as for GET.
                scope = {**scope, "method": "GET"}
            path = scope["path"]
            for prefix, application in inlets:
                if path.startswith(prefix):
                    await application(scope, receive, send)
                    return
            accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            if console.takes(scope["method"], path, accept):
                await console(scope, receive, send)
                return
        await api(scope, receive, send)

    return Composed(application, service)
