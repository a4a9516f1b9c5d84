"""What an operator sees and does at the desk, and what no page there ever shows."""

import re
from typing import Any
from uuid import uuid4

import pytest
import responses
from sqlalchemy import func, select, update

from lms_plc.admin.guides import GUIDES
from lms_plc.core.ids import new_id
from lms_plc.sites.actions import Registration
from lms_plc.sites.models import Course, DeepLinkRequest, Deployment, Platform, RegistrationLink, Site
from lms_plc.sites.registering import Agreed, make_link, open_link, register_by_link
from lti.testing import PlatformInMemory

TOOL = "https://plc.example.org"
KEYS = "https://lms.school.example/keys"
NOWHERE = "00000000-0000-7000-8000-000000000000"
BY_HAND = {
    "name": "Highland",
    "issuer": "https://highland.example.org",
    "client_id": "abc",
    "deployment_id": "1",
    "auth_url": "https://highland.example.org/auth",
    "token_url": "https://highland.example.org/token",
    "jwks_url": "https://highland.example.org/keys",
    "token_audience": "",
}


@pytest.fixture
def keys(edge: responses.RequestsMock, clock: Any) -> responses.RequestsMock:
    """The key set of the registered school at the edge, with a clock that agrees."""
    platform = PlatformInMemory(issuer="https://lms.school.example", client_id="client-7", tool_url=TOOL, clock=clock)
    date = clock().strftime("%a, %d %b %Y %H:%M:%S GMT")
    edge.get(KEYS, json=platform.fetch(platform.registration.jwks_url), headers={"Date": date})
    return edge


class TestTheOverview:
    def test_before_there_is_anything_the_way_to_it_is_told(self, operator: Any, said: Any) -> None:
        page = operator.get("/admin/")
        assert "No learning platform yet" in said(page)
        assert "/admin/connect" in page.text

    def test_it_shows_each_lms_and_what_waits(self, operator: Any, school: Any, waiting: Any, said: Any) -> None:
        page = said(operator.get("/admin/"))
        for words in ("School", "client-7", "waits for its first launch", "Deployment d-1", "waits for you"):
            assert words in page
        assert "web services not connected" in page
        assert "registered by link" in page

    def test_a_site_without_a_registration_is_shown_too(self, operator: Any, house: Any, said: Any) -> None:
        with house.database.write() as session:
            session.add(Site(id=new_id(), name="Only a roster", url="https://r.example.org", created_at=house.clock()))
        assert "Only a roster" in said(operator.get("/admin/"))
        assert "is not registered there" in said(operator.get("/admin/"))

    def test_a_proved_registration_says_since_when(self, operator: Any, visitor: Any, said: Any) -> None:
        visitor().launch("1")
        assert "works since Nov 22, 2026" in said(operator.get("/admin/"))

    def test_it_asks_three_questions_however_many_there_are(
        self, operator: Any, school: Any, statements: list[str], house: Any
    ) -> None:
        operator.get("/admin/")
        statements.clear()
        operator.get("/admin/")
        with_one = len(statements)
        for number in range(5):
            form = {name: value.replace("highland", f"h{number}") for name, value in BY_HAND.items()}
            operator.post("/admin/connect/by-hand", {**form, "name": f"H{number}"})
        statements.clear()
        operator.get("/admin/")
        assert len(statements) == with_one


