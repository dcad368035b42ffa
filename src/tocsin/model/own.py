"""What Tocsin says by itself, as signals: so that it is decided, recorded and told like any other."""

from tocsin.model.recording import Payload, Submission
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions

NAME = "tocsin"
"""Its name as a source, as the host of its own objects, and as the author of what time brings."""


def own_submission(
    domain_id: str, project_id: str, *, key: str, title: str, is_problem: bool, description: str = ""
) -> Submission:
    """Say that something is wrong with Tocsin's own work, or well again.

    Args:
        domain_id: whose work.
        project_id: in which project.
        key: what it is about: `target/...`.
        title: one line.
        is_problem: False where it is well again.
        description: more about it.
    """
    source = Source("", domain_id, project_id, NAME, "native", True, "", SourceOptions(), 0)
    signal = Signal(
        kind=Kind.PROBLEM if is_problem else Kind.RECOVERY,
        key=key,
        severity=Severity.ERROR if is_problem else Severity.NONE,
        title=title,
        description=description,
        source_tool=NAME,
    )
    return Submission(source, Payload("native", "", {"own": key}, b""), [signal])
