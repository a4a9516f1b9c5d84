"""What may somebody place in a course, and what exactly is the LMS told?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lms_plc.communities.models import Community, Membership, PlacedLink, Placement, RoleAssignment
from lms_plc.core.policy import Actor, NotThere, Role, load
from lms_plc.placing import actions
from lms_plc.placing.forms import ChoiceForm
from lms_plc.sites.models import Course, DeepLinkRequest
from lms_plc.sites.stores import StoredToolKeys, clear_expired
from lti.claims import DEEP_LINKING, LTI
from lti.jose import read_key_set, verify
from lti.toolkeys import current_key, rotate

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
HOME, TALK = "communities.community_home", "discussions.topic_list"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTRUCTOR, LEARNER, DEVELOPER = (f"{MEMBERSHIP}#{name}" for name in ("Instructor", "Learner", "ContentDeveloper"))
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


def choice(**form: Any) -> dict[str, Any]:
    return {"which": "own", "parts": HOME, **form}


@pytest.fixture
def answered(app: Any, sent: Any) -> Callable[[Any], dict[str, Any]]:
    """``answered(page)``: the claims of the signed answer, checked with the keys this tool publishes."""

    def read(page: Any) -> dict[str, Any]:
        published = read_key_set(app.test_client().get("/lti/jwks", base_url=TOOL).data)
        token = sent(page).fields["JWT"]
        for key in published.values():
            try:
                return verify(token, key).as_json()
            except ValueError:
                continue
        pytest.fail("no published key fits the answer")

    return read


def items(claims: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = claims[DEEP_LINKING + "content_items"]
    return found


class TestTheAnswer:
    def test_it_is_signed_for_this_platform_and_says_where_each_item_opens(
        self, circle: Any, choosing: Any, answered: Any, sent: Any, stored: Any, clock: Any, events: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        page = circle.facilitator.post(path, choice(title="Our talk", text="We meet here.", counts="yes"))
        claims = answered(page)
        assert sent(page).action == f"{LMS}/mod/lti/contentitem_return.php?course=5&sesskey=EXAMPLE"
        assert (claims["iss"], claims["aud"]) == ("plc-client", [LMS])
        assert 0 < claims["exp"] - claims["iat"] <= 600
        assert claims["iat"] <= clock().timestamp() < claims["exp"]
        assert len(claims["nonce"]) >= 32
        assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
        assert claims[LTI + "version"] == "1.3.0"
        assert claims[LTI + "deployment_id"] == "1"
        assert DEEP_LINKING + "data" not in claims
        link = stored(select(PlacedLink.__table__))[0]
        url = f"{TOOL}/placed/{link.id}"
        assert items(claims) == [
            {
                "type": "ltiResourceLink",
                "url": url,
                "title": "Our talk",
                "text": "We meet here.",
                "icon": {"url": f"{TOOL}/static/plc.svg"},
                "iframe": {"width": 1000, "height": 800},
                "lineItem": {
                    "scoreMaximum": 1,
                    "label": "Our talk",
                    "resourceId": str(link.id),
                    "tag": "done",
                    "submissionReview": {"reviewableStatus": ["Completed", "InProgress"], "url": url},
                },
            }
        ]
        assert (link.community_id, link.part, link.counts, link.placed_by) == (None, HOME, True, circle.person("1"))
        event = events("link.placed")[0]
        assert (event.actor_id, event.facts) == (
            circle.person("1"),
            {"course_id": str(link.course_id), "part": HOME, "counts": True},
        )

    def test_what_the_platform_wants_back_is_given_back_to_the_letter(
        self, circle: Any, choosing: Any, answered: Any
    ) -> None:
        data = 'csrf=1&ж="x" <y>'
        path = choosing(circle.facilitator, "1", asked={"data": data})
        assert answered(circle.facilitator.post(path, choice()))[DEEP_LINKING + "data"] == data

    def test_no_two_answers_have_the_same_nonce(self, circle: Any, choosing: Any, answered: Any) -> None:
        pages = [circle.facilitator.post(choosing(circle.facilitator, "1"), choice()) for _ in range(3)]
        assert len({answered(page)["nonce"] for page in pages}) == 3

    def test_it_is_signed_with_the_key_that_signs_now(
        self, circle: Any, house: Any, clock: Any, choosing: Any, answered: Any
    ) -> None:
        keys = StoredToolKeys(house.database, house.seal, clock)
        keys.change(lambda ring: rotate(ring, clock()))
        page = circle.facilitator.post(choosing(circle.facilitator, "1"), choice())
        assert answered(page)
        assert current_key(keys.load()).kid in app_kids(circle)

    def test_only_this_page_may_send_a_form_to_the_lms(self, circle: Any, choosing: Any) -> None:
        path = choosing(circle.facilitator, "1")

        def form_action(page: Any) -> str:
            policy = page.headers["Content-Security-Policy"]
            return next(part.strip() for part in policy.split(";") if part.strip().startswith("form-action"))

        assert form_action(circle.facilitator.get(path)) == "form-action 'self'"
        assert form_action(circle.facilitator.post(path, choice())) == f"form-action 'self' {LMS}"
        assert form_action(circle.facilitator.get(circle.home)) == "form-action 'self'"

    def test_several_parts_become_several_items_and_one_column(
        self, circle: Any, choosing: Any, answered: Any, stored: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        form = choice(parts=[TALK, HOME, TALK], title="Only for one", counts="yes")
        shown = items(answered(circle.facilitator.post(path, form)))
        assert [item["title"] for item in shown] == ["Conversations – Maths circle", "Home – Maths circle"]
        assert ["lineItem" in item for item in shown] == [True, False]
        links = stored(select(PlacedLink.id, PlacedLink.part, PlacedLink.counts).order_by(PlacedLink.id))
        assert [(link.part, link.counts) for link in links] == [(TALK, True), (HOME, False)]
        assert [item["url"] for item in shown] == [f"{TOOL}/placed/{link.id}" for link in links]

    def test_cancelling_answers_with_nothing_and_ends_the_choice(
        self, circle: Any, choosing: Any, answered: Any, stored: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        page = circle.facilitator.post(path, {"act": "cancel"})
        assert items(answered(page)) == []
        assert "Nothing was placed." in page.text
        assert stored(select(PlacedLink.id)) == stored(select(DeepLinkRequest.id)) == []

    def test_what_somebody_types_is_text_on_the_page_and_in_the_answer(
        self, circle: Any, choosing: Any, answered: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        refused = circle.facilitator.post(path, choice(which="new", title="<b>x</b>", name=""))
        assert refused.status_code == 422
        assert "&lt;b&gt;x&lt;/b&gt;" in refused.text
        assert "<b>x" not in refused.text
        page = circle.facilitator.post(path, choice(title="<b>x</b>\x00", text="</script>"))
        assert (items(answered(page))[0]["title"], items(answered(page))[0]["text"]) == ("<b>x</b>", "</script>")


def app_kids(circle: Any) -> list[str]:
    published = circle.facilitator.client.get("/lti/jwks", base_url=TOOL).get_json()
    return [key["kid"] for key in published["keys"]]


class TestWhatThePlatformTakes:
    def test_one_at_a_time_where_it_takes_no_more(self, circle: Any, choosing: Any, stored: Any) -> None:
        path = choosing(circle.facilitator, "1", asked={"accept_multiple": False})
        assert 'type="radio" id="f-parts' in circle.facilitator.get(path).text
        refused = circle.facilitator.post(path, choice(parts=[HOME, TALK]))
        assert refused.status_code == 422
        assert "takes one at a time" in refused.text
        assert stored(select(PlacedLink.id)) == []
        assert circle.facilitator.post(path, choice(parts=TALK)).status_code == 200

    def test_no_column_is_offered_where_it_takes_none(
        self, circle: Any, choosing: Any, stored: Any, answered: Any
    ) -> None:
        path = choosing(circle.facilitator, "1", asked={"accept_lineitem": False})
        assert 'name="counts"' not in circle.facilitator.get(path).text
        assert circle.facilitator.post(path, choice(counts="yes")).status_code == 403
        assert stored(select(PlacedLink.id)) == []
        assert "lineItem" not in items(answered(circle.facilitator.post(path, choice())))[0]

    def test_where_it_takes_no_activities_there_is_only_the_way_back(
        self, circle: Any, choosing: Any, stored: Any, answered: Any
    ) -> None:
        path = choosing(circle.facilitator, "1", asked={"accept_types": ["file"]})
        page = circle.facilitator.get(path)
        assert "it takes no activities here" in page.text
        assert 'name="which"' not in page.text
        assert circle.facilitator.post(path, choice()).status_code == 403
        assert stored(select(PlacedLink.id)) == []
        assert items(answered(circle.facilitator.post(path, {"act": "cancel"}))) == []

    @pytest.mark.parametrize(
        "asked",
        [
            {"deep_link_return_url": "http://moodle.example.org/return"},
            {"deep_link_return_url": "HTTP://moodle.example.org/return"},
            {"deep_link_return_url": "javascript:alert(1)"},
            {"accept_types": None},
        ],
    )
    def test_settings_that_cannot_be_answered_are_refused_before_anybody_chooses(
        self, circle: Any, stored: Any, asked: dict[str, Any]
    ) -> None:
        refused = circle.facilitator.choose("1", asked=asked)
        assert refused.status_code == 403
        assert "<code>deep_linking_settings_malformed</code>" in refused.text
        assert stored(select(DeepLinkRequest.id)) == []
        assert circle.facilitator.choose("1").status_code == 303


class TestWhichCommunity:
    def test_ones_own_those_one_leads_and_a_new_one_are_offered(
        self, circle: Any, choosing: Any, house: Any, clock: Any
    ) -> None:
        elsewhere = circle.visitor()
        path = choosing(elsewhere, "2", "8")
        page = elsewhere.get(path).text
        assert "Course 8" in page
        assert "The community of this course" in page
        assert "Maths circle" not in page, "a member may not open it to another course"
        assert 'value="new"' in page
        circle.give_role("2", Role.TEACHER_LEADER, until=clock() + timedelta(days=1))
        assert "Maths circle" in elsewhere.get(path).text

    def test_the_courses_own_is_offered_once(self, circle: Any, choosing: Any) -> None:
        page = circle.facilitator.get(choosing(circle.facilitator, "1")).text
        assert page.count("Maths circle") == 1

    def test_another_one_of_the_same_name_is_offered_all_the_same(
        self, circle: Any, choosing: Any, stored: Any
    ) -> None:
        first = choosing(circle.facilitator, "1")
        assert circle.facilitator.post(first, choice(which="new", name="Maths circle")).status_code == 200
        new = stored(select(Community.id).where(Community.id != circle.id))[0].id
        page = circle.facilitator.get(choosing(circle.facilitator, "1")).text
        assert f'value="{new}"' in page
        assert f'value="{circle.id}"' not in page

    def test_another_community_is_opened_by_who_leads_it(
        self, circle: Any, choosing: Any, stored: Any, answered: Any
    ) -> None:
        path = choosing(circle.facilitator, "1", "8")
        page = circle.facilitator.post(path, choice(which=str(circle.id)))
        assert items(answered(page))[0]["title"] == "Home – Maths circle"
        assert stored(select(PlacedLink.community_id))[0].community_id == circle.id

    def test_a_mentor_who_is_no_member_may_open_the_one_they_mentor(
        self, circle: Any, choosing: Any, clock: Any
    ) -> None:
        mentor = circle.visitor()
        mentor.launch("50", "8")
        circle.give_role("50", Role.MENTOR, until=clock() + timedelta(days=1))
        path = choosing(mentor, "50", "8")
        assert "Maths circle" in mentor.get(path).text
        assert mentor.post(path, choice(which=str(circle.id))).status_code == 200

    def test_one_they_do_not_lead_is_refused_and_one_they_do_not_know_is_not_there(
        self, circle: Any, choosing: Any, stored: Any
    ) -> None:
        member, stranger = circle.visitor(), circle.visitor()
        path = choosing(member, "2", "8")
        assert member.post(path, choice(which=str(circle.id))).status_code == 403
        path = choosing(stranger, "80", "8")
        assert stranger.post(path, choice(which=str(circle.id))).status_code == 404
        assert stranger.post(path, choice(which=str(uuid4()))).status_code == 404
        assert stored(select(PlacedLink.id)) == []
        assert stranger.post(path, choice()).status_code == 200, "the choice is still theirs to make"

    def test_a_new_one_is_founded_beside_the_courses_own_and_its_founder_facilitates_it(
        self, circle: Any, choosing: Any, answered: Any, stored: Any, events: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        page = circle.facilitator.post(path, choice(which="new", name="  Science circle "))
        assert items(answered(page))[0]["title"] == "Home – Science circle"
        new = stored(select(Community.id).where(Community.name == "Science circle"))[0].id
        assert stored(select(PlacedLink.community_id))[0].community_id == new
        assert [row.community_id for row in stored(select(Placement.community_id))] == [circle.id]
        role = stored(select(RoleAssignment.__table__).where(RoleAssignment.community_id == new))[0]
        assert (role.person_id, role.role) == (circle.person("1"), "facilitator")
        assert stored(select(Membership.person_id).where(Membership.community_id == new)) == [(circle.person("1"),)]
        founded = events("community.founded")[-1]
        assert (founded.community_id, founded.actor_id) == (new, circle.person("1"))

    def test_a_new_one_needs_a_name(self, circle: Any, choosing: Any, stored: Any) -> None:
        refused = circle.facilitator.post(choosing(circle.facilitator, "1"), choice(which="new", name="  "))
        assert refused.status_code == 422
        assert "Please give the new community a name." in refused.text
        assert len(stored(select(Community.id))) == 1

    @pytest.mark.parametrize("roles", [[ADMINISTRATOR, INSTRUCTOR], [DEVELOPER], [ASSISTANT]])
    def test_who_may_place_but_does_not_lead_the_course_founds_nothing(
        self, circle: Any, choosing: Any, stored: Any, roles: list[str]
    ) -> None:
        editor = circle.visitor()
        path = choosing(editor, "90", roles=roles)
        assert 'value="new"' not in editor.get(path).text
        assert editor.post(path, choice(which="new", name="Mine")).status_code == 403
        assert len(stored(select(Community.id))) == 1
        assert editor.post(path, choice()).status_code == 200

    @pytest.mark.parametrize("which", ["", "owner", "NEW", "1", "0198c0de-0000-7000-8000-00000000000x"])
    def test_a_community_that_can_be_none_is_refused_at_its_field(
        self, circle: Any, choosing: Any, stored: Any, which: str
    ) -> None:
        refused = circle.facilitator.post(choosing(circle.facilitator, "1"), choice(which=which))
        assert refused.status_code == 422
        assert stored(select(PlacedLink.id)) == []

    def test_a_part_that_does_not_exist_is_not_placed(self, circle: Any, choosing: Any, stored: Any) -> None:
        path = choosing(circle.facilitator, "1")
        assert circle.facilitator.post(path, choice(parts="admin.overview")).status_code == 404
        assert circle.facilitator.post(path, choice(parts=[])).status_code == 422
        assert stored(select(PlacedLink.id)) == []

    def test_choosing_makes_nobody_a_member(self, circle: Any, choosing: Any, stored: Any) -> None:
        colleague = circle.visitor()
        path = choosing(colleague, "70")
        assert colleague.get(path).status_code == 200
        assert stored(select(Membership.id).where(Membership.person_id == circle.person("70"))) == []


class TestWhoseChoice:
    def test_it_is_made_once(self, circle: Any, choosing: Any, stored: Any) -> None:
        path = choosing(circle.facilitator, "1")
        assert circle.facilitator.post(path, choice()).status_code == 200
        assert circle.facilitator.post(path, choice()).status_code == 404
        assert circle.facilitator.get(path).status_code == 404
        assert len(stored(select(PlacedLink.id))) == 1

    def test_pressed_twice_at_the_same_moment_it_is_made_once(
        self, circle: Any, choosing: Any, house: Any, stored: Any
    ) -> None:
        request_id = UUID(choosing(circle.facilitator, "1").rpartition("/")[2])
        actor = Actor(circle.person("1"), circle.site_id, "", house.clock())
        form = ChoiceForm(which="own", parts=[HOME])
        begin = Barrier(2)

        def press(_: int) -> int:
            try:
                with house.database.write() as session:
                    seen = load(session.connection(), actor, "choice", request_id, "placing.choose")
                    if not house.database.is_sqlite:  # where two may read the same before either has written
                        begin.wait(10)
                    return len(actions.place(session, actor, seen, form, {HOME: "Home"}))
            except NotThere:
                return 0

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(press, range(2))) == [0, 1]
        assert len(stored(select(PlacedLink.id))) == 1

    def test_it_is_there_for_an_hour_and_then_swept_away(
        self, circle: Any, choosing: Any, clock: Any, house: Any, stored: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        clock.move(minutes=59, seconds=59)
        assert circle.facilitator.get(path).status_code == 200
        clock.move(seconds=1)
        assert circle.facilitator.get(path).status_code == 404
        assert circle.facilitator.post(path, choice()).status_code == 404
        clock.move(seconds=1)
        clear_expired(house.database, clock)
        assert stored(select(DeepLinkRequest.id)) == []

    def test_nobody_else_can_see_make_or_cancel_it(self, circle: Any, choosing: Any, stored: Any) -> None:
        path = choosing(circle.facilitator, "1")
        colleague = circle.joined("3", roles=[INSTRUCTOR])
        assert colleague.get(path).status_code == 404
        assert colleague.post(path, choice()).status_code == 404
        assert colleague.post(path, {"act": "cancel"}).status_code == 404
        assert stored(select(PlacedLink.id)) == []
        assert circle.facilitator.get(path).status_code == 200

    @pytest.mark.parametrize("roles", [[LEARNER], []])
    def test_who_does_not_lead_the_course_places_nothing_in_it(
        self, circle: Any, stored: Any, roles: list[str]
    ) -> None:
        refused = circle.visitor().choose("2", roles=roles)
        assert refused.status_code == 403
        assert "<code>placing_refused</code>" in refused.text
        assert "mod/lti/return.php" in refused.text
        assert stored(select(DeepLinkRequest.id)) == []

    def test_a_choice_for_no_course_is_refused(self, circle: Any, stored: Any) -> None:
        refused = circle.facilitator.choose("1", context=None)
        assert (refused.status_code, "course_missing" in refused.text) == (400, True)
        assert stored(select(DeepLinkRequest.id)) == []

    def test_the_way_back_holds_a_key_of_the_persons_session_and_is_kept_sealed(
        self, circle: Any, choosing: Any, stored: Any, capsys: Any
    ) -> None:
        path = choosing(circle.facilitator, "1")
        row = stored(select(DeepLinkRequest.__table__))[0]
        assert "EXAMPLE" not in str(row)
        circle.facilitator.post(path, choice())
        said = capsys.readouterr()
        assert "EXAMPLE" not in said.out + said.err

    def test_a_course_nobody_opened_yet_can_be_chosen_for(
        self, visitor: Any, choosing: Any, stored: Any, answered: Any
    ) -> None:
        teacher = visitor()
        page = teacher.post(choosing(teacher, "1", "9"), choice())
        assert items(answered(page))[0]["title"] == "Home – Course 9"
        assert stored(select(Community.id)) == []
        assert stored(select(Course.lms_id)) == [("9",)]


def test_the_address_of_something_placed_answers_whoever_opens_it_by_hand(app: Any, circle: Any, place: Any) -> None:
    link: UUID = place(circle.facilitator, "1")
    for thing in (link, uuid4()):
        page = app.test_client().get(f"/placed/{thing}", base_url=TOOL)
        assert page.status_code == 200
        assert "opens from a course" in page.text
        assert "Maths circle" not in page.text
    assert urlsplit(f"{TOOL}/placed/{link}").query == ""
