"""A handler of Python's `logging` that sends records to a Tocsin, in the background."""

import logging
import os
import sys
import threading
from datetime import UTC, datetime
from socket import gethostname
from typing import Final

from tocsin.client import fitting
from tocsin.client.answers import Item
from tocsin.client.background import Background
from tocsin.client.client import Client

_SEVERITIES: Final = ((logging.CRITICAL, "critical"), (logging.ERROR, "error"), (logging.WARNING, "warning"))


class TocsinHandler(logging.Handler):
    """Sends what is logged to a Tocsin. The program never waits for it and never sees it fail.

    A warning or worse is a problem. Its key is the logger's name with the message's template, as it is before
    its arguments are put in, so all records of one line of the program join one alert. What is less is info.

    Records wait in a bounded queue while a thread sends them. What finds the queue full, what the server
    refuses, and what is left when the program ends is dropped: counted, and told on standard error once.

    Args:
        url: where the server is; '' takes url and token from the environment, `TOCSIN_URL` and
            `TOCSIN_TOKEN`.
        token: the key of a source, or a user's token.
        level: the least level that is sent.
        host: the host of the events; '' for the name of this machine.
        capacity: how many records may wait.
        flush_seconds: how long `flush`, and with it the end of the program, waits for what is still to be
            sent.

    Attributes:
        dropped: how many records were not sent, and will not be.

    Raises:
        ValueError: the URL or the token is none.
    """

    def __init__(
        self,
        url: str = "",
        token: str = "",
        *,
        level: int | str = logging.WARNING,
        host: str = "",
        capacity: int = 10_000,
        flush_seconds: float = 5.0,
    ) -> None:
        # Says at once if it can be none; the thread makes a client of its own.
        Client(url, token).close()
        super().__init__(level)
        self.dropped = 0
        self._url = url
        self._token = token
        self._host = host or gethostname()
        self._capacity = capacity
        self._flush_seconds = flush_seconds
        self._counting = threading.Lock()
        self._background: Background | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Leave out what the sending itself logs: no end of it, and a `flush` would hold it up."""
        if self._background is not None and self._background.is_current_thread:
            return False
        return bool(super().handle(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Let a record wait to be sent, or drop it where there is no room."""
        try:
            if not self._started().put(self._item(record)):
                self._drop(1, "too many wait to be sent")
        except Exception:
            # Such as arguments that do not fit the template.
            self.handleError(record)

    def flush(self) -> None:
        """Wait until everything is sent, or `flush_seconds` have passed."""
        if self._background is not None and self._background.process == os.getpid():
            self._background.wait(self._flush_seconds)

    def close(self) -> None:
        """Send what waits, drop what cannot be sent in time, and end the thread."""
        background, self._background = self._background, None
        if background is not None and background.process == os.getpid():
            left = background.end(self._flush_seconds)
            if left:
                self._drop(left, "the program ended before they were sent")
        super().close()

    def _drop(self, count: int, why: str) -> None:
        with self._counting:
            is_first = not self.dropped
            self.dropped += count
        if is_first:
            sys.stderr.write(f"TocsinHandler drops log records: {why}\n")

    def _started(self) -> Background:
        """Give what sends. Its thread does not live on in a process that was forked off."""
        if self._background is None or self._background.process != os.getpid():
            self._background = Background(self._url, self._token, self._capacity, self._drop)
        return self._background

    def _item(self, record: logging.LogRecord) -> Item:
        labels = {
            "logger": record.name,
            "level": record.levelname,
            "file": record.pathname,
            "line": record.lineno,
            "function": record.funcName,
            "process": record.process,
            "thread": record.threadName,
        }
        return {
            "kind": "problem" if record.levelno >= logging.WARNING else "info",
            "key": fitting.key(f"{record.name}: {record.msg}"),
            "title": fitting.title(record.getMessage(), record.name),
            "severity": next((name for least, name in _SEVERITIES if record.levelno >= least), "info"),
            "description": fitting.description(self.format(record)),
            "host": fitting.name(self._host),
            "service": fitting.name(record.name),
            "labels": {name: fitting.clean(str(value)) for name, value in labels.items()},
            "occurred_at": datetime.fromtimestamp(record.created, UTC),
        }
