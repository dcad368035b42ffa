"""The web console: the pages that the build put into the package, served to browsers."""

import gzip
import hashlib
import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, Final

import msgspec

import tocsin

BUILT: Final = Path(tocsin.__file__).parent / "console"
"""Where the build puts it. A Tocsin that was installed without its console has no such directory."""
_PAGE: Final = re.compile(
    r"/|/events|/e/[^/]+|/statistics|/silences|/hosts|/welcome|/wall|/settings(/[a-z]+)?"
    r"|/alerts(/[^/]+)?|/sources(/.+)?"
)
"""Paths of pages. All pages are one document, whose script looks at the path."""
_DOCUMENT: Final = "/index.html"
_IMMUTABLE: Final = "/assets/"
"""What lies here has a hash of its content in its name."""
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html tocsin-worker",
    )
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"same-origin"),
    (b"vary", b"Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
)


class File(msgspec.Struct, frozen=True):
    """A file of the console, whole in memory: all together are some hundred kilobytes.

    Attributes:
        tag: a hash of its content, as an ETag without quotation marks.
    """

    content: bytes
    compressed: bytes
    media_type: str
    caching: str
    tag: str


class Console:
    """The console as an ASGI application for the paths that it takes.

    Args:
        directory: where it was built.
        others: the first parts of paths that belong to others, whoever asks.
    """

    def __init__(self, directory: Path = BUILT, others: Set[str] = frozenset()) -> None:
        self._files = dict(_files(directory))
        self._others = others

    def takes(self, method: str, path: str, accept: str = "") -> bool:
        """Say whether a request is for the console, which tells people of paths that lead nowhere.

        Args:
            accept: the header of that name; one of a browser that goes to a page begins with HTML.
        """
        if method != "GET" or not self._files:
            return False
        is_lost = accept.startswith("text/html") and path.lstrip("/").split("/")[0] not in self._others
        return self._find(path) is not None or is_lost

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        """Answer a request that it takes."""
        found = self._find(scope["path"])
        file = self._files[found or _DOCUMENT]
        given = dict(scope["headers"])
        is_compressed = b"gzip" in given.get(b"accept-encoding", b"")
        tag = f'"{file.tag}{"-gzip" if is_compressed else ""}"'.encode()
        headers = [*_HEADERS, (b"etag", tag), (b"cache-control", file.caching.encode())]
        if found and tag in given.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body"})
            return
        body = file.compressed if is_compressed else file.content
        headers += [(b"content-type", file.media_type.encode()), (b"content-length", str(len(body)).encode())]
        if is_compressed:
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _find(self, path: str) -> str | None:
        name = _DOCUMENT if _PAGE.fullmatch(path) else path
        return name if name in self._files else None


def _files(directory: Path) -> Iterator[tuple[str, File]]:
    for path in sorted(directory.rglob("*")):
        if path.suffix not in _TYPES:
            continue
        name = f"/{path.relative_to(directory).as_posix()}"
        content = path.read_bytes()
        yield (
            name,
            File(
                content,
                gzip.compress(content, mtime=0),
                _TYPES[path.suffix],
                "public, max-age=31536000, immutable" if name.startswith(_IMMUTABLE) else "no-cache",
                hashlib.sha256(content).hexdigest()[:32],
            ),
        )
