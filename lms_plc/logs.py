"""How lines are written to the log: for a person at a terminal, or as JSON for a machine; never with a secret in them."""

import logging
import sys
from typing import Any

import structlog

_NEVER = ("token", "secret", "password", "id_token", "state", "nonce", "cookie", "name", "email")


def write_logs(log_format: str) -> None:
    """Sets up logging for this process; calling it again changes the format."""
    last = structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _leave_out_secrets,
            structlog.processors.format_exc_info,
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


def _leave_out_secrets(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    """The last net: a field of such a name is a slip of ours, and its value stays out of the log."""
    return {key: "(left out)" if key in _NEVER else value for key, value in line.items()}
