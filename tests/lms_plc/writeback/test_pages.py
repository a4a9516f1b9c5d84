"""Does whoever runs the tool see at the desk what would be written, and is nothing written that is not ticked?"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, update

from lms_plc.admin import seats
from lms_plc.house import House
from lms_plc.sites.models import Site

School = Any
TOOL = "https://plc.example.org"
OWN_PAGE = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}


class Operator:
    """Somebody at the desk."""

    def __init__(self, app: Flask, house: House) -> None:
        self.client, self.house = app.test_client(), house
        with house.database.write() as session:
            secret = seats.offer(session, house.clock(), who="Ana")
        self.client.post(f"/admin/enter/{secret}", base_url=TOOL, headers=OWN_PAGE)

    def get(self, path: str) -> Any:
        return self.client.get(path, base_url=TOOL)

    def post(self, path: str, **form: Any) -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/admin/connect").text)
        assert token is not None
        return self.client.post(path, data={"csrf_token": token[1], **form}, base_url=TOOL, headers=OWN_PAGE)


@pytest.fixture
def desk(app: Flask, house: House) -> Operator:
    return Operator(app, house)


@pytest.fixture
def circle(school: School) -> Any:
    circle = school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts", "messages", "calendar")
    school.meeting(circle, "5")
    return circle


@pytest.fixture
def planned(desk: Operator, school: School, circle: Any) -> str:
    """The path of a plan's page."""
    answer = desk.post(f"/admin/writing/{school.site_id}/plan")
    assert answer.status_code == 303
    return urlsplit(answer.location).path


def test_the_sites_page_says_what_is_on_and_what_is_there(
    desk: Operator, school: School, circle: Any, said: Callable[[Any], str]
) -> None:
    school.push()
    page = desk.get(f"/admin/writing/{school.site_id}")
    assert page.status_code == 200
    assert "Cohorts may be written 1 of ours is there Groups in courses off 0 of ours are there" in said(page)
    assert "Take back what this tool made" in page.text
    assert "No worker is alive" in page.text


def test_a_plan_names_people_and_communities_and_no_word_of_anybody(
    desk: Operator, school: School, planned: str, said: Callable[[Any], str]
) -> None:
    page = desk.get(planned)
    assert "Person 11 add to cohort Maths circle" in said(page)
    assert "put event into calendar" in page.text
    assert "send message" in page.text
    assert "Meeting 1" not in page.text
    assert "colleagues from your course" not in page.text
    assert page.text.count('name="tick"') == 6
    assert not school.moodle.calls


def test_only_what_is_ticked_is_written_and_the_history_says_who_approved(
    desk: Operator, school: School, circle: Any, planned: str, said: Callable[[Any], str]
) -> None:
    answer = desk.post(f"{planned}/apply", shown="1 2 3 4 5 6", tick=["1", "3"])
    assert answer.status_code == 303
    page = desk.get(planned)
    assert page.headers["Refresh"]
    assert "Refresh" not in desk.get(f"{planned}?still=1").headers
    plan_id = planned.rpartition("/")[2]
    school.carry_out(UUID(plan_id))
    assert school.cohort(circle)["people"] == [12]
    assert not school.moodle.messages
    assert not school.moodle.events
    page = desk.get(planned)
    assert "done: 2 · left out: 4" in said(page)
    assert "approved by Ana at the desk" in said(page)
    assert "Refresh" not in page.headers
    assert "Person 12" not in desk.get(f"{planned}?only=failed").text
    assert "done: 2" in said(desk.get(f"/admin/writing/{school.site_id}"))


def test_ticks_are_kept_from_page_to_page(desk: Operator, school: School, planned: str) -> None:
    answer = desk.post(f"{planned}/ticks?after=3", shown="4 5 6", tick=["4"], do="keep")
    assert answer.location.endswith("?after=3&done=kept")
    assert desk.get(planned).text.count(" checked") == 4
    desk.post(f"{planned}/ticks", shown="1 2 3 4 5 6", tick=[], do="all")
    assert desk.get(planned).text.count(" checked") == 6
    assert desk.post(f"{planned}/ticks", shown="x").status_code == 422
    assert desk.post(f"{planned}/apply", shown="x").status_code == 422


def test_a_long_plan_comes_in_pages(desk: Operator, school: School, circle: Any) -> None:
    school.join(circle, "5", *range(1000, 1250))
    school.switch("cohorts")
    path = urlsplit(desk.post(f"/admin/writing/{school.site_id}/plan").location).path
    assert desk.get(path).text.count('name="tick"') == 200
    assert "after=200" in desk.get(path).text
    assert desk.get(f"{path}?after=200").text.count('name="tick"') == 53


