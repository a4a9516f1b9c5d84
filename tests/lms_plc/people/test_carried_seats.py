"""Who sits where no cookie is kept? Whose LMS kept a secret for them, on the way from our own pages only."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from lms_plc.discussions.models import Post, Topic
from lms_plc.logs import write_logs
from lms_plc.people.models import Seat
from lms_plc.people.seats import CARRIED_FOR, OPEN_FOR, Browser, Seated, carried_browser, cookie_browser, find_seat
from lms_plc.sites.models import Login, Ticket

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
OUR_FORM = {"Origin": TOOL, **FROM_OUR_PAGE}


@dataclass
class Framed:
    """A browser that keeps no cookie of ours inside the LMS's frame."""

    client: Any
    lms: Any
    address: str = ""

    def begin(self, subject: str) -> tuple[str, str]:
        """Login and launch; (the ticket, the secret that the platform's page keeps)."""
        form = self.lms.platform.login_form(login_hint=subject) | {"lti_storage_target": "_parent"}
        page = self.client.post("/lti/login", data=form, base_url=TOOL)
        assert page.status_code == 200, page.text
        kept = attribute(page.text, "storage-value")
        fields = self.lms.platform.launch_form(attribute(page.text, "next"), **self.lms.claims(subject, "5"))
        offered = self.client.post("/lti/launch", data=fields, base_url=TOOL, headers={"Origin": LMS})
        assert offered.status_code == 200
        assert attribute(offered.text, "storage-key") == attribute(page.text, "storage-key")
        assert attribute(offered.text, "storage-origin") == LMS
        assert kept not in offered.text
        ticket = re.search(r'name="ticket" value="([^"]+)"', offered.text)
        assert ticket is not None
        return ticket[1], kept

    def go_on(self, ticket: str, proof: str, **headers: str) -> Any:
        return self.client.post(
            "/lti/continue", data={"ticket": ticket, "proof": proof}, base_url=TOOL, headers=headers or OUR_FORM
        )

    def come_in(self, subject: str) -> Any:
        entered = self.go_on(*self.begin(subject))
        assert entered.status_code == 303, entered.text
        self.address = urlsplit(entered.location).path
        return entered

    def get(self, path: str = "", **headers: str) -> Any:
        return self.client.get(path or self.address, base_url=TOOL, headers=headers or self.from_this_sitting(path))

    def from_this_sitting(self, path: str = "") -> dict[str, str]:
        """What a browser says that goes on from a page of the sitting this address belongs to."""
        seat = "/".join((path or self.address).split("/")[:3])
        return {"Referer": f"{TOOL}{seat}/communities".encode().decode("latin-1"), **FROM_OUR_PAGE}


def attribute(text: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]+)"', text)
    assert found is not None, name
    return unescape(found[1])


@pytest.fixture
def framed(app: Any, circle: Any) -> Callable[[], Framed]:
    return lambda: Framed(app.test_client(use_cookies=False), circle.facilitator.lms)


