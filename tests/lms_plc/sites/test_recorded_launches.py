"""Does a real Moodle's launch come in through the whole house, as the right person, to the right place?"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms_plc.app import create_app
from lms_plc.communities.founding import found_community
from lms_plc.communities.models import Membership, PlacedLink
from lms_plc.config import Settings
from lms_plc.house import House, open_house
from lms_plc.people.models import Identity, Person
from lms_plc.sites.actions import Registration, add_platform
from lms_plc.sites.models import Course, Enrolment, Login, Platform
from lti.browser import digest

RECORDINGS = Path(__file__).parents[2] / "recordings" / "moodle" / "lti"
MOODLE = "http://127.0.0.1:8080"
TOOL = "http://127.0.0.1:5000"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MARK = "m" * 43

LANDINGS = {
    "launch_admin": "technical",
    "launch_big_course_student": "waiting",
    "launch_emoji_user": "waiting",
    "launch_instructor": "found",
    "launch_instructor_deeplinked_no_url": "found",
    "launch_instructor_kk": "found",
    "launch_instructor_two_lineitems_on_link": "found",
    "launch_nonediting_teacher": "found",
    "launch_quote_user": "waiting",
    "launch_student": "waiting",
    "launch_student_deeplinked_item": "waiting",
}
REVIEWS = ("submission_review", "submission_review_deeplinked_item")


@dataclass(frozen=True)
class Recorded:
    """A launch as a real Moodle posted it."""

    token: str
    state: str
    claims: dict[str, Any]

    @property
    def issued_at(self) -> datetime:
        return datetime.fromtimestamp(self.claims["iat"], UTC)


def recorded(name: str, *, folder: str = "launch") -> Recorded:
    recording = json.loads((RECORDINGS / folder / f"{name}.json").read_text())
    token = recording["id_token_raw"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    state = next(step["state"] for step in recording["steps"] if "state" in step)
    return Recorded(token, state, claims)


@dataclass
class Tool:
    """This tool at the address the recorded Moodle knew, where that Moodle is registered."""

    house: House
    client: Any

    def post(self, launch: Recorded, *, mark: str = MARK) -> TestResponse:
        with self.house.database.write() as session:
            platform_id = session.execute(
                select(Platform.id).where(Platform.client_id == launch.claims["aud"])
            ).scalar_one()
            session.merge(
                Login(
                    state_digest=digest(launch.state),
                    nonce_digest=digest(launch.claims["nonce"]),
                    mark_digest=digest(MARK),
                    platform_id=str(platform_id),
                    target_link_uri=launch.claims[LTI + "target_link_uri"],
                    expires_at=launch.issued_at + timedelta(minutes=10),
                )
            )
        self.client.set_cookie("plc_browser", mark, domain="127.0.0.1")
        form = {"id_token": launch.token, "state": launch.state}
        return self.client.post("/lti/launch", data=form, base_url=TOOL, headers={"Origin": MOODLE})


@pytest.fixture
def tool(prepared_url: str, tmp_path: Path, clock: Any, edge: responses.RequestsMock) -> Iterator[Tool]:
    settings = Settings(
        _env_file=None,
        base_url=TOOL,
        secret_key="a key for tests, long enough to be one",
        data_dir=tmp_path,
        database_url=prepared_url,
        allow_private_hosts=True,
    )
    house = open_house(settings, clock=clock)
    edge.get(f"{MOODLE}/mod/lti/certs.php", json=json.loads((RECORDINGS / "certs.json").read_text())["json"])
    launches = (*(recorded(name) for name in (*LANDINGS, *REVIEWS)), recorded("deeplink_instructor", folder="deeplink"))
    for client_id in {launch.claims["aud"] for launch in launches}:
        with house.database.write() as session:
            addresses = [f"{MOODLE}/mod/lti/{page}.php" for page in ("auth", "token", "certs")]
            registration = Registration(MOODLE, client_id, *addresses, deployment_id="1")
            add_platform(session, "moodle", registration, clock(), allow_http=True)
    app = create_app(settings, clock=clock)
    yield Tool(house, app.test_client())
    app.extensions["plc"].database.dispose()
    house.database.dispose()


def test_every_recorded_launch_is_looked_at() -> None:
    assert {path.stem for path in (RECORDINGS / "launch").glob("*.json")} == {*LANDINGS, *REVIEWS}


@pytest.mark.parametrize("name", LANDINGS)
def test_a_recorded_launch_brings_the_right_person_to_the_right_place(tool: Tool, clock: Any, name: str) -> None:
    launch = recorded(name)
    clock.now = launch.issued_at
    answer = tool.post(launch)
    assert answer.status_code == 303, answer.text
    landing = urlsplit(answer.location).path
    assert landing.rpartition("/")[2] == LANDINGS[name]
    page = tool.client.get(landing, base_url=TOOL)
    assert page.status_code == 200

    with tool.house.database.read() as connection:
        person = connection.execute(
            select(Person.display_name, Person.locale, Identity.subject).join(Identity, Identity.person_id == Person.id)
        ).one()
        course = connection.execute(select(Course.lms_id, Course.title, Course.short_name)).one()
        roles = connection.execute(select(Enrolment.launch_roles)).scalar_one()
    context = launch.claims[LTI + "context"]
    assert person == (" ".join(launch.claims["name"].split()), "en", launch.claims["sub"])
    assert course == (context["id"], context["title"], context["label"])
    assert {role["name"] for role in roles} == {uri.rpartition("#")[2] for uri in launch.claims[LTI + "roles"]}
    assert len(roles) == len(launch.claims[LTI + "roles"])


def test_the_scope_of_a_role_is_kept(tool: Tool, clock: Any) -> None:
    launch = recorded("launch_admin")
    clock.now = launch.issued_at
    tool.post(launch)
    with tool.house.database.read() as connection:
        roles = connection.execute(select(Enrolment.launch_roles)).scalar_one()
    assert {(role["scope"], role["name"]) for role in roles} == {
        ("context", "Instructor"),
        ("institution", "Administrator"),
        ("system", "Administrator"),
    }


@pytest.mark.parametrize("name", [name for name in LANDINGS if name != "launch_admin"])
def test_where_the_course_has_a_community_a_recorded_launch_leads_into_it(tool: Tool, clock: Any, name: str) -> None:
    launch = recorded(name)
    clock.now = launch.issued_at
    tool.post(launch)
    with tool.house.database.write() as session:
        course = session.execute(select(Course)).scalar_one()
        community_id = found_community(
            session, site_id=course.site_id, course_id=course.id, name="Ours", at=clock(), via="sync"
        )
    answer = tool.post(launch)
    assert urlsplit(answer.location).path.endswith(f"/communities/{community_id}")
    page = tool.client.get(urlsplit(answer.location).path, base_url=TOOL)
    assert page.status_code == 200
    assert "Ours" in page.text


def test_the_recorded_administrator_stays_outside_the_community(tool: Tool, clock: Any) -> None:
    launch = recorded("launch_admin")
    clock.now = launch.issued_at
    tool.post(launch)
    with tool.house.database.write() as session:
        course = session.execute(select(Course)).scalar_one()
        community_id = found_community(
            session, site_id=course.site_id, course_id=course.id, name="Ours", at=clock(), via="sync"
        )
    path = urlsplit(tool.post(launch).location).path
    assert path.endswith("/technical")
    seat = path.split("/")[2]
    assert tool.client.get(f"/s/{seat}/communities/{community_id}", base_url=TOOL).status_code == 404


@pytest.mark.parametrize("name", REVIEWS)
def test_a_recorded_submission_review_of_what_was_not_placed_here_joins_nobody_to_anything(
    tool: Tool, clock: Any, name: str
) -> None:
    launch = recorded(name)
    clock.now = launch.issued_at
    assert urlsplit(tool.post(launch).location).path.endswith("/found")
    with tool.house.database.write() as session:
        course = session.execute(select(Course)).scalar_one()
        found_community(session, site_id=course.site_id, course_id=course.id, name="Ours", at=clock(), via="sync")
    assert urlsplit(tool.post(launch).location).path.endswith("/outside")
    with tool.house.database.read() as connection:
        assert connection.execute(select(Membership.id)).all() == []


def test_a_recorded_deep_linking_request_leads_to_the_choice_and_its_answer_is_made_for_that_moodle(
    tool: Tool, clock: Any
) -> None:
    launch = recorded("deeplink_instructor", folder="deeplink")
    clock.now = launch.issued_at
    answer = tool.post(launch)
    choice = urlsplit(answer.location).path
    assert "/choices/" in choice
    page = tool.client.get(choice, base_url=TOOL)
    assert page.status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {"csrf_token": token[1], "which": "own", "parts": "communities.community_home", "counts": "yes"}
    answered = tool.client.post(choice, data=form, base_url=TOOL, headers={"Origin": TOOL})
    settings = launch.claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    assert f'action="{settings["deep_link_return_url"]}"' in unescape(answered.text)
    with tool.house.database.read() as connection:
        assert connection.execute(select(PlacedLink.counts)).scalars().all() == [True]
        assert connection.execute(select(Membership.id)).all() == []


def test_another_browser_cannot_use_a_recorded_launch(tool: Tool, clock: Any) -> None:
    launch = recorded("launch_student")
    clock.now = launch.issued_at
    refused = tool.post(launch, mark="n" * 43)
    assert (refused.status_code, "browser_changed" in refused.text) == (403, True)
    assert tool.post(launch).status_code == 303


def test_a_recorded_launch_is_too_late_two_minutes_on(tool: Tool, clock: Any) -> None:
    launch = recorded("launch_student")
    clock.now = launch.issued_at + timedelta(seconds=121)
    refused = tool.post(launch)
    assert (refused.status_code, "token_expired" in refused.text) == (403, True)
    clock.now = launch.issued_at + timedelta(seconds=59)
    assert tool.post(launch).status_code == 303