class TestApproving:
    def test_a_press_lets_launches_in_and_another_keeps_them_out(
        self, operator: Any, school: Any, waiting: Any, keys: Any, stored: Any, events: Any, clock: Any, said: Any
    ) -> None:
        approved = operator.post(f"/admin/deployments/{waiting}/approve")
        assert approved.status_code == 303
        assert "Its launches open now" in said(operator.get(approved.location))
        assert stored(select(Deployment.approved_at))[0].approved_at == clock()
        back = operator.post(f"/admin/deployments/{waiting}/take-back")
        assert "wait again" in said(operator.get(back.location))
        assert stored(select(Deployment.approved_at))[0].approved_at is None
        for verb in ("deployment.approved", "deployment.taken_back"):
            [event] = events(verb)
            assert (event.via, event.facts, event.actor_id) == ("desk", {"deployment_id": "d-1"}, None)

    def test_pressing_twice_changes_and_tells_nothing_more(
        self, operator: Any, school: Any, waiting: Any, events: Any
    ) -> None:
        for _ in range(2):
            operator.post(f"/admin/deployments/{waiting}/approve")
        for _ in range(2):
            operator.post(f"/admin/deployments/{waiting}/take-back")
        assert (len(events("deployment.approved")), len(events("deployment.taken_back"))) == (1, 1)

    def test_a_deployment_taken_back_waits_at_its_next_launch(
        self, operator: Any, visitor: Any, stored: Any, clock: Any, said: Any
    ) -> None:
        assert visitor().launch("1").status_code == 303
        deployment = stored(select(Deployment.id))[0].id
        operator.post(f"/admin/deployments/{deployment}/take-back")
        clock.move(seconds=10)  # so long a process may remember an approval
        assert "deployment_waiting" in said(visitor().launch("1"))
        operator.post(f"/admin/deployments/{deployment}/approve")
        assert visitor().launch("1").status_code == 303

    def test_what_is_not_there_is_404(self, operator: Any) -> None:
        for what in ("approve", "take-back"):
            assert operator.post(f"/admin/deployments/{NOWHERE}/{what}").status_code == 404


class TestLinks:
    def test_a_link_is_shown_once_and_works(self, operator: Any, house: Any, events: Any, said: Any) -> None:
        page = operator.post("/admin/links", {"site_name": " North "})
        found = re.search(r'value="https://plc\.example\.org/lti/register/([A-Za-z0-9_-]{43})"', page.text)
        assert found is not None
        assert "readonly" in page.text
        assert "data-copy" in page.text
        with house.database.read() as connection:
            link = open_link(connection, found[1], house.clock())
        assert link is not None
        assert link.site_name == "North"
        listed = operator.get("/admin/connect")
        assert "North" in said(listed)
        assert found[1] not in listed.text
        assert [event.via for event in events("link.made")] == ["desk"]

    def test_a_name_may_be_left_out_but_not_be_too_long(self, operator: Any, said: Any, events: Any) -> None:
        assert operator.post("/admin/links", {"site_name": "  "}).status_code == 200
        again = operator.post("/admin/links", {"site_name": "n" * 81})
        assert again.status_code == 422
        assert "n" * 81 in again.text
        assert len(events("link.made")) == 1

    def test_a_link_can_be_withdrawn_until_it_is_used(
        self, operator: Any, house: Any, stored: Any, events: Any, said: Any
    ) -> None:
        operator.post("/admin/links")
        link = stored(select(RegistrationLink.id))[0].id
        done = operator.post(f"/admin/links/{link}/withdraw")
        assert "Nobody can use it any more" in said(operator.get(done.location))
        assert stored(select(RegistrationLink.id)) == []
        assert operator.post(f"/admin/links/{link}/withdraw").status_code == 404
        assert [event.via for event in events("link.withdrawn")] == ["desk"]


class TestByHand:
    def test_the_values_of_a_platform_are_stored(
        self, operator: Any, stored: Any, events: Any, clock: Any, said: Any
    ) -> None:
        done = operator.post("/admin/connect/by-hand", {**BY_HAND, "token_audience": " urn:audience "})
        assert done.status_code == 303
        [platform] = stored(select(Platform.__table__))
        assert (platform.issuer, platform.client_id) == (BY_HAND["issuer"], "abc")
        assert (platform.token_audience, platform.registered_by) == ("urn:audience", "hand")
        assert stored(select(Deployment.deployment_id, Deployment.approved_at)) == [("1", clock())]
        assert {event.via for event in events() if event.verb != "keys.changed"} == {"desk"}
        assert "The registration is stored." in said(operator.get(done.location))

    def test_everything_wrong_is_said_at_once_at_its_field_and_nothing_is_lost(
        self, operator: Any, stored: Any, said: Any
    ) -> None:
        wrong = {
            "issuer": "nowhere",
            "auth_url": "http://highland.example.org/auth",
            "token_url": "https://user@highland.example.org/",
            "client_id": "a b\u200b",
            "deployment_id": "9" * 256,
            "name": "",
        }
        page = operator.post("/admin/connect/by-hand", {**BY_HAND, **wrong})
        assert page.status_code == 422
        for field in wrong:
            assert f'href="#f-{field}"' in page.text
            assert f'id="f-{field}-error"' in page.text
        for words in ("This is no web address", "is not https", "Please fill this in", "characters that no such"):
            assert words in said(page)
        for value in ("nowhere", "http://highland.example.org/auth", BY_HAND["jwks_url"]):
            assert f'value="{value}"' in page.text
        assert stored(select(Site.id)) == []

    def test_a_name_of_another_site_is_said_at_its_field(self, operator: Any, school: Any, said: Any) -> None:
        page = operator.post("/admin/connect/by-hand", {**BY_HAND, "name": "School"})
        assert page.status_code == 422
        assert "is called so here" in said(page)

    def test_the_empty_form_is_a_page(self, operator: Any, said: Any) -> None:
        assert "Register by hand" in said(operator.get("/admin/connect/by-hand"))