class TestComingIn:
    def test_who_can_read_the_secret_back_goes_on_in_the_frame(
        self, framed: Any, circle: Any, clock: Any, stored: Any
    ) -> None:
        browser = framed()
        browser.come_in("2")
        assert re.fullmatch(rf"/s/[a-z0-9]{{8}}\.[A-Za-z0-9_-]{{43}}{circle.home}", browser.address)
        page = browser.get()
        assert (page.status_code, "Person 2" in page.text) == (200, True)
        assert page.headers["Referrer-Policy"] == "same-origin"
        secret = browser.address.split("/")[2].partition(".")[2]
        row = stored(select(Seat.__table__).order_by(Seat.opened_at.desc(), Seat.id.desc()))[0]
        assert row.expires_at == clock() + CARRIED_FOR
        assert secret not in str(stored(select(Seat.__table__)))
        assert CARRIED_FOR < OPEN_FOR

    def test_its_links_and_forms_lead_on_in_the_same_seat(self, framed: Any, circle: Any) -> None:
        browser = framed()
        browser.come_in("2")
        seat = browser.address.split("/")[2]
        page = browser.get()
        assert f"/s/{seat}{circle.home}/topics" in page.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        form = {"charter": "We listen.", "based_on": "0", "csrf_token": token[1]}
        path = f"/s/{seat}{circle.home}/charter/edit"
        saved = browser.client.post(path, data=form, base_url=TOOL, headers=OUR_FORM | browser.from_this_sitting())
        assert (saved.status_code, saved.location.split("/")[2]) == (303, seat)
        foreign = browser.client.post(
            path, data=form, base_url=TOOL, headers={"Origin": LMS, **browser.from_this_sitting()}
        )
        assert foreign.status_code == 403

    def test_from_it_one_can_go_on_in_a_window_of_its_own_by_cookie(self, framed: Any, circle: Any, app: Any) -> None:
        browser = framed()
        browser.come_in("2")
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get().text)
        assert token is not None
        path = f"/s/{browser.address.split('/')[2]}/new-window"
        form = {"page": circle.home, "csrf_token": token[1]}
        offered = browser.client.post(path, data=form, base_url=TOOL, headers=OUR_FORM | browser.from_this_sitting())
        ticket = re.search(r'name="ticket" value="([^"]+)"', offered.text)
        assert ticket is not None
        window = app.test_client()
        entered = window.post("/lti/continue", data={"ticket": ticket[1]}, base_url=TOOL, headers=OUR_FORM)
        assert re.fullmatch(rf"/s/[a-z0-9]{{8}}{circle.home}", entered.location)
        assert "Person 2" in window.get(entered.location, base_url=TOOL).text

    @pytest.mark.parametrize("proof", ["", "x", "A" * 43, "é"])
    def test_who_cannot_show_the_secret_does_not_and_has_used_the_ticket(
        self, framed: Any, stored: Any, proof: str
    ) -> None:
        browser = framed()
        seats = len(stored(select(Seat.id)))
        ticket, kept = browser.begin("2")
        refused = browser.go_on(ticket, proof)
        assert (refused.status_code, "<code>proof_differs</code>" in refused.text) == (403, True)
        assert browser.go_on(ticket, kept).status_code == 403
        assert len(stored(select(Seat.id))) == seats

    def test_the_secret_of_another_login_is_no_proof(self, framed: Any) -> None:
        browser, other = framed(), framed()
        ticket, _ = browser.begin("2")
        _, kept = other.begin("1")
        assert browser.go_on(ticket, kept).status_code == 403

    def test_another_site_cannot_send_the_form(self, framed: Any) -> None:
        browser = framed()
        ticket, kept = browser.begin("2")
        refused = browser.go_on(ticket, kept, **{"Origin": LMS, "Sec-Fetch-Site": "cross-site"})
        assert (refused.status_code, "<code>origin_foreign</code>" in refused.text) == (403, True)

    def test_neither_secret_is_stored_as_it_is(self, framed: Any, stored: Any) -> None:
        browser = framed()
        ticket, kept = browser.begin("2")
        everything = f"{stored(select(Ticket.__table__))} {stored(select(Login.__table__))}"
        assert ticket not in everything
        assert kept not in everything

    def test_a_browser_that_keeps_its_cookie_after_all_sits_by_it(self, app: Any, circle: Any) -> None:
        """Two ways in at once would be two seats."""
        browser = Framed(app.test_client(use_cookies=False), circle.facilitator.lms)
        ticket, kept = browser.begin("2")
        browser.client = app.test_client()
        browser.client.set_cookie("__Host-plc_browser", "m" * 43, domain="plc.example.org", secure=True)
        entered = browser.go_on(ticket, kept)
        assert re.match(r"/s/[a-z0-9]{8}/", entered.location)


