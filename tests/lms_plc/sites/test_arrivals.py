"""What does a launch make of people and places, and what does it leave as it is?"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from lms_plc.communities.founding import found_beside, found_community, found_twin
from lms_plc.communities.memberships import Because, bring_in, end
from lms_plc.communities.models import Community, Membership, PlacedLink, Placement, RoleAssignment
from lms_plc.core.activity import Event
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role
from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import meet
from lms_plc.sites import arrivals
from lms_plc.sites.actions import Registration, add_platform, found_from_course
from lms_plc.sites.arrivals import arrive
from lms_plc.sites.forms import FoundingForm
from lms_plc.sites.models import Course, Enrolment, Platform
from lti.claims import ASSIGNMENT_AND_GRADE, GROUPS, LTI, NAMES_AND_ROLES, ResourceLinkRequest
from lti.jose import read_key_set, verify
from lti.launch import Launch
from lti.refusals import Refusal
from lti.roles import read_roles
from lti.testing import PlatformInMemory

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
TALK = "discussions.topic_list"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
MENTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


def landing(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.location).path.split("/", 3)[3]


def verified(lms: Any, subject: str, course: str = "5", roles: Sequence[str] = (LEARNER,)) -> Launch:
    """A launch as ``lti`` hands it over."""
    claims = lms.platform.claims("nonce") | lms.claims(subject, course, roles=list(roles))
    registered = lms.platform.registration
    return Launch(
        platform=replace(registered, id=str(_platform_id(lms))),
        deployment_id="1",
        subject=subject,
        message=ResourceLinkRequest.model_validate(claims),
        roles=read_roles(claims[LTI + "roles"]),
        target_link_uri=claims[LTI + "target_link_uri"],
        mark=None,
        claims=verify(lms.platform.sign(claims), read_key_set(lms.platform.jwks())[lms.platform.kid]),
    )


def _platform_id(lms: Any) -> Any:
    with lms.house.database.read() as connection:
        return connection.execute(select(Platform.id)).scalar_one()


class TestWhereALaunchLeads:
    def test_who_leads_an_unopened_course_may_open_it(self, visitor: Any) -> None:
        teacher = visitor()
        where = landing(teacher.launch("1", roles=[INSTRUCTOR]))
        assert where.endswith("/found")
        page = teacher.get("/" + where)
        assert "Course 5" in page.text
        assert 'value="Course 5"' in page.text

    def test_who_takes_part_in_an_unopened_course_waits_and_later_finds_it_open(self, visitor: Any) -> None:
        learner, teacher = visitor(), visitor()
        where = landing(learner.launch("2"))
        assert where.endswith("/waiting")
        assert "no learning community yet" in learner.get("/" + where).text
        assert learner.get("/" + where.replace("waiting", "found")).location.endswith("/waiting")

        teacher.launch("1", roles=[INSTRUCTOR])
        founded = teacher.post("/" + where.replace("waiting", "found"), {"name": "Ours"})
        community = founded.location.partition("/communities/")[2]
        assert learner.get("/" + where).location.endswith(f"/communities/{community}")
        assert landing(learner.launch("2")) == f"communities/{community}"
        assert learner.get(f"/communities/{community}").status_code == 200

    def test_who_only_watches_over_a_learner_stays_outside(self, circle: Any) -> None:
        parent = circle.visitor()
        where = landing(parent.launch("40", roles=[MENTOR]))
        assert where.endswith("/outside")
        assert "you take no part in the course" in parent.get("/" + where).text
        assert parent.get(circle.home).status_code == 404

    def test_an_administrator_from_outside_is_shown_the_technical_side_without_a_name(self, circle: Any) -> None:
        admin = circle.visitor()
        where = landing(admin.launch("99", roles=[ADMINISTRATOR, INSTRUCTOR]))
        page = admin.get("/" + where)
        assert "Maths circle" in page.text
        assert "Person 1" not in page.text
        assert circle.member.get("/" + where).status_code == 404

    def test_an_administrator_in_the_roster_is_a_member_like_any(self, circle: Any, house: Any) -> None:
        admin = circle.visitor()
        assert landing(admin.launch("99", roles=[ADMINISTRATOR, INSTRUCTOR])).endswith("/technical")
        with house.database.write() as session:
            session.execute(update(Enrolment).where(Enrolment.person_id == circle.person("99")).values(from_sync=True))
        assert landing(admin.launch("99", roles=[ADMINISTRATOR, INSTRUCTOR])) == f"communities/{circle.id}"

    def test_an_administrator_from_outside_cannot_open_the_community(self, visitor: Any, stored: Any) -> None:
        admin = visitor()
        where = landing(admin.launch("99", roles=[ADMINISTRATOR, INSTRUCTOR]))
        refused = admin.post("/" + where.replace("technical", "found"), {"name": "Mine now"})
        assert refused.status_code == 403
        assert stored(select(Community.id)) == []

    def test_a_mentor_by_role_comes_in_without_being_a_member_until_the_date(self, circle: Any, clock: Any) -> None:
        mentor = circle.visitor()
        assert landing(mentor.launch("50", roles=[MENTOR])).endswith("/outside")
        circle.give_role("50", Role.MENTOR, until=clock() + timedelta(hours=1))
        assert landing(mentor.launch("50", roles=[MENTOR])) == f"communities/{circle.id}"
        clock.move(hours=1)
        assert landing(mentor.launch("50", roles=[MENTOR])).endswith("/outside")

    def test_who_was_away_comes_back_by_a_launch(self, circle: Any, house: Any, events: Any) -> None:
        because = Because(house.clock(), "sync", reason="enrolment_gone")
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("2")], because)
        assert circle.member.get(circle.home).status_code == 404
        assert landing(circle.member.launch("2")) == f"communities/{circle.id}"
        assert circle.member.get(circle.home).status_code == 200
        assert [event.via for event in events("membership.ended", "membership.resumed")] == ["sync", "launch"]

    def test_who_was_enrolled_again_sees_the_page_they_are_led_to(self, visitor: Any, house: Any) -> None:
        learner = visitor()
        learner.launch("2")
        with house.database.write() as session:
            session.execute(update(Enrolment).values(state="gone"))
        where = landing(learner.launch("2"))
        assert learner.get("/" + where).status_code == 200


class TestFounding:
    def test_the_second_to_open_it_joins_and_is_given_no_role(self, circle: Any, stored: Any) -> None:
        late = circle.joined("3", roles=[INSTRUCTOR])
        course = stored(select(Placement.course_id))[0].course_id
        answer = late.post(f"/courses/{course}/found", {"name": "Another"})
        assert answer.location.endswith(f"/communities/{circle.id}")
        holders = stored(select(RoleAssignment.person_id, RoleAssignment.role))
        assert [tuple(row) for row in holders] == [(circle.person("1"), "facilitator")]

    def test_two_at_the_same_moment_open_one(self, visitor: Any, house: Any, stored: Any, events: Any) -> None:
        for subject in "12":
            visitor().launch(subject, roles=[INSTRUCTOR])
        course = stored(select(Course.id, Course.site_id, Course.title))[0]
        people = stored(select(Identity.person_id, Identity.site_id))
        begin = Barrier(2)

        def founding(row: Any) -> Any:
            begin.wait()
            with house.database.write() as session:
                actor = Actor(row.person_id, row.site_id, "", house.clock())
                return found_from_course(session, actor, course, FoundingForm(name="Ours"))

        with ThreadPoolExecutor(2) as pool:
            founded = set(pool.map(founding, people))
        assert len(founded) == 1
        assert [row.id for row in stored(select(Community.id))] == list(founded)
        assert len(stored(select(Membership.id))) == 2
        assert len(stored(select(RoleAssignment.id))) == 1
        assert len(events("community.founded")) == 1

    def test_a_community_needs_a_name(self, visitor: Any, stored: Any) -> None:
        teacher = visitor()
        where = "/" + landing(teacher.launch("1", roles=[INSTRUCTOR]))
        refused = teacher.post(where, {"name": "   "})
        assert refused.status_code == 422
        assert "Please fill this in." in refused.text
        assert stored(select(Community.id)) == []
        assert teacher.post(where, {"name": "Ours"}).status_code == 303

    def test_who_does_not_lead_the_course_cannot_open_it(self, visitor: Any, stored: Any) -> None:
        learner = visitor()
        where = "/" + landing(learner.launch("2")).replace("waiting", "found")
        assert learner.post(where, {"name": "Ours"}).status_code == 403
        assert stored(select(Community.id)) == []

    def test_nobody_else_knows_of_the_course(self, visitor: Any, stored: Any) -> None:
        teacher, stranger = visitor(), visitor()
        where = "/" + landing(teacher.launch("1", roles=[INSTRUCTOR]))
        stranger.launch("3", course="6", roles=[INSTRUCTOR])
        assert stranger.get(where).status_code == 404
        assert stranger.post(where, {"name": "Ours"}).status_code == 404
        assert stored(select(Community.id)) == []

    def test_the_founding_page_of_an_open_course_leads_in(self, circle: Any, stored: Any) -> None:
        course = stored(select(Placement.course_id))[0].course_id
        assert circle.member.get(f"/courses/{course}/found").location.endswith(f"/communities/{circle.id}")


class TestOnePerson:
    def test_a_sync_and_a_launch_meet_the_same_person(self, lms: Any, house: Any, visitor: Any, stored: Any) -> None:
        with house.database.write() as session:
            met = meet(session, lms.site_id, {"7": "Ana from the roster"}, house.clock())
        visitor().launch("7", name="Ana From The Launch")
        people = stored(select(Person.id, Person.display_name))
        assert [tuple(row) for row in people] == [(met["7"], "Ana From The Launch")]
        assert stored(select(Identity.first_launched_at))[0].first_launched_at == house.clock()

    def test_eight_at_once_make_one(self, lms: Any, house: Any, visitor: Any, stored: Any, events: Any) -> None:
        visitor().launch("1", roles=[INSTRUCTOR])
        with house.database.write() as session:
            course = session.execute(select(Course)).scalar_one()
            found_community(
                session, site_id=lms.site_id, course_id=course.id, name="Ours", at=house.clock(), via="sync"
            )
        begin = Barrier(8)
        launch = verified(lms, "7")

        def come(turn: int) -> Any:
            begin.wait()
            if turn % 2:
                return arrive(house, launch).person_id
            with house.database.write() as session:
                return meet(session, lms.site_id, {"7": "Person 7", "8": "Person 8"}, house.clock())["7"]

        with ThreadPoolExecutor(8) as pool:
            came = set(pool.map(come, range(8)))
        assert len(came) == 1
        assert stored(select(func.count()).select_from(Person))[0][0] == 3
        assert len(stored(select(Membership.id).where(Membership.person_id == came.pop()))) == 1
        assert len([event for event in events("person.arrived") if event.via == "launch"]) == 2
        assert len(events("membership.started")) == 1

    def test_a_community_that_opens_while_somebody_arrives_is_joined_at_once(
        self, lms: Any, house: Any, visitor: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visitor().launch("1", roles=[INSTRUCTOR])
        course = stored(select(Course.id))[0].id
        look, looks = arrivals.look, []

        def slow(*given: Any) -> Any:
            seen = look(*given)
            looks.append(seen)
            if len(looks) == 1:
                with house.database.write() as session:
                    found_community(
                        session, site_id=lms.site_id, course_id=course, name="Ours", at=house.clock(), via="sync"
                    )
            return seen

        monkeypatch.setattr(arrivals, "look", slow)
        arrived = arrive(house, verified(lms, "7"))
        assert (arrived.to, arrived.community_id) == ("community", stored(select(Community.id))[0].id)
        assert stored(select(Membership.person_id)) == [(arrived.person_id,)]

    def test_a_registration_that_was_removed_a_moment_ago_makes_nobody(self, lms: Any, house: Any, stored: Any) -> None:
        launch = verified(lms, "7")
        gone = replace(launch, platform=replace(launch.platform, id=str(new_id())))
        with pytest.raises(Refusal) as refused:
            arrive(house, gone)
        assert refused.value.code == "registration_unknown"
        assert stored(select(Person.id)) == []

    def test_a_new_name_and_a_new_title_are_taken_over(self, visitor: Any, lms: Any, stored: Any) -> None:
        somebody = visitor()
        somebody.launch("7", name="Ana Before")
        lms.titles["5"] = "Renamed"
        somebody.launch("7", name="  Ana   After ")
        assert stored(select(Person.display_name))[0][0] == "Ana After"
        assert stored(select(Course.title))[0][0] == "Renamed"

    def test_a_course_and_a_person_of_the_roster_are_called_as_the_roster_says(
        self, visitor: Any, lms: Any, house: Any, stored: Any
    ) -> None:
        somebody = visitor()
        somebody.launch("7", name="Ana")
        with house.database.write() as session:
            session.execute(update(Enrolment).values(from_sync=True))
        lms.titles["5"] = "Renamed"
        somebody.launch("7", name="Ana After")
        visitor().launch("8")
        assert stored(select(Person.display_name).order_by(Person.id))[0][0] == "Ana"
        assert [row.title for row in stored(select(Course.title))] == ["Course 5"]

    def test_a_launch_that_tells_no_name_takes_none_away(self, visitor: Any, stored: Any) -> None:
        somebody = visitor()
        nameless = {"name": None, "given_name": None, "family_name": None}
        somebody.launch("8", **nameless)
        assert stored(select(Person.display_name))[0][0] == "#8"
        somebody.launch("8", name="Now Known")
        somebody.launch("8", roles=[INSTRUCTOR], **nameless)
        assert stored(select(Person.display_name))[0][0] == "Now Known"

    def test_a_launch_that_tells_no_title_takes_none_away(self, visitor: Any, stored: Any) -> None:
        visitor().launch("7")
        visitor().launch("8", context={"id": "5", "label": "L", "type": ["CourseSection"]})
        assert stored(select(Course.title, Course.short_name))[0] == ("Course 5", "C-5")

    def test_the_language_of_the_lms_is_remembered(self, visitor: Any, stored: Any) -> None:
        somebody = visitor()
        somebody.launch("7", launch_presentation={"locale": "mk"})
        somebody.launch("7", launch_presentation={"locale": "xx_nonsense"})
        assert stored(select(Person.locale))[0][0] == "mk"
        assert 'lang="mk"' in somebody.get("/").text

    def test_the_same_launch_again_writes_nothing(self, circle: Any, stored: Any, statements: list[str]) -> None:
        before = stored(select(func.count()).select_from(Event))[0][0]
        statements.clear()
        circle.member.launch("2")
        assert written(statements) == ["plc_login", "plc_login", "plc_seat"]
        assert stored(select(func.count()).select_from(Event))[0][0] == before


class TestACopiedCourse:
    @pytest.fixture
    def copied(self, circle: Any) -> Any:
        circle.facilitator.post(f"{circle.home}/charter/edit", {"charter": "We listen.", "based_on": "0"})
        return {"custom": {"context_id_history": "5, 3"}}

    def test_it_opens_a_twin_with_the_charter_and_without_the_people(
        self, circle: Any, copied: Any, stored: Any, events: Any, said: Any
    ) -> None:
        circle.start(circle.member, body="Only for us")
        teacher = circle.visitor()
        where = landing(teacher.launch("1", course="6", roles=[INSTRUCTOR], **copied))
        twin = stored(select(Community.__table__).where(Community.id != circle.id))[0]
        assert where == f"communities/{twin.id}"
        assert (twin.twin_of_id, twin.charter, twin.name) == (circle.id, "We listen.", "Course 6")
        page = said(teacher.get("/" + where))
        assert "“Maths circle”" in page
        assert "Only for us" not in page
        assert [
            row.person_id for row in stored(select(Membership.person_id).where(Membership.community_id == twin.id))
        ] == [circle.person("1")]
        course = stored(select(Course.copied_from_id).where(Course.lms_id == "6"))[0]
        assert course.copied_from_id == stored(select(Course.id).where(Course.lms_id == "5"))[0].id
        assert events("community.founded")[-1].facts["twin_of"] == str(circle.id)

    def test_where_a_sync_was_first_only_the_link_is_added(
        self, circle: Any, copied: Any, house: Any, stored: Any
    ) -> None:
        with house.database.write() as session:
            session.add(
                Course(
                    id=(course := new_id()), site_id=circle.site_id, lms_id="6", title="Copy", created_at=house.clock()
                )
            )
            session.flush()
            synced = found_community(
                session, site_id=circle.site_id, course_id=course, name="Copy", at=house.clock(), via="sync"
            )
        assert (
            landing(circle.joined("3", course="6", **copied).launch("3", course="6", **copied))
            == f"communities/{synced}"
        )
        rows = stored(select(Community.id, Community.twin_of_id).order_by(Community.id))
        assert [tuple(row) for row in rows] == [(circle.id, None), (synced, circle.id)]

    def test_a_history_that_was_not_filled_in_says_nothing(self, circle: Any, stored: Any) -> None:
        teacher = circle.visitor()
        custom = {"context_id_history": "$Context.id.history"}
        assert landing(teacher.launch("1", course="6", roles=[INSTRUCTOR], custom=custom)).endswith("/found")
        assert len(stored(select(Community.id))) == 1

    def test_two_twins_at_once_are_one(self, circle: Any, house: Any, stored: Any) -> None:
        with house.database.write() as session:
            session.add(
                Course(
                    id=(course := new_id()), site_id=circle.site_id, lms_id="6", title="Copy", created_at=house.clock()
                )
            )
        begin = Barrier(2)

        def twin(_: int) -> Any:
            begin.wait()
            with house.database.write() as session:
                return found_twin(
                    session,
                    original_id=circle.id,
                    with_charter=False,
                    course_id=course,
                    site_id=circle.site_id,
                    name="Copy",
                    at=house.clock(),
                    via="launch",
                )

        with ThreadPoolExecutor(2) as pool:
            assert len(set(pool.map(twin, range(2)))) == 1
        assert len(stored(select(Community.id))) == 2


class TestSomethingPlaced:
    """Links that somebody chose for course 5 (subject 1 leads its community)."""

    @pytest.fixture
    def put(self, circle: Any, house: Any, stored: Any) -> Callable[..., Any]:
        """``put(community_id, part)``: the claims of a launch of such a link."""

        def placed(community_id: Any = None, part: str = TALK, **values: Any) -> dict[str, Any]:
            with house.database.write() as session:
                link = PlacedLink(
                    id=new_id(),
                    course_id=stored(select(Course.id).where(Course.lms_id == "5"))[0].id,
                    community_id=community_id,
                    part=part,
                    title="Placed",
                    counts=values.pop("counts", False),
                    placed_by=circle.person("1"),
                    created_at=house.clock(),
                )
                session.add(link)
                session.flush()
                return {LTI + "target_link_uri": f"{TOOL}/placed/{link.id}", **values}

        return placed

    @pytest.fixture
    def other(self, circle: Any, house: Any, stored: Any) -> Any:
        """Another community, that no course opens by itself."""
        with house.database.write() as session:
            return found_beside(
                session,
                site_id=circle.site_id,
                course_id=stored(select(Course.id))[0].id,
                name="Next door",
                at=house.clock(),
                actor_id=circle.person("1"),
            )

    def test_it_opens_the_community_and_the_page_that_were_chosen(
        self, circle: Any, put: Any, other: Any, stored: Any
    ) -> None:
        learner = circle.visitor()
        where = landing(learner.launch("2", **put(other)))
        assert where == f"communities/{other}/topics"
        assert learner.get("/" + where).status_code == 200
        members = stored(select(Membership.person_id).where(Membership.community_id == other))
        assert members == [(circle.person("2"),)]

    def test_chosen_as_the_courses_own_it_opens_that(self, circle: Any, put: Any) -> None:
        assert landing(circle.visitor().launch("3", **put())) == f"communities/{circle.id}/topics"

    def test_in_a_copy_of_the_course_it_opens_the_copys_own(
        self, circle: Any, put: Any, other: Any, stored: Any
    ) -> None:
        copied = {"custom": {"context_id_history": "5"}}
        where = landing(circle.visitor().launch("2", "6", **copied, **put(other)))
        twin = stored(select(Community.id).where(Community.twin_of_id == circle.id))[0].id
        assert where == f"communities/{twin}/topics"
        assert stored(select(Membership.id).where(Membership.community_id == other)) == []

    def test_in_any_other_course_it_is_no_key_to_the_community(
        self, circle: Any, put: Any, other: Any, stored: Any
    ) -> None:
        """The address of a link is no secret: whoever edits another course can paste it there."""
        intruder = circle.visitor()
        for community in (other, circle.id, None):
            assert landing(intruder.launch("70", "9", roles=[INSTRUCTOR], **put(community))).endswith("/found")
            assert intruder.get(f"/communities/{other}").status_code == 404
            assert intruder.get(circle.home).status_code == 404
        assert stored(select(Membership.id).where(Membership.person_id == circle.person("70"))) == []

    def test_at_another_site_it_is_no_key_either(
        self, circle: Any, put: Any, other: Any, app: Any, edge: Any, house: Any, clock: Any
    ) -> None:
        elsewhere = PlatformInMemory("https://other.example.org", "plc-other", tool_url=TOOL, clock=clock)
        registered = elsewhere.registration
        with house.database.write() as session:
            addresses = (registered.auth_url, registered.token_url, registered.jwks_url)
            registration = Registration(registered.issuer, registered.client_id, *addresses, deployment_id="1")
            add_platform(session, "other", registration, clock(), allow_http=False)
        edge.get(registered.jwks_url, json=elsewhere.jwks())
        client = app.test_client()
        login = client.post("/lti/login", data=elsewhere.login_form(), base_url=TOOL)
        fields = elsewhere.launch_form(login.location, **circle.member.lms.claims("1", "5", **put(other)))
        assert landing(client.post("/lti/launch", data=fields, base_url=TOOL)).endswith("/waiting")

    @pytest.mark.parametrize("rest", ["", "nonsense", "00000000-0000-7000-8000-000000000000", "%00", "'--"])
    def test_an_address_of_nothing_opens_the_courses_own(self, circle: Any, rest: str) -> None:
        target = {LTI + "target_link_uri": f"{TOOL}/placed/{rest}"}
        assert landing(circle.visitor().launch("3", **target)) == f"communities/{circle.id}"

    def test_a_part_that_no_longer_exists_opens_the_first_page(self, circle: Any, put: Any) -> None:
        assert landing(circle.visitor().launch("3", **put(part="gone.away"))) == f"communities/{circle.id}"

    def test_where_it_stands_and_its_column_are_remembered(self, circle: Any, put: Any, stored: Any) -> None:
        claims = put(counts=True)
        facts = select(PlacedLink.resource_link_id, PlacedLink.line_item_url)
        circle.member.launch("2", **claims, **grades(None))
        assert stored(facts) == [("1", None)]
        circle.member.launch("2", **claims, **grades(f"{LMS}/items/9"))
        assert stored(facts) == [("1", f"{LMS}/items/9")]
        circle.member.launch("2", **claims, **grades(None))
        assert stored(facts) == [("1", f"{LMS}/items/9")]

    def test_a_copy_of_it_within_the_course_changes_nothing(self, circle: Any, put: Any, stored: Any) -> None:
        claims = put(counts=True)
        circle.member.launch("2", **claims, **grades(f"{LMS}/items/9"))
        twice = {LTI + "resource_link": {"id": "2"}}
        circle.member.launch("2", **claims, **twice, **grades(f"{LMS}/items/10"))
        found = stored(select(PlacedLink.resource_link_id, PlacedLink.line_item_url))
        assert found == [("1", f"{LMS}/items/9")]

    def test_what_does_not_count_has_no_column(self, circle: Any, put: Any, stored: Any) -> None:
        circle.member.launch("2", **put(), **grades(f"{LMS}/items/9"))
        assert stored(select(PlacedLink.resource_link_id, PlacedLink.line_item_url)) == [("1", None)]

    def test_the_same_launch_of_it_again_writes_nothing(self, circle: Any, put: Any, statements: list[str]) -> None:
        claims = put(counts=True) | grades(f"{LMS}/items/9")
        circle.member.launch("2", **claims)
        statements.clear()
        circle.member.launch("2", **claims)
        assert written(statements) == ["plc_login", "plc_login", "plc_seat"]


def grades(lineitem: str | None) -> dict[str, Any]:
    endpoint = {"scope": [], "lineitems": f"{LMS}/items", **({"lineitem": lineitem} if lineitem else {})}
    return {ASSIGNMENT_AND_GRADE + "endpoint": endpoint}


def written(statements: list[str]) -> list[str]:
    """The tables of the statements that are no look-up."""
    return [sql.split()[2] for sql in statements if not sql.lstrip().upper().startswith("SELECT")]


class TestWhatIsRememberedOfTheLms:
    def test_where_the_services_of_a_course_are(self, visitor: Any, stored: Any, lms: Any) -> None:
        somebody = visitor()
        groups = {GROUPS + "groupsservice": {"context_groups_url": f"{LMS}/groups"}}
        somebody.launch("1", **groups)
        platform = str(stored(select(Platform.id))[0].id)
        found = {
            "platform": platform,
            "deployment": "1",
            "memberships": f"{LMS}/mod/lti/services.php/CourseSection/5/bindings/1/memberships",
            "line_items": f"{LMS}/mod/lti/services.php/5/lineitems?type_id=1",
            "scopes": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"],
            "groups": f"{LMS}/groups",
        }
        assert stored(select(Course.services)) == [(found,)]
        nothing = {ASSIGNMENT_AND_GRADE + "endpoint": None, NAMES_AND_ROLES + "namesroleservice": None}
        somebody.launch("1", **nothing)
        assert stored(select(Course.services)) == [(found,)], "a message that names none takes none away"

    def test_of_two_registrations_at_one_site_the_first_counts(
        self, visitor: Any, stored: Any, house: Any, clock: Any, app: Any, lms: Any
    ) -> None:
        visitor().launch("1")
        before = stored(select(Course.services))
        second = PlatformInMemory(LMS, "plc-second", tool_url=TOOL, clock=clock)
        registered = second.registration
        with house.database.write() as session:
            addresses = (registered.auth_url, registered.token_url, registered.jwks_url)
            registration = Registration(registered.issuer, registered.client_id, *addresses, deployment_id="1")
            add_platform(session, "moodle", registration, clock(), allow_http=False)
        for _ in range(2):
            clock.move(seconds=11)  # every process knows of a new registration by then
            client = app.test_client()
            login = client.post("/lti/login", data=second.login_form(), base_url=TOOL)
            fields = second.launch_form(login.location, **lms.claims("1", "5"), **grades(f"{LMS}/other"))
            assert client.post("/lti/launch", data=fields, base_url=TOOL).status_code == 303
        assert stored(select(Course.services)) == before

    def test_the_first_launch_whose_signature_holds_proves_a_registration(
        self, visitor: Any, stored: Any, events: Any, clock: Any
    ) -> None:
        proved = select(Platform.proved_at)
        visitor().launch("1", iss="https://elsewhere.example.net")
        assert stored(proved) == [(None,)]
        clock.move(minutes=1)
        first = clock()
        visitor().launch("1")
        clock.move(minutes=1)
        visitor().launch("2")
        assert stored(proved) == [(first,)]
        assert [event.via for event in events("platform.proved")] == ["launch"]


class TestAdministratorsBySetting:
    RUNS_THE_LMS = {"roles": [ADMINISTRATOR, INSTRUCTOR]}  # noqa: RUF012

    def test_as_members_they_come_in_and_are_given_no_role(self, house: Any, circle: Any, stored: Any) -> None:
        house.settings.lms_administrators = "member"
        admin = circle.visitor()
        assert landing(admin.launch("99", **self.RUNS_THE_LMS)) == f"communities/{circle.id}"
        assert admin.get(circle.home).status_code == 200
        holders = stored(select(RoleAssignment.person_id))
        assert holders == [(circle.person("1"),)]

    def test_as_members_they_wait_where_nobody_has_opened_anything(self, house: Any, visitor: Any) -> None:
        house.settings.lms_administrators = "member"
        admin = visitor()
        where = landing(admin.launch("99", **self.RUNS_THE_LMS))
        assert where.endswith("/waiting")
        assert admin.get("/" + where).status_code == 200
        assert admin.post("/" + where.replace("waiting", "found"), {"name": "Mine"}).status_code == 403

    def test_by_default_they_get_the_technical_side(self, circle: Any) -> None:
        admin = circle.visitor()
        where = landing(admin.launch("99", **self.RUNS_THE_LMS))
        assert where.endswith("/technical")
        assert admin.get("/" + where).status_code == 200

    def test_with_nothing_they_stay_outside_and_the_technical_side_is_not_there(
        self, house: Any, circle: Any, stored: Any
    ) -> None:
        house.settings.lms_administrators = "nothing"
        admin = circle.visitor()
        where = landing(admin.launch("99", **self.RUNS_THE_LMS))
        assert where.endswith("/outside")
        assert admin.get("/" + where).status_code == 200
        assert admin.get("/" + where.replace("outside", "technical")).status_code == 404
        assert admin.get(circle.home).status_code == 404
        assert stored(select(Membership.id).where(Membership.person_id == circle.person("99"))) == []

    def test_one_whom_the_roster_lists_is_a_member_whatever_the_setting(self, house: Any, circle: Any) -> None:
        house.settings.lms_administrators = "nothing"
        admin = circle.visitor()
        admin.launch("99", **self.RUNS_THE_LMS)
        with house.database.write() as session:
            session.execute(update(Enrolment).where(Enrolment.person_id == circle.person("99")).values(from_sync=True))
        assert landing(admin.launch("99", **self.RUNS_THE_LMS)) == f"communities/{circle.id}"


def test_bringing_in_the_same_person_at_once_is_one_membership(circle: Any, house: Any, stored: Any) -> None:
    circle.visitor().launch("60", course="9")
    person = circle.person("60")
    begin = Barrier(4)

    def join(_: int) -> int:
        begin.wait()
        with house.database.write() as session:
            return bring_in(session, circle.site_id, circle.id, [person], Because(house.clock(), "sync"))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(join, range(4))) == [0, 0, 0, 1]
    assert len(stored(select(Membership.id).where(Membership.person_id == person))) == 1
