"""What opens from a course at this moment: the run under way, the next meeting, one that was chosen, a series."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from lms_plc.classdata.actions import add_data_set, begin_talk
from lms_plc.classdata.models import DataSet
from lms_plc.classdata.queries import SetSeen
from lms_plc.classdata.tables import Use, table_of
from lms_plc.communities.models import PlacedLink
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.cycles.queries import choices, cycle_for
from lms_plc.inquiry.actions import open_inquiry, open_to_community
from lms_plc.inquiry.forms import BeginForm
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.meetings.actions import plan_meeting
from lms_plc.meetings.forms import MeetingForm
from lms_plc.meetings.models import Meeting
from lms_plc.running.models import ProtocolRun
from lms_plc.series.actions import plan_series
from lms_plc.series.forms import SeriesForm
from lms_plc.series.recurrence import Every
from lti.claims import LTI
from tests.conftest import INSTRUCTOR, NOW, TOOL


def planner(circle: Any, house: Any) -> Actor:
    return Actor(circle.person("1"), circle.site_id, "Person 1", house.clock())


@pytest.fixture
def planned(circle: Any, house: Any) -> Callable[..., UUID]:
    """``planned(days)``: a meeting in so many days."""

    def plan(days: int, title: str = "Tuesdays") -> UUID:
        day = (NOW + timedelta(days=days)).date()
        form = MeetingForm(title=title, day=day, starts="14:00", ends="15:00")  # type: ignore[arg-type]
        who = planner(circle, house)
        with house.database.write() as session:
            community: CommunitySeen = load(session.connection(), who, "community", circle.id, "community.read")
            return plan_meeting(session, who, community, form, ZoneInfo("UTC"))

    return plan


@pytest.fixture
def series(circle: Any, house: Any) -> UUID:
    form = SeriesForm(
        title="Every Friday",
        every=Every.WEEK,
        weekday=4,
        first=NOW.date(),
        starts="14:00",  # type: ignore[arg-type]
        minutes=60,
        form_key=new_id().hex,
    )
    who = planner(circle, house)
    with house.database.write() as session:
        community: CommunitySeen = load(session.connection(), who, "community", circle.id, "community.read")
        return plan_series(session, who, community, form, "UTC")


@pytest.fixture
def runs(circle: Any, house: Any) -> Callable[..., UUID]:
    """``runs(meeting)``: a protocol runs there since a moment ago, or since longer."""

    def run(meeting_id: UUID, **ago: float) -> UUID:
        began, run_id = NOW - timedelta(**(ago or {"minutes": 5})), new_id()
        with house.database.write() as session:
            session.add(
                ProtocolRun(
                    id=run_id,
                    community_id=circle.id,
                    meeting_id=meeting_id,
                    protocol="useful_flop",
                    protocol_version=1,
                    content={},
                    state="running",
                    step=0,
                    number=1,
                    begun_by_id=circle.person("1"),
                    form_key=new_id().hex,
                    created_at=began,
                    started_at=began,
                )
            )
        return run_id

    return run


@pytest.fixture
def project(circle: Any, house: Any) -> Callable[..., UUID]:
    """``project()``: a project of subject 1 that the community knows of; ``private``: or not yet."""

    def begin(*, private: bool = False) -> UUID:
        who = planner(circle, house)
        form = BeginForm(title="Wait time", cycle="pdsa", form_key="k" * 30)
        with house.database.write() as session:
            connection = session.connection()
            community: CommunitySeen = load(connection, who, "community", circle.id, "inquiry.open")
            cycle = cycle_for(connection, circle.id, choices(connection, circle.id)[0].key)
            assert cycle is not None
            inquiry_id = open_inquiry(session, who, house.seal, community, form, cycle)
            if not private:
                seen: InquirySeen = load(connection, who, "inquiry", inquiry_id, "inquiry.lead")
                open_to_community(session, who, house.seal, seen, ())
        return inquiry_id

    return begin


@pytest.fixture
def results(circle: Any, house: Any) -> tuple[UUID, UUID]:
    """Class results, and a conversation about them."""
    table = table_of([["Class", "Pupils", "Mean"], ["Class 7a", "28", "61"]], [Use.GROUP, Use.PUPILS, Use.MEAN])
    who, place = planner(circle, house), {"community_id": circle.id, "site_id": circle.site_id}
    about = {"question": "Fractions?", "source": "A test", "day": NOW.date(), "came": "paste", "form_key": "d" * 30}
    with house.database.write() as session:
        data_set_id = add_data_set(session, who, table=table, **place, **about)  # type: ignore[arg-type]
        seen: SetSeen = load(session.connection(), who, "data_set", data_set_id, "data_set.read")
        return data_set_id, begin_talk(session, who, seen, "t" * 30)


def opened(who: Any, path: str) -> str:
    """Where an address leads on to."""
    answer = who.get(path)
    assert answer.status_code == 303, answer.text
    return "/" + urlsplit(answer.location).path.split("/", 3)[3]


def launched(circle: Any, subject: str, link_id: Any, course: str = "5", **how: Any) -> tuple[Any, str]:
    visitor = circle.visitor()
    answer = visitor.launch(subject, course, **{LTI + "target_link_uri": f"{TOOL}/placed/{link_id}", **how})
    location = urlsplit(answer.location)
    return visitor, "/" + location.path.split("/", 3)[3] + (f"?{location.query}" if location.query else "")


def test_now_is_the_run_under_way_else_the_next_meeting_else_the_list(
    circle: Any, planned: Any, runs: Any, house: Any
) -> None:
    now, following = f"{circle.home}/now", f"{circle.home}/next-meeting"
    assert opened(circle.member, now) == f"{circle.home}/meetings"
    later, soon = planned(9), planned(2)
    assert opened(circle.member, now) == opened(circle.member, following) == f"/meetings/{soon}"
    runs(later, days=2)
    assert opened(circle.member, now) == f"/meetings/{soon}"  # left open the day before yesterday
    run = runs(later)
    assert opened(circle.member, now) == f"/runs/{run}"
    assert opened(circle.member, following) == f"/meetings/{soon}"
    with house.database.write() as session:
        session.execute(update(Meeting).where(Meeting.id == later).values(state="running"))
    assert opened(circle.member, following) == f"/runs/{run}"


def test_a_meeting_and_a_series_are_placed_and_open_where_they_were_chosen_for(
    circle: Any, planned: Any, series: UUID, runs: Any, choosing: Any, stored: Any, house: Any
) -> None:
    meeting = planned(2)
    path = choosing(circle.facilitator, "1")
    page = circle.facilitator.get(path).text
    assert "One meeting: Tuesdays, " in page
    assert "A series of meetings: Every Friday" in page
    parts = [f"opening.meeting:{meeting}", f"opening.series:{series}", "opening.now"]
    assert circle.facilitator.post(path, {"which": "own", "parts": parts}).status_code == 200
    links = {link.part: link for link in stored(select(PlacedLink.__table__))}
    assert links["opening.meeting"].title == "Tuesdays – Maths circle"
    assert links["opening.now"].title == "What is on now – Maths circle"
    student, way = launched(circle, "2", links["opening.meeting"].id)
    assert opened(student, way) == f"/meetings/{meeting}"
    run = runs(meeting)
    assert opened(student, way) == f"/runs/{run}"
    student, way = launched(circle, "2", links["opening.now"].id)
    assert opened(student, way) == f"/runs/{run}"
    student, way = launched(circle, "2", links["opening.series"].id)
    first = stored(select(Meeting.id).where(Meeting.series_id == series).order_by(Meeting.starts_at))[0].id
    assert opened(student, way) == f"/meetings/{first}"
    with house.database.write() as session:
        session.execute(update(Meeting).where(Meeting.series_id == series).values(state="cancelled"))
    assert opened(student, way) == f"/series/{series}"


def test_a_copied_course_opens_its_own_communitys_meetings(
    circle: Any, planned: Any, series: UUID, place: Any, stored: Any, runs: Any
) -> None:
    meeting = planned(2)
    runs(meeting)
    parts = ("opening.now", "opening.next_meeting", f"opening.meeting:{meeting}", f"opening.series:{series}")
    for part in parts:
        link = place(circle.facilitator, "1", parts=part)
        history = {"context_id_history": "5"}
        teacher, way = launched(circle, "1", link, "12", roles=[INSTRUCTOR], custom=history)
        own = way.split("/")[2]
        assert own != str(circle.id)
        assert opened(teacher, way) == f"/communities/{own}/meetings"


@pytest.mark.parametrize("which", ["new", "other"])
def test_a_meeting_of_another_community_is_refused_with_a_word(
    circle: Any, planned: Any, choosing: Any, visitor: Any, which: str, stored: Any
) -> None:
    meeting = planned(2)
    found = circle.facilitator.launch("1", "9", roles=[INSTRUCTOR]).location
    other = circle.facilitator.post(found, {"name": "Next door"}).location.rpartition("/")[2]
    path = choosing(circle.facilitator, "1")
    form = {"which": other if which == "other" else "new", "name": "New", "parts": f"opening.meeting:{meeting}"}
    answer = circle.facilitator.post(path, form)
    assert answer.status_code == 422
    assert "“Tuesdays” is of Maths circle" in answer.text
    assert stored(select(PlacedLink.id)) == []


def test_meetings_one_may_not_know_of_are_neither_offered_nor_placed(
    circle: Any, planned: Any, choosing: Any, visitor: Any
) -> None:
    meeting = planned(2)
    stranger = visitor()
    path = choosing(stranger, "40", "13")
    assert "Tuesdays" not in stranger.get(path).text
    assert stranger.post(path, {"which": "own", "parts": f"opening.meeting:{meeting}"}).status_code == 404
    newcomer = visitor()
    path = choosing(newcomer, "41", "5")  # they lead the course, and are no member: choosing joins nobody
    assert "Tuesdays" not in newcomer.get(path).text


def test_a_project_and_class_results_are_placed_and_open_right_there(
    circle: Any, project: Any, results: tuple[UUID, UUID], choosing: Any, stored: Any
) -> None:
    inquiry, (data_set, talk) = project(), results
    path = choosing(circle.facilitator, "1")
    page = circle.facilitator.get(path).text
    assert "A project: Wait time" in page
    assert "Class results: Fractions?" in page
    assert "A conversation about class results: Fractions?" in page
    parts = [f"opening.inquiry:{inquiry}", f"opening.data_set:{data_set}", f"opening.data_conversation:{talk}"]
    assert circle.facilitator.post(path, {"which": "own", "parts": parts}).status_code == 200
    links = {link.part.partition(".")[2]: link.id for link in stored(select(PlacedLink.__table__))}
    led = {part: opened(*launched(circle, "2", link)) for part, link in links.items()}
    assert led == {
        "inquiry": f"/projects/{inquiry}",
        "data_set": f"/class-results/{data_set}",
        "data_conversation": f"/class-conversations/{talk}",
    }


def test_a_copied_course_opens_its_own_lists(
    circle: Any, project: Any, results: tuple[UUID, UUID], place: Any, stored: Any
) -> None:
    link = place(circle.facilitator, "1", parts=f"opening.inquiry:{project()}")
    history = {"context_id_history": "5"}
    teacher, way = launched(circle, "1", link, "12", roles=[INSTRUCTOR], custom=history)
    answer = teacher.get(way)
    assert "not_open" not in answer.location
    assert str(circle.id) not in answer.location
    assert teacher.get("/" + urlsplit(answer.location).path.split("/", 3)[3]).status_code == 200


def test_what_somebody_may_not_see_leads_to_the_list_with_a_word(
    circle: Any, project: Any, results: tuple[UUID, UUID], choosing: Any, stored: Any, house: Any, said: Any
) -> None:
    inquiry = project(private=True)
    assert "Wait time" not in circle.facilitator.get(choosing(circle.facilitator, "1")).text
    with house.database.write() as session:
        session.execute(update(DataSet).values(hidden_at=NOW))
    words = {
        f"one-project?thing={inquiry}": "This project is not open to you, or not yet.",
        f"one-table?thing={results[0]}": "These results are not here any more.",
        f"one-data-conversation?thing={results[1]}": "This conversation is not here any more.",
    }
    for path, word in words.items():
        answer = circle.member.get(f"{circle.home}/{path}")
        assert answer.status_code == 303
        to = urlsplit(answer.location)
        page = circle.member.get("/" + to.path.split("/", 3)[3] + f"?{to.query}")
        assert (page.status_code, word in said(page)) == (200, True)
    assert opened(circle.facilitator, f"{circle.home}/one-project?thing={inquiry}") == f"/projects/{inquiry}"
