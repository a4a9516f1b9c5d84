"""Where do the other messages of an LMS lead: a review, a question of privacy, a visitor without a name, a service?"""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select

from lms_plc import jobs
from lms_plc.communities.models import Membership, PlacedLink
from lms_plc.core.activity import Event
from lms_plc.people.models import Identity, Person, Seat
from lms_plc.sites.models import Course, Platform
from lti.claims import LTI

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
PRIVACY = {
    LTI + "message_type": "LtiDataPrivacyLaunchRequest",
    LTI + "resource_link": None,
    LTI + "target_link_uri": None,
}


@pytest.fixture
def placed(circle: Any, stored: Any) -> UUID:
    """Something in course 5 that counts, opening the course's own community."""
    path = urlsplit(circle.facilitator.choose("1").location).path
    form = {"which": "own", "parts": "communities.community_home", "counts": "yes"}
    assert circle.facilitator.post(path, form).status_code == 200
    return UUID(str(stored(select(PlacedLink.id))[0].id))


class TestASubmissionReview:
    def test_it_leads_to_that_persons_completion(self, circle: Any, placed: UUID) -> None:
        landed = urlsplit(circle.facilitator.review("1", "2", placed=placed).location)
        assert landed.path.endswith(f"/placed/{placed}/completions")
        assert parse_qs(landed.query) == {"person": [str(circle.person("2"))]}
        page = circle.facilitator.get(f"{landed.path}?{landed.query}")
        assert "Person 2" in page.text
        assert "Confirm: done" in page.text

    def test_who_leads_the_course_may_look_without_joining_its_community(
        self, circle: Any, placed: UUID, stored: Any
    ) -> None:
        teacher = circle.visitor()
        landed = urlsplit(teacher.review("60", "2", placed=placed).location)
        page = teacher.get(f"{landed.path}?{landed.query}")
        assert (page.status_code, "Person 2" in page.text) == (200, True)
        assert "Confirm: done" not in page.text
        assert stored(select(Membership.id).where(Membership.person_id == circle.person("60"))) == []

    def test_a_member_is_shown_themselves_whoever_the_message_is_about(self, circle: Any, placed: UUID) -> None:
        landed = urlsplit(circle.member.review("2", "1", placed=placed, roles=[]).location)
        listed = circle.member.get(f"{landed.path}?{landed.query}").text.partition("<main")[2]
        assert "Person 2" in listed
        assert "Person 1" not in listed

    def test_of_somebody_who_never_came_it_shows_everybody_and_makes_nobody(
        self, circle: Any, placed: UUID, stored: Any
    ) -> None:
        landed = urlsplit(circle.facilitator.review("1", "404", placed=placed).location)
        assert landed.path.endswith("/completions")
        assert landed.query == ""
        assert stored(select(Identity.id).where(Identity.subject == "404")) == []

    def test_in_a_copy_of_the_course_it_leads_to_the_copys_community(
        self, circle: Any, placed: UUID, stored: Any
    ) -> None:
        copied = {"custom": {"context_id_history": "5"}}
        teacher = circle.visitor()
        teacher.launch("1", "6", roles=[INSTRUCTOR], **copied)
        landed = urlsplit(teacher.review("1", "2", "6", placed=placed, **copied).location).path
        assert "/communities/" in landed
        assert teacher.get(landed).status_code == 200

    def test_of_what_was_not_placed_here_it_leads_to_the_community(self, circle: Any) -> None:
        landed = circle.facilitator.review("1", "2", placed="nothing").location
        assert landed.endswith(circle.home)

    def test_without_saying_whose_it_is_no_review(self, circle: Any, placed: UUID) -> None:
        refused = circle.facilitator.review("1", "2", placed=placed, **{LTI + "for_user": None})
        assert refused.status_code >= 400
        assert "<code>for_user_malformed</code>" in refused.text


class TestAQuestionOfPrivacy:
    @pytest.mark.parametrize("course", [None, {"id": "5", "title": "Course 5"}])
    def test_it_leads_to_what_is_kept_about_whoever_asks(
        self, circle: Any, course: dict[str, str] | None, said: Any
    ) -> None:
        landed = circle.member.launch("2", context=course, **PRIVACY).location
        assert landed.endswith("/kept")
        page = circle.member.get(landed)
        assert "Person 2" in said(page)
        assert "Communities you are or were in" in said(page)

    def test_without_a_course_it_leaves_courses_as_they_were(self, circle: Any, stored: Any) -> None:
        before = stored(select(func.count()).select_from(Course))
        circle.member.launch("2", context=None, **PRIVACY)
        assert stored(select(func.count()).select_from(Course)) == before

    def test_somebody_new_is_told_what_this_launch_said(self, circle: Any, stored: Any, said: Any) -> None:
        somebody = circle.visitor()
        landed = somebody.launch("80", context=None, **PRIVACY).location
        assert "How your learning platform knows you (a number) 1" in said(somebody.get(landed))
        assert stored(select(Membership.id).where(Membership.person_id == circle.person("80"))) == []

    def test_of_somebody_else_it_tells_nothing(self, circle: Any, said: Any) -> None:
        landed = circle.member.launch("2", context=None, **PRIVACY, **{LTI + "for_user": {"user_id": "1"}}).location
        page = circle.member.get(landed)
        assert "Person 2" in said(page)
        assert "Person 1" not in said(page)

    def test_the_same_question_again_writes_nothing_about_anybody(self, circle: Any, stored: Any) -> None:
        circle.member.launch("2", context=None, **PRIVACY)
        before = stored(select(func.count()).select_from(Event))
        circle.member.launch("2", context=None, **PRIVACY)
        assert stored(select(func.count()).select_from(Event)) == before

    def test_a_link_without_a_course_is_still_refused(self, circle: Any) -> None:
        assert "course_missing" in circle.member.launch("2", context=None).text


