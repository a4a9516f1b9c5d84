"""Which launches come in, which are refused, and how does somebody get in whose browser keeps no cookies in a frame?"""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from lms_plc.communities.models import Community
from lms_plc.people.models import Person, Seat
from lms_plc.sites.actions import approve_deployment
from lms_plc.sites.models import Deployment, Login, Platform, Ticket
from lms_plc.sites.stores import clear_expired

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
COOKIE = "__Host-plc_browser"


def code_of(answer: Any) -> str:
    found = re.search(r"<code>([a-z_]+)</code>", answer.text)
    assert found is not None, answer.text
    return found[1]


def log_in(lms: Any, client: Any, **changes: Any) -> Any:
    return client.post("/lti/login", data=lms.platform.login_form(**changes), base_url=TOOL)


def post_launch(client: Any, fields: dict[str, str]) -> Any:
    return client.post("/lti/launch", data=fields, base_url=TOOL, headers={"Origin": LMS})


def test_an_unknown_deployment_waits_until_it_is_approved_and_then_opens(
    visitor: Any, house: Any, events: Any, stored: Any
) -> None:
    somebody = visitor()
    for _ in range(2):
        refused = somebody.launch("9", deployment_id="77")
        assert (refused.status_code, code_of(refused)) == (403, "deployment_waiting")
        assert "not been approved" in refused.text
    waiting = stored(select(Deployment.deployment_id, Deployment.platform_id, Deployment.approved_at))
    assert ("77", None) in [(row.deployment_id, row.approved_at) for row in waiting]
    assert len(events("deployment.appeared")) == 1
    assert stored(select(Person.id)) == []

    with house.database.write() as session:
        approve_deployment(session, waiting[0].platform_id, "77", house.clock())
    assert somebody.launch("9", deployment_id="77").status_code == 303
    assert [event.facts["deployment_id"] for event in events("deployment.approved")] == ["1", "77"]


def test_approving_twice_is_one_event(lms: Any, house: Any, events: Any, stored: Any) -> None:
    platform_id = stored(select(Platform.id))[0].id
    for _ in range(2):
        with house.database.write() as session:
            approve_deployment(session, platform_id, "78", house.clock())
    assert [event.facts["deployment_id"] for event in events("deployment.approved")] == ["1", "78"]


def test_an_unknown_platform_is_refused_and_a_known_one_is_led_on(app: Any, lms: Any) -> None:
    client = app.test_client()
    refused = log_in(lms, client, iss="https://elsewhere.example.net")
    assert (refused.status_code, code_of(refused)) == (403, "platform_unknown")
    assert log_in(lms, client).status_code == 302


def test_a_registration_that_is_gone_is_refused(app: Any, lms: Any, house: Any, clock: Any) -> None:
    client = app.test_client()
    login = log_in(lms, client)
    with house.database.write() as session:
        for row in session.execute(select(Login)).scalars():
            row.platform_id = "00000000-0000-7000-8000-000000000000"
    refused = post_launch(client, lms.platform.launch_form(login.location, **lms.claims("1", "5")))
    assert code_of(refused) == "registration_unknown"


def test_a_replayed_launch_is_refused_as_already_used(app: Any, lms: Any) -> None:
    client = app.test_client()
    login = log_in(lms, client)
    fields = lms.platform.launch_form(login.location, **lms.claims("1", "5"))
    assert post_launch(client, fields).status_code == 303
    assert code_of(post_launch(client, fields)) == "state_unknown"


def test_an_old_login_is_refused_and_swept_away(app: Any, lms: Any, house: Any, clock: Any, stored: Any) -> None:
    client = app.test_client()
    login = log_in(lms, client)
    clock.move(minutes=11)
    fields = lms.platform.launch_form(login.location, **lms.claims("1", "5"))
    assert code_of(post_launch(client, fields)) == "state_expired"
    log_in(lms, client)
    clear_expired(house.database, clock)
    assert len(stored(select(Login.state_digest))) == 1
    clock.move(minutes=11)
    clear_expired(house.database, clock)
    assert stored(select(Login.state_digest)) == []


def test_an_expired_token_is_refused(app: Any, lms: Any, clock: Any) -> None:
    client = app.test_client()
    login = log_in(lms, client)
    fields = lms.platform.launch_form(login.location, **lms.claims("1", "5"))
    clock.move(minutes=3)
    assert code_of(post_launch(client, fields)) == "token_expired"


def test_a_launch_from_no_course_is_refused_with_a_sentence(visitor: Any) -> None:
    somebody = visitor()
    refused = somebody.launch("1", context=None)
    assert (refused.status_code, code_of(refused)) == (400, "course_missing")
    assert "not opened from a course" in refused.text
    assert somebody.launch("1").status_code == 303


