"""A push to a repository of Docker Hub -> a signal.

https://docs.docker.com/docker-hub/repos/manage/webhooks/
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.digest import md5
from tocsin.dialects.document import Document
from tocsin.dialects.parsed import Parsed, one
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

FORMAT: Final = "docker_hub"


def recognises(document: object) -> bool:
    """Say whether a document has `push_data` and a `repository`."""
    return isinstance(document, dict) and {"push_data", "repository"} <= document.keys()


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Give the signal.

    Raises:
        BadPayload: it has no `repository.repo_name` or no `push_data.tag`.
    """
    payload = Document(document)
    repository, push = payload.need_part("repository"), payload.need_part("push_data")
    image = f"{repository.need('repo_name')}:{push.need('tag')}"
    title = f"New image pushed to {image}."
    url = repository.address("repo_url")
    signal = Signal(
        kind=Kind.PROBLEM,
        key=md5(image),
        severity=Severity.INFO,
        title=title,
        description=title,
        host=image,
        resource_name=image,
        links=[Link(url, "Repository")] if url else [],
        labels=repository.texts("repo_url", "namespace", "repo_name") | push.texts("pusher", "tag"),
        source_tool="Docker Hub",
        occurred_at=push.time("pushed_at"),
    )
    return one(FORMAT, signal)