class TestWhereTheAddressOpensNothing:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"User-Agent": "says nothing of where it comes from"},
            {"Sec-Fetch-Site": "Same-Origin"},
        ],
        ids=["typed, in a mail or a bookmark", "in a chat of another site", "a neighbour", "an old browser", "nearly"],
    )
    def test_in_another_browser_or_from_elsewhere(self, framed: Any, circle: Any, headers: dict[str, str]) -> None:
        browser = framed()
        browser.come_in("2")
        for client in (browser, framed()):
            refused = client.get(browser.address, **headers)
            assert refused.status_code == 401
            assert "Maths circle" not in refused.text
        assert browser.get().status_code == 200

    @pytest.mark.parametrize(
        "before",
        ["", "/s/another0/communities", "/s/{word}/communities", "/s/{word}.", "/healthz", "/admin/"],
    )
    def test_behind_a_link_that_somebody_pasted_into_a_post(self, framed: Any, circle: Any, before: str) -> None:
        """Same origin, says the browser; but links that people write send no page they came from, or another one."""
        browser = framed()
        browser.come_in("2")
        word = browser.address.split("/")[2].partition(".")[0]
        said = {"Referer": TOOL + before.format(word=word)} if before else {}
        assert browser.get(browser.address, **FROM_OUR_PAGE, **said).status_code == 401
        elsewhere = {"Referer": f"https://evil.example.net{browser.address}/"}
        assert browser.get(browser.address, **FROM_OUR_PAGE, **elsewhere).status_code == 401

    def test_what_is_written_keeps_the_address_and_not_its_secret(self, framed: Any, circle: Any, stored: Any) -> None:
        browser = framed()
        browser.come_in("2")
        secret = browser.address.split("/")[2].partition(".")[2]
        words = f"See {TOOL}{browser.address} and say what you think."
        given = {"title": words, "purpose": "question", "body": words, "form_key": "k" * 20}
        assert circle.facilitator.post(f"{circle.home}/topics/new", given).status_code == 303
        rows = [*stored(select(Topic.__table__)), *stored(select(Post.__table__))]
        assert rows
        assert all(secret not in str(row) for row in rows)
        assert any(f"{circle.home} and say" in str(row) for row in rows)

    def test_a_colleague_who_opens_it_lands_at_their_own_seat(self, framed: Any, circle: Any) -> None:
        browser = framed()
        browser.come_in("2")
        led = circle.facilitator.client.get(browser.address, base_url=TOOL, headers={"Sec-Fetch-Site": "none"})
        assert (led.status_code, led.location) == (302, f"/s/{circle.facilitator.seat}{circle.home}")

    def test_after_two_hours(self, framed: Any, clock: Any) -> None:
        browser = framed()
        browser.come_in("2")
        clock.move(hours=1, minutes=59)
        assert browser.get().status_code == 200
        clock.move(minutes=1)
        assert browser.get().status_code == 401

    def test_with_another_secret_or_without_one(self, framed: Any, circle: Any) -> None:
        browser = framed()
        browser.come_in("2")
        word = browser.address.split("/")[2].partition(".")[0]
        for seat in (word, f"{word}.", f"{word}.{'A' * 43}", f"{word}.short", f"{word}.{'é' * 20}", f".{'A' * 43}"):
            assert browser.get(f"/s/{seat}{circle.home}").status_code == 401
        assert browser.get().status_code == 200

    def test_a_secret_and_a_cookie_of_the_same_text_are_two_browsers(self, house: Any, circle: Any) -> None:
        cookie = circle.member.client.get_cookie("__Host-plc_browser", domain="plc.example.org").value
        assert cookie_browser(cookie).digest != carried_browser(cookie).digest
        with house.database.read() as connection:
            found = [
                find_seat(connection, browser, circle.member.seat, house.clock())
                for browser in (cookie_browser(cookie), carried_browser(cookie))
            ]
        assert [seat is not None for seat in found] == [True, False]
        copied = f"/s/{circle.member.seat}.{cookie}{circle.home}"
        assert circle.visitor().client.get(copied, base_url=TOOL, headers=FROM_OUR_PAGE).status_code == 401

    def test_when_it_has_ended_the_lms_may_still_frame_the_page_that_says_so(self, framed: Any, clock: Any) -> None:
        browser = framed()
        browser.come_in("2")
        clock.move(hours=3)
        ended = browser.get()
        assert ended.status_code == 401
        assert f"frame-ancestors 'self' {LMS}" in ended.headers["Content-Security-Policy"]

    def test_leaving_it_leaves_whoever_sits_by_cookie(self, app: Any, framed: Any, circle: Any) -> None:
        browser = framed()
        browser.come_in("2")
        colleague = circle.facilitator
        page = browser.get()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        path = f"/s/{browser.address.split('/')[2]}/leave"
        left = colleague.client.post(
            path, data={"csrf_token": token[1]}, base_url=TOOL, headers=OUR_FORM | browser.from_this_sitting()
        )
        assert left.status_code == 200
        assert "Set-Cookie" not in left.headers
        assert colleague.get(circle.home).status_code == 200
        assert browser.get().status_code == 401

    def test_once_it_was_left(self, framed: Any, stored: Any) -> None:
        browser = framed()
        browser.come_in("2")
        page = browser.get()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        path = f"/s/{browser.address.split('/')[2]}/leave"
        left = browser.client.post(
            path, data={"csrf_token": token[1]}, base_url=TOOL, headers=OUR_FORM | browser.from_this_sitting()
        )
        assert left.status_code == 200
        assert browser.address.split("/")[2] not in left.text
        assert browser.get().status_code == 401


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_its_secret_is_in_no_log_and_no_repr(
    framed: Any, circle: Any, log_format: str, capfd: Any, caplog: Any, clock: Any
) -> None:
    write_logs(log_format)
    try:
        caplog.set_level(logging.DEBUG)
        browser = framed()
        browser.come_in("2")
        seat = browser.address.split("/")[2]
        secret = seat.partition(".")[2]
        browser.get()
        assert browser.get(f"/s/{seat}/nowhere").status_code == 404
        assert browser.get(f"/s/{seat}/communities/{clock}").status_code == 404
        broken = browser.client.post(
            f"/s/{seat}{circle.home}/charter/edit", base_url=TOOL, headers=OUR_FORM | browser.from_this_sitting()
        )
        assert broken.status_code == 403
        assert browser.get(browser.address, **{"Sec-Fetch-Site": "none"}).status_code == 401
        said = capfd.readouterr()
        words = said.out + said.err + caplog.text
        assert "answered with an error page" in words
        assert secret not in words
    finally:
        write_logs("text")
    seated = Seated(circle.id, "word", circle.id, circle.id, "Name", None, None, secret)
    assert secret not in repr(seated) + repr(carried_browser(secret))
    assert "Name" not in repr(seated)
    assert repr(Browser("d")) == "Browser(cookie)"
