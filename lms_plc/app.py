"""The web side, read like a table of contents: every blueprint stands next to its guard."""

import gc
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Flask, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms_plc import migrations
from lms_plc.actionitems.views import actionitems
from lms_plc.admin.connection import connections
from lms_plc.admin.explaining import explaining
from lms_plc.admin.guards import at_the_desk
from lms_plc.admin.mapping import mapping
from lms_plc.admin.switches import switches
from lms_plc.admin.syncs import syncs
from lms_plc.admin.twins import twins
from lms_plc.admin.views import desk
from lms_plc.admin.writing import writing
from lms_plc.agreements.views import agreements
from lms_plc.attendance.views import attendance
from lms_plc.board.views import board
from lms_plc.classdata.views import classdata
from lms_plc.communities.leaving import leaving
from lms_plc.communities.views import communities
from lms_plc.config import Settings, read_settings
from lms_plc.core.clock import Clock, system_clock
from lms_plc.cycles.views import cycles
from lms_plc.discussions.views import discussions
from lms_plc.errors import answer_errors
from lms_plc.evidence.views import evidence
from lms_plc.feedback.views import feedback
from lms_plc.files.views import files, largest_form_of
from lms_plc.founding.views import founding
from lms_plc.house import House, house, open_house
from lms_plc.innovations.views import innovations
from lms_plc.inquiry.views import inquiry
from lms_plc.journal.views import journal
from lms_plc.library.views import library, library_open
from lms_plc.logs import write_logs
from lms_plc.meetings.views import meetings
from lms_plc.messages.views import messages
from lms_plc.metrics import for_machines, metrics
from lms_plc.minutes.views import minutes
from lms_plc.moderation.views import moderation
from lms_plc.notifications.outside import mailed
from lms_plc.notifications.views import notifications
from lms_plc.peers.views import peers
from lms_plc.people import navigation
from lms_plc.people.addresses import address
from lms_plc.people.guards import (
    Guard,
    form_token_of_this_seat,
    no_store,
    open_to_all,
    put_seat_into_addresses,
    seated,
)
from lms_plc.people.seats import frame_around
from lms_plc.people.views import people
from lms_plc.placing.opening import opening
from lms_plc.placing.views import placed, placing
from lms_plc.portfolios.views import portfolios
from lms_plc.practicechanges.views import practicechanges
from lms_plc.profiles.views import profiles
from lms_plc.protocols.views import protocols
from lms_plc.rhythm.views import rhythm
from lms_plc.running.views import running
from lms_plc.schoolnews.views import schoolnews
from lms_plc.searching.views import searching
from lms_plc.series.feed import feeds, feeds_open
from lms_plc.series.views import series
from lms_plc.sheets.views import sheets
from lms_plc.sites import queries as site_queries
from lms_plc.sites.door import open_door
from lms_plc.sites.views import sites
from lms_plc.timing import tell_times
from lms_plc.visits.views import visits
from lms_plc.web import init_web
from lms_plc.web.i18n import gettext
from lti.blueprint import lti_blueprint
from lti.login import origin_of

LARGEST_FORM = 256 * 1024
FEW_PLATFORMS = 5


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> Flask:
    """The WSGI application. Raises SettingsError on a half-set installation, SchemaOutdated on an old database."""
    inside = open_house(settings or read_settings(), clock=clock)
    try:
        migrations.require_current(inside.database)
    except Exception:
        inside.database.dispose()
        raise
    write_logs(inside.settings.log_format)
    app = Flask("lms_plc", static_folder=None, template_folder=str(Path(__file__).parent / "web" / "templates"))
    app.extensions["plc"] = inside
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.url_map.strict_slashes = False  # a redirect would be to the host that was asked for, whatever it is
    init_web(app, static_max_age=int(timedelta(days=365).total_seconds()))
    guards: dict[str, Guard] = {"web": open_to_all}
    for blueprint, guard in _rooms(inside):
        app.register_blueprint(blueprint)
        guards[blueprint.name] = guard
    put_seat_into_addresses(app)
    _tell_templates(app)
    _harden_answers(app)
    answer_errors(app)
    tell_times(app)
    _post_guards(app, guards)
    return app


