"""Where is a page of a room that may not be in this house?"""

from typing import Any

from flask import current_app, url_for


def way_to(endpoint: str, **values: Any) -> str | None:
    """The address of a page; None where no room has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
