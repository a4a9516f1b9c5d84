"""The style sheet and the script on their way to the browser."""

import gzip
import re

import brotli
import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from lms_plc.web import STATIC_ENDPOINT, init_web

LIMITS = {
    **{"plc.css": 26_000, "meetings.css": 9_000, "inquiry.css": 9_000},
    **{"plc.js": 8_000, "editor.js": 8_000, "lti.js": 4_000, "run.js": 4_000, "desk.js": 2_000},
}
ALL_SCRIPTS = 20_000
COMPRESSED_PAGE_WITH_BOTH = 25_000


def address_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return render_template_string("{{ static_url(name) }}", name=name)


def test_an_address_that_names_the_content_may_be_kept_for_a_year(app: Flask, client: FlaskClient):
    answer = client.get(address_of(app, "plc.css"))
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=000000000000"])
def test_any_other_address_of_it_is_asked_for_again(client: FlaskClient, query):
    first = client.get("/static/plc.css" + query)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/plc.css" + query, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "coding", "decode"),
    [
        ("gzip, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("", None, bytes),
        ("zstd", None, bytes),
    ],
)
def test_a_file_comes_in_the_best_coding_the_browser_takes(app, client, accepted, coding, decode):
    answer = client.get(address_of(app, "plc.js"), headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"lti.frameResize" in decode(answer.data)


@pytest.mark.parametrize("name", ["missing.css", "..%2f__init__.py", "%2e%2e"])
def test_only_the_files_of_the_folder_are_given(client: FlaskClient, name):
    assert client.get(f"/static/{name}").status_code == 404
    assert client.get("/static/plc.svg").status_code == 200


def test_a_template_that_names_an_unknown_file_fails_at_once(app: Flask):
    with pytest.raises(KeyError, match="plc.cs"):
        address_of(app, "plc.cs")


def test_how_long_a_file_may_be_kept_is_the_hosts_choice():
    app = Flask("short", static_folder=None)
    init_web(app, static_max_age=60)
    answer = app.test_client().get(address_of(app, "plc.css"))
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert STATIC_ENDPOINT in app.view_functions


def test_an_app_with_a_static_folder_of_its_own_is_refused():
    with pytest.raises(ValueError, match="static_folder=None"):
        init_web(Flask("flask"))


def test_a_page_travels_compressed(client: FlaskClient):
    answer = client.get("/gallery", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "Asking better questions" in brotli.decompress(answer.data).decode()


def test_a_page_with_its_style_and_script_is_light(app: Flask, client: FlaskClient):
    wanted = ["/plain", *(address_of(app, name) for name in ("plc.css", "plc.js", "plc.svg"))]
    sent = [len(client.get(url, headers={"Accept-Encoding": "br"}).data) for url in wanted]
    assert 0 < sum(sent) <= COMPRESSED_PAGE_WITH_BOTH
    for name, limit in LIMITS.items():
        assert len(client.get(address_of(app, name)).data) <= limit
    scripts = [name for name in LIMITS if name.endswith(".js")]
    assert sum(len(client.get(address_of(app, name)).data) for name in scripts) <= ALL_SCRIPTS


def test_every_class_of_the_components_is_known_to_the_style_sheet(client: FlaskClient):
    page = client.get("/gallery").text
    style = client.get("/static/plc.css").text
    used = {name for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", style))
    # three that stand for "nothing special"
    assert used - styled == {"notices", "plain", "badge-neutral"}
