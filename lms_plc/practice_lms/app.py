"""The practice LMS as a Flask application; its table of contents.

Never imported by the product: it stands in for a Moodle 4.5 in the demo, the tests and the measurements.
"""

import os
import secrets
from pathlib import Path

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from lms_plc.practice_lms import admin_pages, pages, platform, services, tokens
from lms_plc.practice_lms.faults import spoil
from lms_plc.practice_lms.running import SLOT
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.site import SITE_NAME
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.webservices import rest

SESSION_COOKIE = "practice_lms_session"
"""Its own name: on one host, cookies of all ports are one jar, and the tool may run beside us."""

_MOST_UPLOADED = 2 * 1024 * 1024
_MOST_FIELDS = 10_000
_VARIABLES = ("PRACTICE_LMS_DATA", "PRACTICE_LMS_BASE", "PRACTICE_LMS_TOOL", "PRACTICE_LMS_BIG_COURSE")


def create_app(settings: Settings, state: State | None = None) -> Flask:
    """The site. ``state`` is read from ``settings.data_dir`` unless the caller already holds one."""
    app = Flask(__name__)
    state = state or State(settings.data_dir, faults=settings.faults)
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
    app.context_processor(lambda: {"site_name": SITE_NAME, "nonce": _nonce})

    # people
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(admin_pages.blueprint)
    # the tool
    app.register_blueprint(platform.blueprint)
    app.register_blueprint(tokens.blueprint)
    app.register_blueprint(services.blueprint)
    # the connector
    app.register_blueprint(rest.blueprint)

    app.register_error_handler(HTTPException, _error_page)
    app.after_request(lambda answer: _guard(answer, settings))
    app.after_request(lambda answer: _misbehave(answer, state))
    return app


def app_from_environment() -> Flask:
    """The application for a server process; see ``environment``."""
    data, base, tool, big = (os.environ[name] for name in _VARIABLES)
    return create_app(Settings(Path(data), base, tool, big_course=int(big)))


def environment(settings: Settings) -> dict[str, str]:
    """What ``app_from_environment`` reads in the server's worker; faults are set on the admin page there."""
    values = (str(settings.data_dir), settings.base_url, settings.tool_url, str(settings.big_course))
    return dict(zip(_VARIABLES, values, strict=True))


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def _error_page(error: HTTPException) -> tuple[str, int]:
    return render_template("error.html", error=error), error.code or 500


def _guard(answer: Response, settings: Settings) -> Response:
    """Pages may frame and post to this site and the tool, run one script by nonce, and load nothing else."""
    tool = settings.tool_url
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'nonce-{_nonce()}'; "
        f"frame-src 'self' {tool}; form-action 'self' {tool}; frame-ancestors 'self'; base-uri 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    if answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _called_service() -> str | None:
    """The name under which a fault may be set on this request; None for pages."""
    match request.endpoint:
        case "webservices.rest":
            return request.values.get("wsfunction", "")
        case "tokens.token":
            return "token"
        case "platform.certs":
            return "certs"
        case "services.service":
            return "memberships" if request.path.endswith("/memberships") else "grades"
    return None


def _misbehave(answer: Response, state: State) -> Response:
    called = _called_service()
    fault = state.faults.due(called) if called is not None else None
    return spoil(fault, answer) if fault else answer