def test_a_refusal_offers_the_way_back_to_the_course(visitor: Any) -> None:
    refused = visitor().launch("1", context=None)
    assert "https://moodle.example.org/mod/lti/return.php" in refused.text


class TestTheWayBack:
    """What the LMS is told with whoever goes back (LTI Core 1.3 §5.4.4)."""

    @staticmethod
    def way(visitor: Any, return_url: object) -> str | None:
        refused = visitor().launch("1", context=None, launch_presentation={"return_url": return_url})
        found = re.search(r'<a class="button primary" href="([^"]+)" target="_top"', refused.text)
        return unescape(found[1]) if found else None

    def test_the_sentence_is_for_the_person_and_the_code_with_its_reference_for_the_lmss_log(
        self, visitor: Any
    ) -> None:
        refused = visitor().launch("1", context=None)
        found = re.search(r'href="(https://moodle[^"]+)" target="_top"', refused.text)
        assert found is not None
        query = parse_qs(urlsplit(unescape(found[1])).query)
        assert query["lti_errormsg"] == [
            "This link was not opened from a course. Please open it from a course of yours."
        ]
        code, reference = query["lti_errorlog"][0].split()
        assert code == "course_missing"
        assert reference in refused.text.replace(unescape(found[1]), "")

    def test_its_own_query_is_kept_and_ours_is_said_once(self, visitor: Any) -> None:
        way = self.way(visitor, f"{LMS}/return?course=5&empty=&a=1&a=2&x=%C3%A9&lti_errormsg=theirs#part")
        assert way is not None
        assert way.startswith(f"{LMS}/return?")
        assert urlsplit(way).fragment == "part"
        query = parse_qs(urlsplit(way).query, keep_blank_values=True)
        assert {name: query[name] for name in ("course", "empty", "a", "x")} == {
            "course": ["5"],
            "empty": [""],
            "a": ["1", "2"],
            "x": ["é"],
        }
        assert len(query["lti_errormsg"]) == len(query["lti_errorlog"]) == 1
        assert query["lti_errormsg"] != ["theirs"]

    def test_an_address_without_a_query_gets_one(self, visitor: Any) -> None:
        way = self.way(visitor, f"{LMS}/return")
        assert way is not None
        assert set(parse_qs(urlsplit(way).query)) == {"lti_errormsg", "lti_errorlog"}

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "/return", 'https://x"><script>', 5, None, "http://["])
    def test_an_address_nobody_may_be_sent_to_is_no_way_back(self, visitor: Any, address: object) -> None:
        assert self.way(visitor, address) is None

    def test_before_the_signature_holds_there_is_none(self, app: Any, lms: Any) -> None:
        client = app.test_client()
        login = log_in(lms, client)
        spoiled = lms.platform.launch_form(login.location, spoil="signed_by_a_stranger", **lms.claims("1", "5"))
        refused = post_launch(client, spoiled)
        assert code_of(refused) == "signature_wrong"
        assert "lti_errormsg" not in refused.text


