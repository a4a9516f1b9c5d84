"""What time is it? The clock is passed in, so that a test or a drill can say so."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment, aware and in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
