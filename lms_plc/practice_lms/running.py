"""The state and settings of the application that answers this request."""

from flask import current_app

from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State

SLOT = "practice_lms"
"""Under this name the application carries both in ``extensions``."""


def here() -> tuple[State, Settings]:
    """For use inside a request."""
    return current_app.extensions[SLOT]
