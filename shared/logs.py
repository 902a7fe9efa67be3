"""Events, not prose: ``log.info("incident.called", incident=key, step=1)``.

One line per event on standard error: JSON for machines, or a short console form for people.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal, cast

import structlog

LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]


def configure_logs(*, level: LogLevel = "info", form: LogFormat = "json") -> None:
    """Set up this process's logs; third-party loggers are let through from warning on."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def log(service: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of one service; ``service`` is on every line it writes."""
    return cast(
        "structlog.typing.FilteringBoundLogger", structlog.get_logger().bind(service=service)
    )