class TestTheSelfCheck:
    def test_it_says_what_is_well_and_what_is_not(
        self, operator: Any, school: Any, waiting: Any, keys: Any, said: Any
    ) -> None:
        page = operator.get(f"/admin/registrations/{school.platform_id}")
        assert page.status_code == 200
        for words in (
            "1 usable key.",
            "They differ by 1 second.",
            "1 deployment waits.",
            "No launch has proved this registration yet.",
            "It granted none.",
            "It did not take context_id_history",
        ):
            assert words in said(page)
        assert "Check again" in said(page)

    def test_it_says_what_launches_told(self, operator: Any, visitor: Any, stored: Any, said: Any) -> None:
        visitor().launch("1")
        visitor().launch("2", name=None, given_name=None, family_name=None)
        platform = stored(select(Platform.id))[0].id
        page = said(operator.get(f"/admin/registrations/{platform}"))
        assert "50 % of the people of this site are known by a number only." in page
        assert "The first launch was on Nov 22, 2026." in page
        assert "In 1 course: who is in the course" in page

    def test_a_platform_that_does_not_answer_is_a_line_and_no_error(
        self, operator: Any, school: Any, edge: responses.RequestsMock, said: Any
    ) -> None:
        page = operator.get(f"/admin/registrations/{school.platform_id}")
        assert page.status_code == 200
        assert "Its key set could not be read" in said(page)
        assert "does not say what time" in said(page)

    def test_a_registration_that_is_not_there_is_404(self, operator: Any) -> None:
        for path in ("", "/remove"):
            assert operator.get(f"/admin/registrations/{NOWHERE}{path}").status_code == 404
            assert operator.get(f"/admin/registrations/x{path}").status_code == 404
        assert operator.post(f"/admin/registrations/{NOWHERE}/remove").status_code == 404
        assert operator.post(f"/admin/registrations/{NOWHERE}/audience", {"token_audience": "x"}).status_code == 404


