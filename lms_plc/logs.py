"""How are lines written to the log? For a person at a terminal, or as JSON for a machine; never with a secret in it."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

_NEVER = ("token", "secret", "password", "id_token", "state", "nonce", "cookie", "name", "email")


_OURS = ("lms_plc", "lti", "connectors", "dbos")
"""Loggers of the standard library whose lines are written like ours; other libraries' are their own affair."""


def write_logs(log_format: str) -> None:
    """Sets up logging for this process; calling it again changes the format."""
    last = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    beginning: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*beginning, _leave_out_secrets, _tell_where_it_broke, last],
        # asked anew for each line: whoever redirects stderr later gets the lines too
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = _ToStderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _tell_where_it_broke, last],
            foreign_pre_chain=beginning,
        )
    )
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers = [other for other in logger.handlers if not isinstance(other, _ToStderr)] + [handler]
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)


class _ToStderr(logging.StreamHandler[Any]):
    """Asks for stderr anew for each line."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def _tell_where_it_broke(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The kinds of the errors and the lines of code they passed; their texts may quote what people wrote."""
    error = line.pop("exc_info", None)
    if isinstance(error, tuple):  # as the standard library tells it
        error = error[1]
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


def _leave_out_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last net: a field of such a name is a slip of ours, and its value stays out of the log."""
    return {key: "(left out)" if key in _NEVER else value for key, value in line.items()}