NAMELESS = {"sub": None, "name": None, "given_name": None, "family_name": None, "email": None}


class TestAVisitorWithoutAName:
    def test_is_refused_unless_the_setting_lets_them_look(self, circle: Any, stored: Any) -> None:
        refused = circle.visitor().launch("x", **NAMELESS)
        assert "<code>subject_missing</code>" in refused.text
        assert len(stored(select(Person.id))) == 2

    class TestWhereTheyMayLook:
        @pytest.fixture
        def house(self, house: Any) -> Any:
            house.settings.anonymous_launches = True
            return house

        def test_they_are_told_what_the_community_is_and_nothing_of_anybody_in_it(
            self, circle: Any, stored: Any, said: Any
        ) -> None:
            circle.start(circle.member, "Exit tickets", "Our words")
            seats = len(stored(select(Seat.id)))
            page = circle.visitor().launch("x", **NAMELESS)
            assert page.status_code == 200
            assert "Maths circle" in said(page)
            assert "A community of 2 persons." in said(page)
            for kept in ("Person 1", "Person 2", "Exit tickets", "Our words", "/s/"):
                assert kept not in page.text
            assert f"frame-ancestors 'self' {LMS}" in page.headers["Content-Security-Policy"]
            assert len(stored(select(Person.id))) == 2
            assert len(stored(select(Seat.id))) == seats

        def test_where_nothing_is_open_they_are_told_that_they_have_no_name(self, visitor: Any, said: Any) -> None:
            page = visitor().launch("x", **NAMELESS)
            assert "did not say who you are" in said(page)

        def test_without_a_cookie_they_still_get_no_seat(self, app: Any, lms: Any, circle: Any, stored: Any) -> None:
            seats = len(stored(select(Seat.id)))
            client = app.test_client(use_cookies=False)
            login = client.post("/lti/login", data=lms.platform.login_form(), base_url=TOOL)
            fields = lms.platform.launch_form(login.location, **lms.claims("x", "5", **NAMELESS))
            page = client.post("/lti/launch", data=fields, base_url=TOOL)
            ticket = page.text.partition('name="ticket" value="')[2].partition('"')[0]
            headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
            shown = client.post("/lti/continue", data={"ticket": ticket}, base_url=TOOL, headers=headers)
            assert (shown.status_code, "Maths circle" in shown.text) == (200, True)
            assert len(stored(select(Seat.id))) == seats

        def test_they_choose_nothing_and_ask_nothing(self, circle: Any) -> None:
            assert "placing_refused" in circle.visitor().choose("x", **NAMELESS).text
            assert "course_missing" in circle.visitor().launch("x", context=None, **PRIVACY, **NAMELESS).text

        def test_who_is_named_comes_in_as_ever(self, circle: Any) -> None:
            assert circle.visitor().launch("2").location.endswith(circle.home)


class TestAServiceForNotices:
    @staticmethod
    def offered(*types: str, url: str = f"{LMS}/notices") -> dict[str, Any]:
        service = {"platform_notification_service_url": url, "notice_types_supported": list(types)}
        return {LTI + "platformnotificationservice": service}

    def test_it_is_asked_for_notices_once(self, visitor: Any, stored: Any, house: Any) -> None:
        somebody = visitor()
        for _ in range(2):
            somebody.launch("1", **self.offered("LtiContextCopyNotice", "LtiHelloWorldNotice"))
        kept = stored(select(Platform.notices))[0].notices
        assert kept == {
            "url": f"{LMS}/notices",
            "offered": ["LtiContextCopyNotice", "LtiHelloWorldNotice"],
            "subscribed": {},
        }
        with house.database.read() as connection:
            assert jobs.state(connection).waiting == 1

    @pytest.mark.parametrize(
        "new", [{"url": f"{LMS}/elsewhere", "types": ("A",)}, {"url": f"{LMS}/notices", "types": ("A", "B")}]
    )
    def test_what_it_newly_says_of_itself_is_taken_over(self, visitor: Any, stored: Any, new: dict[str, Any]) -> None:
        somebody = visitor()
        somebody.launch("1", **self.offered("A"))
        somebody.launch("1", **self.offered(*new["types"], url=new["url"]))
        kept = stored(select(Platform.notices))[0].notices
        assert (kept["url"], kept["offered"]) == (new["url"], list(new["types"]))

    def test_a_launch_that_offers_none_takes_none_away(self, visitor: Any, stored: Any) -> None:
        somebody = visitor()
        somebody.launch("1", **self.offered("A"))
        somebody.launch("1")
        assert stored(select(Platform.notices))[0].notices["offered"] == ["A"]

    def test_an_address_that_is_none_counts_as_none(self, visitor: Any, stored: Any) -> None:
        visitor().launch("1", **self.offered("A", url="javascript:alert(1)"))
        assert stored(select(Platform.notices)) == [({},)]
