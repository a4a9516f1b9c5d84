"""How are lines written to the log? For a person at a terminal, or as JSON for a machine; never with a secret in them."""

import logging
import sys
import traceback
from typing import Any

import structlog

_NEVER = ("token", "secret", "password", "id_token", "state", "nonce", "cookie", "name", "email")


def write_logs(log_format: str) -> None:
    """Sets up logging for this process; calling it again changes the format."""
    last = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _leave_out_secrets,
            _tell_where_it_broke,
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


def _tell_where_it_broke(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    """The kinds of the errors and the lines of code they passed; their texts may quote what people wrote."""
    error = line.pop("exc_info", None)
    if not isinstance(error, BaseException):
        return line
    told, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told.append(f"{type(error).__module__}.{type(error).__qualname__}")
        passed = traceback.extract_tb(error.__traceback__)
        told += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in passed]
        error = error.__cause__ or error.__context__
    return {**line, "exception": "\n".join(told)}


def _leave_out_secrets(_: Any, __: str, line: dict[str, Any]) -> dict[str, Any]:
    """The last net: a field of such a name is a slip of ours, and its value stays out of the log."""
    return {key: "(left out)" if key in _NEVER else value for key, value in line.items()}
