"""Who gets to the desk, how long, and what nobody can do from outside."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.admin import seats
from lms_plc.admin.models import OperatorSeat
from lms_plc.app import create_app

TOOL = "https://plc.example.org"
OWN_PAGE = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}


def test_the_address_from_the_command_line_opens_the_desk_for_an_hour(stranger: Any, clock: Any) -> None:
    entered = stranger.come_in()
    assert (entered.status_code, entered.location) == (303, "/admin/")
    cookie = entered.headers["Set-Cookie"]
    for word in ("__Host-plc_desk=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"):
        assert word in cookie
    assert "Domain" not in cookie
    clock.move(minutes=59, seconds=59)
    assert stranger.get("/admin/").status_code == 200
    clock.move(seconds=1)
    ended = stranger.get("/admin/")
    assert ended.status_code == 403
    assert "lms-plc admin open" in ended.text


def test_looking_at_the_address_uses_nothing_up(stranger: Any) -> None:
    address = stranger.offered()
    for _ in range(3):
        page = stranger.get(address)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
    assert stranger.client.head(address, base_url=TOOL).status_code == 200
    assert stranger.client.post(address, base_url=TOOL, headers=OWN_PAGE).status_code == 303


def test_an_address_lets_one_browser_in_and_no_second_one(stranger: Any, app: Any) -> None:
    address = stranger.offered()
    first = app.test_client().post(address, base_url=TOOL, headers=OWN_PAGE)
    second = stranger.client.post(address, base_url=TOOL, headers=OWN_PAGE)
    assert (first.status_code, second.status_code) == (303, 403)
    assert "Set-Cookie" not in second.headers
    assert stranger.get("/admin/").status_code == 403
    assert stranger.get(address).status_code == 403


def test_of_two_at_once_one_gets_in(stranger: Any, house: Any) -> None:
    secret = stranger.offered().rpartition("/")[2]
    both_ready = threading.Barrier(2, timeout=30)

    def take(_: int) -> str | None:
        both_ready.wait()
        with house.database.write() as session:
            return seats.take(session, secret, house.clock())

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, range(2)))
    assert sorted(cookie is None for cookie in taken) == [False, True]


def test_an_address_is_late_after_its_minutes(stranger: Any, clock: Any) -> None:
    in_time, late = stranger.offered(), stranger.offered()
    clock.move(minutes=14, seconds=59)
    assert stranger.client.post(in_time, base_url=TOOL, headers=OWN_PAGE).status_code == 303
    clock.move(seconds=1)
    assert stranger.client.post(late, base_url=TOOL, headers=OWN_PAGE).status_code == 403


def test_another_sites_page_cannot_press_the_button(stranger: Any) -> None:
    address = stranger.offered()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.net"}):
        assert stranger.client.post(address, base_url=TOOL, headers=headers).status_code == 403
    assert stranger.client.post(address, base_url=TOOL, headers=OWN_PAGE).status_code == 303


@pytest.mark.parametrize("secret", ["x", "a" * 43, "%00", "..", "é" * 43])
def test_an_invented_address_opens_nothing(stranger: Any, secret: str) -> None:
    stranger.offered()
    for ask in (stranger.client.get, stranger.client.post):
        answer = ask(f"/admin/enter/{secret}", base_url=TOOL, headers=OWN_PAGE)
        assert answer.status_code in (403, 404)


def test_what_is_stored_opens_nothing(stranger: Any, stored: Any) -> None:
    address = stranger.offered()
    [row] = stored(select(OperatorSeat.digest))
    assert row.digest not in address
    answer = stranger.client.post(f"/admin/enter/{row.digest}", base_url=TOOL, headers=OWN_PAGE)
    assert answer.status_code == 403
    stranger.come_in()
    for row in stored(select(OperatorSeat.digest)):
        stranger.client.set_cookie("__Host-plc_desk", row.digest, domain="plc.example.org", secure=True)
        assert stranger.get("/admin/").status_code == 403


def test_an_offered_address_is_no_cookie_and_a_cookie_no_address(operator: Any, app: Any) -> None:
    other = app.test_client()
    offered = operator.offered().rpartition("/")[2]
    other.set_cookie("__Host-plc_desk", offered, domain="plc.example.org", secure=True)
    assert other.get("/admin/", base_url=TOOL).status_code == 403
    cookie = operator.client.get_cookie("__Host-plc_desk", domain="plc.example.org").value
    assert other.post(f"/admin/enter/{cookie}", base_url=TOOL, headers=OWN_PAGE).status_code == 403


class TestForms:
    def test_a_form_without_the_seats_token_does_nothing(self, operator: Any, events: Any) -> None:
        good = operator.token()
        for token in ("", "x", "a.b", good + "0", good.partition(".")[2], "€.€"):
            refused = operator.post("/admin/links", {"csrf_token": token})
            assert refused.status_code == 403
            assert "Nothing was changed" in refused.text
        assert events("link.made") == []
        assert operator.post("/admin/links", {"csrf_token": good}).status_code == 200

    def test_a_token_of_another_seat_does_not_fit(self, operator: Any, app: Any, house: Any, events: Any) -> None:
        token = operator.token()
        other = type(operator)(app.test_client(), house)
        other.come_in()
        assert other.post("/admin/links", {"csrf_token": token}).status_code == 403
        assert events("link.made") == []

    def test_a_persons_form_token_does_not_fit(self, operator: Any, circle: Any) -> None:
        assert operator.post("/admin/links", {"csrf_token": circle.facilitator.token()}).status_code == 403

    def test_a_form_another_site_made_the_browser_send_does_nothing(self, operator: Any, events: Any) -> None:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.net"}):
            assert operator.post("/admin/links", **headers).status_code == 403
        assert events("link.made") == []


def test_leaving_ends_the_seat_and_its_cookie(operator: Any, stored: Any) -> None:
    cookie = operator.client.get_cookie("__Host-plc_desk", domain="plc.example.org").value
    left = operator.post("/admin/leave")
    assert left.status_code == 200
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    operator.client.set_cookie("__Host-plc_desk", cookie, domain="plc.example.org", secure=True)
    assert operator.get("/admin/").status_code == 403
    assert stored(select(OperatorSeat.digest)) == []


def test_the_form_of_an_ended_seat_does_nothing(operator: Any, events: Any, clock: Any) -> None:
    token = operator.token()
    clock.move(hours=1)
    form = {"csrf_token": token}
    assert operator.client.post("/admin/links", data=form, base_url=TOOL, headers=OWN_PAGE).status_code == 403
    assert events("link.made") == []


def test_expired_seats_are_cleared_by_the_next_one(operator: Any, stored: Any, clock: Any) -> None:
    operator.offered()
    clock.move(hours=2)
    operator.come_in()
    rows = stored(select(OperatorSeat.state, OperatorSeat.expires_at))
    assert [(row.state, row.expires_at) for row in rows] == [("open", clock() + timedelta(hours=1))]


def test_no_page_of_the_desk_is_ever_shown_in_a_frame(operator: Any, app: Any, lms: Any) -> None:
    # an LMS that may frame everything else of ours
    headers = {"Sec-Fetch-Dest": "iframe", "Origin": "https://moodle.example.org"}
    open_pages = [operator.get(path, headers=headers) for path in ("/admin/", "/admin/connect", operator.offered())]
    closed = app.test_client().get("/admin/", base_url=TOOL, headers=headers)
    missing = operator.get("/admin/guide/abacus", headers=headers)
    for page in (*open_pages, closed, missing):
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "strict-origin"
    assert (closed.status_code, missing.status_code) == (403, 404)


def test_over_http_the_cookie_is_one_that_browsers_take(house: Any, clock: Any) -> None:
    trial = house.settings.model_copy(update={"base_url": "http://localhost:8000"})
    app = create_app(trial, clock=clock)
    try:
        with house.database.write() as session:
            address = f"/admin/enter/{seats.offer(session, clock())}"
        client = app.test_client()
        headers = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
        entered = client.post(address, base_url="http://localhost:8000", headers=headers)
        cookie = entered.headers["Set-Cookie"]
        assert cookie.startswith("plc_desk=")
        assert "Secure" not in cookie
        assert client.get("/admin/", base_url="http://localhost:8000").status_code == 200
    finally:
        app.extensions["plc"].database.dispose()
