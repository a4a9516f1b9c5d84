"""The practice LMS as a Flask application; its table of contents.

Never imported by the product: it stands in for a Moodle 4.5 in the demo, the tests and the measurements.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from lms_plc.practice_lms import (
    admin_pages,
    deep_linking,
    grades_page,
    pages,
    platform,
    profile_page,
    registration,
    services,
    tokens,
    tool_pages,
)
from lms_plc.practice_lms.faults import spoil
from lms_plc.practice_lms.page_guard import guard, nonce
from lms_plc.practice_lms.running import SLOT
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.site import SITE_NAME
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import preset_tool
from lms_plc.practice_lms.webservices import rest

SESSION_COOKIE = "practice_lms_session"
"""Its own name: on one host, cookies of all ports are one jar, and the tool may run beside us."""

_MOST_UPLOADED = 2 * 1024 * 1024
_MOST_FIELDS = 10_000
_VARIABLES = tuple(f"PRACTICE_LMS_{name}" for name in ("DATA", "BASE", "TOOL", "BIG_COURSE", "PRESET_TOOL", "BEYOND"))
_SERVICE_ENDINGS = {
    "memberships": "memberships",
    "groups": "groups",
    "groupsets": "groups",
    "noticehandlers": "notices",
}


def create_app(settings: Settings, state: State | None = None) -> Flask:
    """The site. ``state`` is read from ``settings.data_dir`` unless the caller already holds one."""
    app = Flask(__name__)
    state = state or open_state(settings)
    if settings.big_course:
        state.add_big_course(settings.big_course)
    app.secret_key = state.session_secret
    app.config.update(
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        MAX_CONTENT_LENGTH=_MOST_UPLOADED,
        MAX_FORM_PARTS=_MOST_FIELDS,
    )
    app.extensions[SLOT] = (state, settings)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.context_processor(lambda: {"site_name": SITE_NAME, "nonce": nonce})

    # people
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(grades_page.blueprint)
    app.register_blueprint(profile_page.blueprint)
    app.register_blueprint(admin_pages.blueprint)
    app.register_blueprint(tool_pages.blueprint)
    # the tool
    app.register_blueprint(platform.blueprint)
    app.register_blueprint(registration.blueprint)
    app.register_blueprint(deep_linking.blueprint)
    app.register_blueprint(tokens.blueprint)
    app.register_blueprint(services.blueprint)
    # the connector
    app.register_blueprint(rest.blueprint)

    app.register_error_handler(HTTPException, _error_page)
    app.after_request(lambda answer: guard(answer, state))
    app.after_request(lambda answer: _misbehave(answer, state))
    return app


def open_state(settings: Settings, now: Callable[[], float] = time.time) -> State:
    """What is kept in ``settings.data_dir``, started as the settings say."""
    return State(
        settings.data_dir, faults=settings.faults, now=now, preset=preset_tool(settings), beyond=settings.beyond
    )


def app_from_environment() -> Flask:
    """The application for a server process; see ``environment``."""
    data, base, tool, big, preset, beyond = (os.environ[name] for name in _VARIABLES)
    settings = Settings(
        Path(data), base, tool, big_course=int(big), preset_tool=bool(preset), beyond=frozenset(beyond.split())
    )
    return create_app(settings)


def environment(settings: Settings) -> dict[str, str]:
    """What ``app_from_environment`` reads in the server's worker; faults are set on the admin page there."""
    values = (
        str(settings.data_dir),
        settings.base_url,
        settings.tool_url,
        str(settings.big_course),
        "yes" if settings.preset_tool else "",
        " ".join(sorted(settings.beyond)),
    )
    return dict(zip(_VARIABLES, values, strict=True))


def _error_page(error: HTTPException) -> tuple[str, int]:
    return render_template("error.html", error=error), error.code or 500


def _called_service() -> str | None:
    """The name under which a fault may be set on this request; None for pages."""
    match request.endpoint:
        case "webservices.rest":
            return request.values.get("wsfunction", "")
        case "tokens.token":
            return "token"
        case "platform.certs":
            return "certs"
        case "registration.register":
            return "registration"
        case "services.service":
            ending = request.path.rpartition("/")[2]
            return _SERVICE_ENDINGS.get(ending, "grades")
    return None


def _misbehave(answer: Response, state: State) -> Response:
    called = _called_service()
    fault = state.faults.due(called) if called is not None else None
    return spoil(fault, answer) if fault else answer
