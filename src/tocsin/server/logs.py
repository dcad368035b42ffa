"""Logs: one line for each thing worth knowing, on standard error, as JSON or for people."""

import logging
import sys

import structlog


def configure(level: str, style: str) -> None:
    """Set up logging, the standard library's included.

    Args:
        level: debug, info, warning or error.
        style: json, console, or auto: console on a terminal, else json.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    on_terminal = sys.stderr.isatty()
    for_people = style == "console" or (style == "auto" and on_terminal)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=on_terminal)
        if for_people
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Each start and stop of uvicorn and Alembic is Tocsin's own to tell.
    for chatty in ("uvicorn", "uvicorn.error", "alembic", "httpx2"):
        logging.getLogger(chatty).setLevel("WARNING")