class TestWithoutCookies:
    """A browser that drops the cookies of a foreign frame."""

    @pytest.fixture
    def ticket(self, app: Any, lms: Any, said: Any) -> Callable[[], str]:
        """``ticket()``: launches without a cookie, and answers the ticket of the page's form."""

        def launched() -> str:
            client = app.test_client(use_cookies=False)
            login = log_in(lms, client)
            fields = lms.platform.launch_form(login.location, **lms.claims("1", "5", name="Somebody New"))
            page = post_launch(client, fields)
            assert page.status_code == 200
            assert "Continue as Somebody New" in said(page)
            assert "Course 5" in said(page)
            assert 'target="_blank"' in page.text
            assert 'action="/lti/continue"' in page.text
            found = re.search(r'name="ticket" value="([A-Za-z0-9_-]+)"', page.text)
            assert found is not None
            return found[1]

        return launched

    def proceed(self, client: Any, ticket: str, **headers: str) -> Any:
        headers = headers or {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
        return client.post("/lti/continue", data={"ticket": ticket}, base_url=TOOL, headers=headers)

    def test_a_new_window_leads_in_once(self, app: Any, ticket: Any, stored: Any) -> None:
        secret, window = ticket(), app.test_client()
        assert stored(select(Seat.id)) == []
        entered = self.proceed(window, secret)
        assert entered.status_code == 303
        page = window.get(urlsplit(entered.location).path, base_url=TOOL)
        assert page.status_code == 200
        assert "Somebody New" in page.text
        again = self.proceed(window, secret)
        assert (again.status_code, code_of(again)) == (403, "ticket_unknown")

    def test_a_ticket_is_late_after_five_minutes(self, app: Any, ticket: Any, clock: Any) -> None:
        secret = ticket()
        clock.move(minutes=5)
        refused = self.proceed(app.test_client(), secret)
        assert (refused.status_code, code_of(refused)) == (403, "ticket_expired")

    def test_a_ticket_is_good_just_before(self, app: Any, ticket: Any, clock: Any) -> None:
        secret = ticket()
        clock.move(minutes=4, seconds=59)
        assert self.proceed(app.test_client(), secret).status_code == 303

    def test_a_form_of_another_site_cannot_use_it(self, app: Any, ticket: Any) -> None:
        secret = ticket()
        for headers in (
            {"Origin": "https://evil.example.net", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example.net"},
            {"Sec-Fetch-Site": "cross-site"},
            {"User-Agent": "says nothing"},
        ):
            refused = self.proceed(app.test_client(), secret, **headers)
            assert (refused.status_code, code_of(refused)) == (403, "origin_foreign")
        assert self.proceed(app.test_client(), secret).status_code == 303

    def test_no_ticket_is_refused(self, app: Any, ticket: Any) -> None:
        ticket()
        assert code_of(self.proceed(app.test_client(), "")) == "ticket_missing"

    def test_what_is_stored_of_a_ticket_opens_nothing(self, app: Any, ticket: Any, stored: Any) -> None:
        ticket()
        kept = stored(select(Ticket.ticket_digest, Ticket.passage))[0]
        assert code_of(self.proceed(app.test_client(), kept.ticket_digest)) == "ticket_unknown"
        assert "Somebody New" not in str(kept.passage)


def test_the_button_opens_the_same_page_in_a_window_of_its_own(app: Any, circle: Any) -> None:
    framed = circle.member.get(circle.home, headers={"Sec-Fetch-Dest": "iframe"})
    assert f"/s/{circle.member.seat}/new-window" in framed.text
    assert "/new-window" not in circle.member.get(circle.home).text
    page = circle.member.post("/new-window", {"page": circle.home})
    found = re.search(r'name="ticket" value="([A-Za-z0-9_-]+)"', page.text)
    assert found is not None
    window = app.test_client()
    headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    entered = window.post("/lti/continue", data={"ticket": found[1]}, base_url=TOOL, headers=headers)
    seat = urlsplit(entered.location).path.split("/")[2]
    assert seat != circle.member.seat
    assert entered.location == f"/s/{seat}{circle.home}"
    assert "Person 2" in window.get(entered.location, base_url=TOOL).text


@pytest.mark.parametrize("page", ["//evil.example.net", "https://evil.example.net/", "/../x", "/communities/x?y", ""])
def test_the_new_window_leads_nowhere_else(app: Any, circle: Any, page: str) -> None:
    shown = circle.member.post("/new-window", {"page": page})
    found = re.search(r'name="ticket" value="([A-Za-z0-9_-]+)"', shown.text)
    assert found is not None
    headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    window = app.test_client()
    entered = window.post("/lti/continue", data={"ticket": found[1]}, base_url=TOOL, headers=headers)
    assert re.fullmatch(r"/s/[a-z0-9]{8}/", entered.location)


def test_whoever_opens_the_launch_address_by_hand_is_told_the_way(app: Any) -> None:
    page = app.test_client().get("/lti/launch", base_url=TOOL)
    assert page.status_code == 200
    assert "opens from a course" in page.text


def test_an_lms_that_asks_to_be_registered_is_shown_the_values(app: Any) -> None:
    page = app.test_client().get("/lti/register", base_url=TOOL)
    assert page.status_code == 403
    for value in (f"{TOOL}/lti/launch", f"{TOOL}/lti/login", f"{TOOL}/lti/jwks", "$Context.id.history"):
        assert value in page.text


def test_the_tools_public_keys_are_published_and_may_be_cached(app: Any) -> None:
    answer = app.test_client().get("/lti/jwks", base_url=TOOL)
    keys = answer.get_json()["keys"]
    assert keys
    assert not any("d" in key for key in keys)
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_a_person_founds_the_community_of_their_course(circle: Any, stored: Any, events: Any) -> None:
    assert [row.name for row in stored(select(Community.name))] == ["Maths circle"]
    founded, role = events("community.founded", "role.assigned")
    assert founded.actor_id == circle.person("1") == role.actor_id
    assert role.facts == {"role": "facilitator", "until": None}