def create_served_app() -> Flask:
    """The app of a process that serves pages and nothing else.

    What an app is made of lives as long as its process. A long page makes thousands of small objects, and each time
    the collector would look through all of the app again: a third of such a page's time.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def _rooms(inside: House) -> Sequence[tuple[Blueprint, Guard]]:
    return (
        (lti_blueprint(open_door(inside)), open_to_all),
        (_health(), open_to_all),
        (metrics, for_machines),
        (people, seated),
        (sites, seated),
        (communities, seated),
        (leaving, seated),
        (discussions, seated),
        (files, seated),
        (profiles, seated),
        (messages, seated),
        (peers, seated),
        (agreements, seated),
        (board, seated),
        (actionitems, seated),
        (evidence, seated),
        (practicechanges, seated),
        (innovations, seated),
        (meetings, seated),
        (series, seated),
        (feeds, seated),
        (feeds_open, open_to_all),
        (protocols, seated),
        (cycles, seated),
        (portfolios, seated),
        (inquiry, seated),
        (running, seated),
        (classdata, seated),
        (attendance, seated),
        (sheets, seated),
        (minutes, seated),
        (rhythm, seated),
        (founding, seated),
        (library, seated),
        (library_open, open_to_all),
        (journal, seated),
        (feedback, seated),
        (visits, seated),
        (searching, seated),
        (schoolnews, seated),
        (moderation, seated),
        (notifications, seated),
        (mailed, open_to_all),
        (placed, open_to_all),
        (placing, seated),
        (opening, seated),
        (desk, at_the_desk),
        (mapping, at_the_desk),
        (connections, at_the_desk),
        (switches, at_the_desk),
        (syncs, at_the_desk),
        (explaining, at_the_desk),
        (twins, at_the_desk),
        (writing, at_the_desk),
    )


def _post_guards(app: Flask, guards: Mapping[str, Guard]) -> None:
    """No route without a guard: one that stands in no room of the table above stops the start."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in guards:
            raise LookupError(f"the route {rule.rule} has no guard")

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if (largest := largest_form_of(request.endpoint)) is not None:
            request.max_content_length = largest  # before the guard reads the form
        return guards[request.blueprint]() if request.blueprint else open_to_all()


def _health() -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> tuple[Response, int]:
        """Whether this process can serve: for a load balancer, without anything worth knowing."""
        try:
            with house().database.read() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever it is, the answer is that we cannot serve
            return jsonify(status="down"), 503
        return jsonify(status="up"), 200

    return blueprint


def _tell_templates(app: Flask) -> None:
    """What the layout needs on every page: who is here, and where the frame around us lives."""

    @app.context_processor
    def here() -> dict[str, object]:
        if "seat" not in g:
            return {}
        return {
            "me": {"name": g.seat.name},
            "my_pages": _my_pages(),
            "footer_links": [
                {"label": gettext(one.label), "url": address(one.endpoint)} for one in navigation.quiet_entries()
            ],
            "frame_origin": g.seat.frame_origin,
            # only a frame needs another tab, and browsers say when they ask for one
            "new_window_url": url_for("sites.new_window")
            if request.headers.get("Sec-Fetch-Dest") == "iframe"
            else None,
            "this_page": request.path.removeprefix(f"/s/{g.seat.address}") if request.method == "GET" else "/",
            "leave_url": address("people.leave_seat"),
            "csrf_token": form_token_of_this_seat(),
        }


def _my_pages() -> list[dict[str, object]]:
    return [
        {
            "label": gettext(entry.label),
            "url": address(entry.endpoint),
            "current": entry.endpoint == request.endpoint,
            "count": g.seat.unread if entry.counts else 0,
        }
        for entry in navigation.entries()
    ]


def _harden_answers(app: Flask) -> None:
    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.endpoint == "web.static_file" and response.status_code < 400:
            return response
        if 300 <= response.status_code < 400:
            return no_store(response)
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
            f"connect-src 'self'; form-action {_form_targets()}; base-uri 'none'; frame-ancestors {_framers()}"
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if house().settings.https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return no_store(response)


def _form_targets() -> str:
    """Where forms of this page may lead: here, and with a signed answer to the LMS that waits for it."""
    return f"'self' {g.get('form_target') or ''}".strip()


def _framers() -> str:
    """Who may show our page in a frame: the LMS the person came from, also when their seat has ended.

    Before we know the person: the LMS a launch said it is from, or the one that sent this very request. Where a strict
    referrer policy keeps the browser from saying, any LMS of a small installation may; a large one tells nobody of the
    others.
    """
    if "seat" in g:
        return f"'self' {g.seat.frame_origin or ''}".strip()
    if "frame_origin" in g:
        return f"'self' {g.frame_origin}".strip()
    word, sender = g.get("seat_word"), origin_of(request.headers.get("Origin") or request.headers.get("Referer") or "")
    in_frame = request.headers.get("Sec-Fetch-Dest") == "iframe"
    if request.endpoint == "lti.keys" or not (word or sender or in_frame):
        return "'self'"
    try:
        with house().database.read() as connection:
            if word:
                return f"'self' {frame_around(connection, word) or ''}".strip()
            registered = {origin_of(url) for url in site_queries.auth_urls(connection)} - {None}
    except SQLAlchemyError:  # the page says what is wrong; it need not be framed for that
        return "'self'"
    if sender is not None:
        return f"'self' {sender}" if sender in registered else "'self'"
    return " ".join(["'self'", *sorted(map(str, registered))]) if len(registered) <= FEW_PLATFORMS else "'self'"
