"""An app with nothing but the web room in it, and a page that shows every component."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, render_template, request
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.serving import make_server

from lms_plc.web import i18n, init_web

NOW = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)
HOSTILE = "\"><script>alert('here')</script>"

NAMES = [
    "Elizabeta Trajkovska-Dimitrijević",
    "Љубица Њежић Џамбазовска-Костадиновска",
    "Ғалымжан Әбдірахманұлы Өтеғұлов",
    "İlknur Şahin Öztürkoğlu",
    "Александра Константиновна Преображенская-Серебрякова",
    "محمد عبد الرحمن",
    "山田太郎",
    "👩🏽‍🏫",
    "Hubert Blaine Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft",
]

TABS = ["Discussions", "Meetings", "Inquiries", "Library", "Journal", "People", "About this community"]

# what the host will send; a component that needs more would fail in the browser
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


def gallery_context() -> dict[str, object]:
    """All that the layout and the gallery can be given."""
    return {
        "page_title": "Asking better questions in mixed classes",
        "community": {
            "name": "Физика и хемија · Tetovo",
            "url": "#community",
            "tabs": [{"label": tab, "url": f"#{tab}", "current": tab == "Meetings"} for tab in TABS],
        },
        "me": {"name": NAMES[0]},
        "notice": {"text": "Your note has been saved."},
        "errors": [
            {"field": "place", "message": "Say where you will meet."},
            {"field": "who", "message": "Choose who may read it."},
        ],
        "breadcrumbs": [{"label": "Meetings", "url": "#meetings"}, {"label": "Asking better questions"}],
        "new_window_url": "/gallery?alone=1",
        "footer_links": [
            {"label": "Accessibility", "url": "#accessibility"},
            {"label": "Privacy", "url": "#privacy"},
        ],
        "names": NAMES,
        "moment": NOW - timedelta(hours=3),
        "hostile": HOSTILE,
        "written": Markup(
            "<p>Dünkü ders: <em>on iki</em> öğrenci soru sordu. <a href='#more'>The whole story</a></p>"
            "<blockquote><p>Сите прашања беа нивни.</p></blockquote>"
            "<ul><li>Fewer questions, longer waits</li><li>Pupils answer pupils</li></ul>"
        ),
        "reactions": [
            {"label": "Thanks", "symbol": "♥", "value": "thanks", "count": 12, "pressed": True},
            {"label": "I tried it", "symbol": "✓", "value": "tried", "count": 0, "pressed": False},
        ],
    }


@pytest.fixture(scope="session")
def app() -> Flask:
    """The web room, `/gallery`, `/plain` (the layout alone) and `/drafts`, which keeps what it is sent."""
    app = Flask("gallery", root_path=str(Path(__file__).parent), static_folder=None)
    init_web(app)
    received: list[dict[str, str]] = []
    app.extensions["drafts"] = received

    @app.before_request
    def speak() -> None:
        i18n.bind(request.args.get("lang"), request.args.get("zone"), now=NOW)

    @app.after_request
    def guard(response):
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.route("/gallery", methods=["GET", "POST"])
    def gallery() -> str:
        extra = {key: request.args[key] for key in ("frame_origin", "draft_done") if key in request.args}
        return render_template("gallery.html", **gallery_context(), **extra)

    @app.get("/plain")
    def plain() -> str:
        return render_template("layout.html", page_title="Meetings")

    @app.post("/drafts")
    def drafts() -> tuple[str, int]:
        received.append(request.form.to_dict())
        return "", 204

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def drafts(app: Flask) -> list[dict[str, str]]:
    """What this test's pages have sent to be kept."""
    received: list[dict[str, str]] = app.extensions["drafts"]
    received.clear()
    return received


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """The app on a port of this machine, for a real browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
