"""A notification of Terraform Cloud about a run -> a signal. It never says that something is over.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/notification-configurations#notification-payload
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "terraform"

_INFO: Final = (
    *("organization_name", "workspace_id", "workspace_name", "notification_configuration_id", "run_url"),
    "run_created_by",
)


def recognises(document: object) -> bool:
    """Say whether a document has a `run_id` and `notifications`."""
    return isinstance(document, dict) and {"run_id", "notifications"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has neither `run_id` nor `notification_configuration_id`.
    """
    payload = Document(document)
    notifications = payload.parts("notifications")
    first = notifications[0] if notifications else Document({})
    status = payload.text("run_status") or first.text("run_status")
    workspace, url = payload.text("workspace_name"), payload.address("run_url")
    title = f"[Terraform Cloud] {first.text('message') or 'Generate Notification'}"
    signal = Signal(
        # What tries a configuration is of no run, and nothing would ever end it.
        kind=Kind.PROBLEM if payload.text("run_id") else Kind.INFO,
        key=payload.need("run_id", "notification_configuration_id"),
        severity=Severity.ERROR if status.lower() == "errored" else Severity.INFO,
        title=f'{title} in Workspace "{workspace}"' if workspace else title,
        description="\n".join(filter(None, (each.text("message") for each in notifications))),
        host=workspace,
        links=[Link(url, "Run")] if url else [],
        labels=payload.texts(*_INFO) | ({"run_status": status} if status else {}),
        source_tool="Terraform Cloud",
        occurred_at=payload.time("run_created_at"),
    )
    return one(FORMAT, signal)