class TestMendingAndRemoving:
    def test_the_token_audience_can_be_set_and_taken_away(
        self, operator: Any, school: Any, keys: Any, stored: Any, events: Any, said: Any
    ) -> None:
        address = f"/admin/registrations/{school.platform_id}/audience"
        done = operator.post(address, {"token_audience": "https://api.brightspace.com/auth/token"})
        assert "Saved." in said(operator.get(done.location))
        assert stored(select(Platform.token_audience)) == [("https://api.brightspace.com/auth/token",)]
        operator.post(address, {"token_audience": ""})
        assert stored(select(Platform.token_audience)) == [(None,)]
        assert [event.via for event in events("platform.changed")] == ["desk", "desk"]
        again = operator.post(address, {"token_audience": "x" * 1001})
        assert (again.status_code, "too long" in said(again)) == (422, True)

    def test_removing_asks_first_and_leaves_the_site(
        self, operator: Any, school: Any, waiting: Any, circle: Any, house: Any, stored: Any, events: Any, said: Any
    ) -> None:
        with house.database.write() as session:
            person = circle.person("1")
            course = session.execute(select(Course.id)).scalar_one()
            session.execute(
                update(Course).values(services={"platform": str(school.platform_id)}, site_id=school.site_id)
            )
            session.execute(update(RegistrationLink).values(platform_id=school.platform_id))
            session.add(
                DeepLinkRequest(
                    id=new_id(),
                    person_id=person,
                    platform_id=school.platform_id,
                    deployment_id="d-1",
                    course_id=course,
                    settings="sealed",
                    expires_at=house.clock(),
                )
            )
        asked = operator.get(f"/admin/registrations/{school.platform_id}/remove")
        assert "The site stays" in said(asked)
        assert len(stored(select(Platform.id))) == 2
        done = operator.post(f"/admin/registrations/{school.platform_id}/remove")
        assert "The registration is removed." in said(operator.get(done.location))
        assert [row.client_id for row in stored(select(Platform.client_id))] == ["plc-client"]
        assert stored(select(func.count()).where(Deployment.platform_id == school.platform_id)) == [(0,)]
        assert stored(select(DeepLinkRequest.id)) == []
        assert stored(select(Course.services)) == [({},)]
        assert "School" in [row.name for row in stored(select(Site.name))]
        [event] = events("platform.removed")
        assert (event.via, event.site_id, event.facts) == ("desk", school.site_id, {"client_id": "client-7"})

    def test_a_removed_registration_can_be_made_anew_and_finds_its_site(
        self, operator: Any, house: Any, stored: Any
    ) -> None:
        for _ in range(2):
            made = operator.post("/admin/connect/by-hand", BY_HAND)
            platform = made.location.partition("?")[0].rpartition("/")[2]
            operator.post(f"/admin/registrations/{platform}/remove")
        assert stored(select(Platform.id)) == []
        assert len(stored(select(Site.id))) == 1

    def test_the_link_it_came_by_is_kept_as_used(self, operator: Any, house: Any, stored: Any) -> None:
        school = Registration(*(BY_HAND[name] for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")))
        with house.database.write() as session:
            secret = make_link(session, house.clock(), None, via="desk")
            made = register_by_link(session, secret, Agreed(school), "S", house.clock(), allow_http=False)
        operator.post(f"/admin/registrations/{made.platform_id}/remove")
        assert stored(select(RegistrationLink.platform_id, RegistrationLink.used_at)) == [(None, house.clock())]


@pytest.mark.parametrize("family", GUIDES)
def test_each_guide_gives_every_address_of_this_tool_to_be_copied(operator: Any, family: str, said: Any) -> None:
    page = operator.get(f"/admin/guide/{family}")
    assert page.status_code == 200
    for path in ("/lti/launch", "/lti/login", "/lti/jwks"):
        assert f'value="{TOOL}{path}" readonly' in page.text
    assert "context_id_history=$Context.id.history" in page.text
    for field in ("Issuer", "Client ID", "Deployment ID", "Key set URL", "Token URL", "Sign-in URL"):
        assert field in said(page)
    assert ("Not possible with" in said(page)) == (family == "blackboard")


def test_a_guide_for_an_lms_nobody_has_heard_of_is_404(operator: Any) -> None:
    assert operator.get("/admin/guide/abacus").status_code == 404


def test_the_desk_speaks_the_browsers_language(operator: Any) -> None:
    assert '<html lang="mk"' in operator.get("/admin/", headers={"Accept-Language": "mk"}).text


def test_no_page_of_the_desk_shows_a_person_or_what_somebody_wrote(
    operator: Any, circle: Any, stored: Any, keys: Any
) -> None:
    canaries = ("Person 1", "Person 2", "Maths circle", "Canary of a title", "Canary of a post", "Course 5")
    circle.start(circle.facilitator, title="Canary of a title", body="Canary of a post")
    platform = stored(select(Platform.id))[0].id
    pages = [
        "/admin/",
        "/admin/connect",
        "/admin/connect/by-hand",
        f"/admin/registrations/{platform}",
        f"/admin/registrations/{platform}/remove",
        f"/admin/registrations/{uuid4()}",
        operator.offered(),
        *(f"/admin/guide/{family}" for family in GUIDES),
    ]
    assert "Person 1" in circle.facilitator.get(circle.home).text
    for path in pages:
        text = operator.get(path).text
        for canary in canaries:
            assert canary not in text, path
    for answer in (
        operator.post("/admin/links"),
        operator.post("/admin/connect/by-hand"),
        operator.post("/admin/leave"),
    ):
        assert not any(canary in answer.text for canary in canaries)