def test_where_the_brake_holds_somebody_has_to_say_that_they_looked(
    desk: Operator, school: School, circle: Any
) -> None:
    school.join(circle, "5", *range(1000, 1025))
    school.switch("cohorts")
    school.push()
    school.leave(circle, *range(1000, 1025))
    path = urlsplit(desk.post(f"/admin/writing/{school.site_id}/plan").location).path
    assert "The brake holds this plan. 25 of 27 people" in " ".join(desk.get(path).text.split())
    numbers = [str(n) for n in range(1, 26)]
    refused = desk.post(f"{path}/apply", shown=" ".join(numbers), tick=numbers)
    assert refused.status_code == 422
    assert "Please confirm that you have looked at this." in refused.text
    assert desk.post(f"{path}/apply", shown=" ".join(numbers), tick=numbers, looked="yes").status_code == 303


def test_a_plan_that_is_no_longer_true_says_so(desk: Operator, school: School, circle: Any, planned: str) -> None:
    school.join(circle, "5", 14)
    refused = desk.post(f"{planned}/apply", shown="1", tick=["1"])
    assert refused.status_code == 409
    assert "Something has changed since this plan was made" in refused.text
    newer = urlsplit(desk.post(f"/admin/writing/{school.site_id}/plan").location).path
    assert "not applied any more" in desk.get(planned).text
    assert desk.post(f"{planned}/ticks", shown="1", tick=[]).location.endswith("?done=too-late")
    assert desk.post(f"{newer}/apply", shown="1", tick=["1"]).status_code == 303
    assert desk.post(f"/admin/writing/{school.site_id}/plan").status_code == 409


def test_a_stopped_plan_has_a_button_to_go_on(desk: Operator, school: School, circle: Any) -> None:
    school.moodle.refused = {"core_cohort_get_cohorts": "sitemaintenance"}
    came = school.push()
    page = desk.get(f"/admin/writing/plans/{came.id}")
    assert "Moodle is in maintenance mode." in page.text
    school.moodle.refused = {}
    assert desk.post(f"/admin/writing/plans/{came.id}/apply").status_code == 303
    assert school.carry_out(came.id).state == "done"


def test_taking_back_is_a_plan_to_look_at(
    desk: Operator, school: School, circle: Any, said: Callable[[Any], str]
) -> None:
    school.push()
    answer = desk.post(f"/admin/writing/{school.site_id}/withdraw", kind="cohorts")
    page = desk.get(urlsplit(answer.location).path)
    assert "Person 11 take out of cohort" in said(page)
    assert school.cohort(circle)["people"] == [11, 12]
    assert desk.post(f"/admin/writing/{school.site_id}/withdraw", kind="messages").status_code == 422
    assert desk.post(f"/admin/writing/{school.site_id}/withdraw", kind="groups").status_code == 409


def test_the_check_says_what_is_missing_and_where_to_click(
    desk: Operator, school: School, circle: Any, said: Callable[[Any], str]
) -> None:
    school.moodle.not_in_service = {"core_cohort_create_cohorts"}
    page = said(desk.get(f"/admin/writing/{school.site_id}/check"))
    assert "✗ cannot be called core_cohort_create_cohorts to make cohorts Add the function in Moodle" in page
    assert "✓ can be called core_calendar_create_calendar_events" in page
    school.moodle.refused = {"core_webservice_get_site_info": "invalidtoken"}
    assert "Make a new token in Moodle" in said(desk.get(f"/admin/writing/{school.site_id}/check"))


def test_a_site_that_cannot_be_written_to_says_so(
    desk: Operator, school: School, circle: Any, house: House, said: Callable[[Any], str]
) -> None:
    with house.database.write() as session:
        session.execute(update(Site).where(Site.id == school.site_id).values(connector="canvas"))
    assert "Only a Moodle" in said(desk.get(f"/admin/writing/{school.site_id}"))
    refused = desk.post(f"/admin/writing/{school.site_id}/plan")
    assert refused.status_code == 409
    assert "is connected by canvas" in refused.text
    assert "Only a Moodle can be written to" in said(desk.get(f"/admin/writing/{school.site_id}/check"))
    assert desk.get(f"/admin/writing/{circle}").status_code == 404
    assert desk.get(f"/admin/writing/plans/{circle}").status_code == 404


def test_a_page_of_lines_costs_the_same_statements_however_many_there_are(
    desk: Operator, app: Flask, school: School, circle: Any
) -> None:
    def statements(path: str) -> int:
        counted: list[str] = []

        def hear(_c: Any, _u: Any, statement: str, *_: Any) -> None:
            counted.append(statement)

        engine = app.extensions["plc"].database.engine
        event.listen(engine, "before_cursor_execute", hear)
        try:
            assert desk.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", hear)
        return len([one for one in counted if one.lstrip().upper().startswith(("SELECT", "WITH"))])

    school.switch("cohorts")
    few = statements(f"/admin/writing/plans/{school.plan()}")
    school.join(circle, "5", *range(1000, 1100))
    assert statements(f"/admin/writing/plans/{school.plan()}") == few <= 5
