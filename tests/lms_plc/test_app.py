"""Is the house put together so that every page is guarded, hardened and kept out of caches?"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint

from lms_plc.app import _post_guards, create_app
from lms_plc.config import Settings
from lms_plc.core.database import Database
from lms_plc.house import open_house

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"


def framers(answer: Any) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])
    assert found is not None
    return found[1]


def test_a_route_without_a_guard_stops_the_start(house: Any, clock: Any) -> None:
    app = create_app(house.settings, clock=clock)
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", view_func=lambda: "open to all", endpoint="door")
    app.register_blueprint(stray)
    with pytest.raises(LookupError, match="/stray has no guard"):
        _post_guards(app, {name: lambda: None for name in app.blueprints if name != "stray"})
    app.extensions["plc"].database.dispose()


class TestAnswers:
    def test_a_page_may_be_framed_by_the_lms_its_person_came_from_alone(self, circle: Any, house: Any) -> None:
        from lms_plc.sites.actions import Registration, add_platform

        other = "https://other.example.net"
        addresses = [f"{other}/auth", f"{other}/token", f"{other}/jwks"]
        with house.database.write() as session:
            add_platform(session, "other", Registration(other, "c", *addresses), house.clock(), allow_http=False)
        assert framers(circle.member.get(circle.home)) == f"'self' {LMS}"
        assert framers(circle.member.get("/topics/00000000-0000-7000-8000-000000000000")) == f"'self' {LMS}"

    def test_before_we_know_the_person_only_the_registered_lms_that_asks_may_frame_it(self, app: Any, lms: Any) -> None:
        client = app.test_client()
        for path in ("/lti/launch", "/lti/register"):
            assert framers(client.get(path, base_url=TOOL, headers={"Referer": f"{LMS}/mod/lti/"})) == f"'self' {LMS}"
            assert framers(client.get(path, base_url=TOOL, headers={"Origin": LMS})) == f"'self' {LMS}"
            for stranger in ("https://elsewhere.example", "null", "http://[", ""):
                assert framers(client.get(path, base_url=TOOL, headers={"Origin": stranger})) == "'self'"
        for path in ("/healthz", "/nowhere", "/lti/jwks"):
            assert framers(client.get(path, base_url=TOOL)) == "'self'"

    def test_the_page_of_an_ended_seat_is_shown_in_the_frame_of_its_lms(self, circle: Any, clock: Any) -> None:
        clock.move(hours=13)
        ended = circle.member.get(circle.home)
        assert (ended.status_code, framers(ended)) == (401, f"'self' {LMS}")

    def test_pages_are_hardened_and_kept_nowhere(self, circle: Any, app: Any) -> None:
        for page in (circle.member.get(circle.home), app.test_client().get("/nowhere", base_url=TOOL)):
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Referrer-Policy"] == "same-origin"
            assert page.headers["Cache-Control"] == "no-store"
            assert page.headers["Strict-Transport-Security"] == "max-age=31536000"

    def test_a_page_has_no_script_or_style_of_its_own(self, circle: Any) -> None:
        circle.start(circle.member, body="<script>x</script> [a](javascript:x)")
        for path in (circle.home, f"{circle.home}/topics", f"{circle.home}/members", f"{circle.home}/charter"):
            page = circle.member.get(path).text
            assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page)

    def test_redirects_are_kept_nowhere_too(self, circle: Any) -> None:
        led = circle.member.get("/")
        assert (led.status_code, led.headers["Cache-Control"]) == (302, "no-store")

    def test_static_files_may_be_kept_and_missing_ones_are_pages(self, app: Any, circle: Any) -> None:
        address = re.search(r'href="(/static/plc.css\?v=[0-9a-f]+)"', circle.member.get(circle.home).text)
        assert address is not None
        client = app.test_client()
        file = client.get(address[1], base_url=TOOL)
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in file.headers
        missing = client.get("/static/nothing.css", base_url=TOOL)
        assert missing.status_code == 404
        assert missing.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors" in missing.headers["Content-Security-Policy"]

    def test_the_browsers_cookie_is_for_us_alone(self, app: Any, lms: Any) -> None:
        login = app.test_client().post("/lti/login", data=lms.platform.login_form(), base_url=TOOL)
        cookie = login.headers["Set-Cookie"]
        assert cookie.startswith("__Host-plc_browser=")
        for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert word in cookie


def test_over_http_nothing_promises_https(prepared_url: str, tmp_path: Path, clock: Any) -> None:
    settings = Settings(
        _env_file=None,
        base_url="http://localhost:8000",
        secret_key="a key for tests, long enough to be one",
        data_dir=tmp_path,
        database_url=prepared_url,
    )
    app = create_app(settings, clock=clock)
    page = app.test_client().get("/lti/launch", base_url="http://localhost:8000")
    assert "Strict-Transport-Security" not in page.headers
    app.extensions["plc"].database.dispose()


def test_health_is_told_without_anything_worth_knowing(app: Any, tmp_path: Path) -> None:
    client = app.test_client()
    assert client.get("/healthz", base_url=TOOL).get_json() == {"status": "up"}
    whole = app.extensions["plc"]
    app.extensions["plc"] = replace(whole, database=Database(f"sqlite:///{tmp_path / 'gone' / 'plc.db'}"))
    down = client.get("/healthz", base_url=TOOL)
    assert (down.status_code, down.get_json()) == (503, {"status": "down"})
    app.extensions["plc"] = whole


def test_the_house_makes_its_data_folder_where_the_database_is_a_file_in_it(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        base_url=TOOL,
        secret_key="a key for tests, long enough to be one",
        data_dir=tmp_path / "a" / "b",
    )
    house = open_house(settings)
    assert (tmp_path / "a" / "b").is_dir()
    assert house.database.url == f"sqlite:///{tmp_path}/a/b/plc.db"
    assert "a key for tests" not in repr(house)
