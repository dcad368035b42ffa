"""What happened to an issue of Jira -> a signal. It never says that something is over.

https://developer.atlassian.com/server/jira/platform/webhooks/
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.complete import filled
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal

FORMAT: Final = "jira"


def recognises(document: object) -> bool:
    """Say whether a document has a `webhookEvent` and an `issue`."""
    return isinstance(document, dict) and {"webhookEvent", "issue"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has no `issue.self`.
    """
    payload = Document(document)
    issue = payload.need_part("issue")
    fields = issue.part("fields")
    creator, project = fields.part("creator"), fields.part("project")
    info = {
        "Issue ID": issue.text("id"),
        "Ticket Key": issue.text("key"),
        "priority": fields.part("priority").text("name"),
        "project_key": project.text("key"),
        "project_name": project.text("name"),
        "Creator Name": creator.text("displayName", "name"),
        "Creator Email": creator.text("emailAddress"),
    }
    signal = Signal(
        kind=Kind.PROBLEM,
        key=issue.need("self"),
        severity=Severity.INFO,
        title=f"[Jira] {fields.text('summary') or 'Issue Notification'}",
        description=fields.text("description"),
        labels=filled(info),
        source_tool="Jira",
        occurred_at=payload.time("timestamp"),
    )
    return one(FORMAT, signal)
