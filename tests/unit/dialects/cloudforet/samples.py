"""An event, as the ledger would give it; and what finds out who calls."""

from tests.unit.server.in_process import Tenant
from tocsin.dialects.cloudforet.caller import Callers
from tocsin.dialects.cloudforet.identity import Identity
from tocsin.dialects.cloudforet.public_keys import PublicKeys
from tocsin.model.event import Event
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

NOON = 20_000 * 86_400_000_000 + 43_200_000_000


def event(kind: Kind = Kind.PROBLEM) -> Event:
    """Give an event that says something in each field that the dialect shows."""
    return Event(
        domain_id="domain-1",
        seq=10,
        day=20_000,
        project_id="project-1",
        source_id="source-1",
        kind=kind,
        key="db1/disk",
        title="Disk full",
        description="97 %",
        severity=Severity.NOT_AVAILABLE,
        state="critical",
        state_type="hard",
        host="db1",
        service="disk",
        object_id=1,
        rule="disk",
        resource_id="i-1",
        resource_type="server",
        resource_name="db1",
        provider="aws",
        account="42",
        image_url="https://image.test",
        links=[],
        labels={"team": "storage"},
        source_tool="",
        author="",
        comment="",
        window_start=0,
        window_end=0,
        output="",
        attempt=0,
        markdown=False,
        silenced_by="",
        alert_seq=9,
        outcome=Outcome.JOINED,
        reason="",
        payload_seq=10,
        payload_index=0,
        occurred_at=NOON - 3_600_000_000,
        time=NOON - 3_600_000_000,
        recorded_at=NOON + 1_999,
    )


def callers(tenant: Tenant) -> Callers:
    """Give what finds out who calls, where there is no identity service."""
    authentication = tenant.served.hub.authentication
    return Callers(authentication, Identity(PublicKeys({}), authentication.role_of))
