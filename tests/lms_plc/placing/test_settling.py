"""Who is done without a word: by an approved portfolio, by confirmed hours; no more when that is taken back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from lms_plc import jobs
from lms_plc.attendance.models import Attendance
from lms_plc.communities.memberships import Because, end
from lms_plc.communities.models import PlacedLink
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.evidence.actions import keep_node
from lms_plc.inquiry.models import Inquiry, InquiryPerson
from lms_plc.meetings.models import Meeting
from lms_plc.placing.models import Completion
from lms_plc.placing.settling import minutes_confirmed, settle, settle_all, settle_community
from lms_plc.placing.telling import tell_completions
from lms_plc.portfolios.endings import tell_of_decision
from lms_plc.portfolios.models import Portfolio, PortfolioLead
from tests.conftest import NOW


@pytest.fixture
def by_hours(circle: Any, place: Any) -> UUID:
    link: UUID = place(circle.facilitator, "1", counts="yes", done_by="hours", done_hours="3", title="Twenty hours")
    return link


@pytest.fixture
def by_portfolio(circle: Any, place: Any) -> UUID:
    link: UUID = place(circle.facilitator, "1", counts="yes", done_by="portfolio", done_hours="4", title="A project")
    return link


@pytest.fixture
def met(circle: Any, house: Any) -> Callable[..., UUID]:
    """``met(minutes, **attendance)``: a meeting of two hours that subject 2 was at, each a day before the last one
    unless ``ended`` says when; its id."""
    days = count()

    def add(
        *, state: str = "held", status: str = "present", minutes: int | None = None, ended: datetime | None = None
    ) -> UUID:
        meeting_id, who = new_id(), circle.person("1")
        ends_at = ended or NOW - timedelta(days=next(days))
        meeting = Meeting(
            id=meeting_id,
            community_id=circle.id,
            planned_by_id=who,
            title="Tuesdays",
            starts_at=ends_at - timedelta(hours=2),
            ends_at=ends_at,
            place="",
            link="",
            state=state,
            revision=1,
            minutes="",
            minutes_html="",
            minutes_renderer=1,
            minutes_version=0,
            form_key=new_id().hex,
            created_at=NOW,
            changed_at=NOW,
        )
        there = Attendance(
            meeting_id=meeting_id,
            person_id=circle.person("2"),
            status=status,
            minutes=minutes,
            method="list",
            confirmed_by_id=who,
            at=NOW,
        )
        with house.database.write() as session:
            session.add(meeting)
            session.flush()
            session.add(there)
        return meeting_id

    return add


@pytest.fixture
def portfolio(circle: Any, house: Any) -> Callable[[str], None]:
    """``portfolio(state)``: subject 2's portfolio is in this state."""
    inquiry_id, portfolio_id = new_id(), new_id()

    def put(state: str) -> None:
        with house.database.write() as session:
            changed = session.execute(
                update(Portfolio).where(Portfolio.id == portfolio_id).values(state=state).returning(Portfolio.id)
            )
            if changed.one_or_none() is not None:
                return
            given = {
                "id": inquiry_id,
                "community_id": circle.id,
                "opened_by_id": circle.person("2"),
                "title": "Wait time",
                "sealed": False,
                "cycle": "tldw",
                "cycle_version": 1,
                "content": {},
                "state": "open",
                "stage": "act",
                "round": 1,
                "told_to_school": False,
                "form_key": "a",
                "created_at": NOW,
                "changed_at": NOW,
            }
            session.execute(insert(Inquiry).values(**given))
            session.execute(
                insert(Portfolio).values(
                    id=portfolio_id,
                    inquiry_id=inquiry_id,
                    community_id=circle.id,
                    author_id=circle.person("2"),
                    foreword="",
                    state=state,
                    created_at=NOW,
                    changed_at=NOW,
                )
            )

    return put


@pytest.fixture
def done(stored: Any) -> Callable[[], list[tuple[Any, ...]]]:
    return lambda: [tuple(row) for row in stored(select(Completion.person_id, Completion.done, Completion.state))]


def _id_in(answer: Any) -> str:
    found = re.search(r"/(?:projects|portfolios)/([0-9a-f-]{36})", answer.location)
    assert found is not None, answer.text
    return found[1]


def waiting(house: Any) -> int:
    with house.database.read() as connection:
        return jobs.state(connection).waiting


class TestHours:
    def test_only_confirmed_hours_of_meetings_that_took_place_count(
        self, circle: Any, house: Any, by_hours: UUID, met: Any, done: Any, said: Any, monkeypatch: Any
    ) -> None:
        met()
        met(state="cancelled")
        met(status="excused")
        met(minutes=59)
        assert settle_all(house) == 0
        own = said(circle.member.get(f"/placed/{by_hours}/completions"))
        assert "Done is who has 3 confirmed hours of meetings." in own
        assert "You have 2 of 3 hours confirmed." in own
        met(minutes=1, state="minutes_approved")
        assert settle_all(house) == 1
        with monkeypatch.context() as patched:
            patched.setattr(house.database, "write", None)
            assert settle_all(house) == 0, "nothing to say needs no lock"
        assert done() == [(circle.person("2"), True, "waiting")]
        assert "You have 3 of 3 hours confirmed." in said(circle.member.get(f"/placed/{by_hours}/completions"))

    def test_an_hour_taken_back_between_looking_and_writing_is_not_said_to_be_done(
        self, circle: Any, house: Any, by_hours: UUID, met: Any, done: Any, monkeypatch: Any
    ) -> None:
        met()
        met()
        write = house.database.write

        def meanwhile() -> Any:
            with write() as session:
                session.execute(update(Attendance).values(status="absent"))
            return write()

        monkeypatch.setattr(house.database, "write", meanwhile)
        assert settle(house, str(by_hours)) == 0
        assert done() == []

    def test_hours_of_meetings_at_one_time_count_once(
        self, circle: Any, house: Any, by_hours: UUID, met: Any, done: Any
    ) -> None:
        for later, minutes in ((0, None), (0, 90), (30, None), (150, 20)):
            met(minutes=minutes, ended=NOW + timedelta(minutes=later))
        assert settle(house, str(by_hours)) == 0
        assert done() == []
        with house.database.read() as connection:
            assert minutes_confirmed(connection, circle.id) == {circle.person("2"): 170}

    def test_nobody_is_shown_anothers_hours(self, circle: Any, by_hours: UUID, met: Any, said: Any) -> None:
        met()
        page = said(circle.facilitator.get(f"/placed/{by_hours}/completions"))
        assert "You have 0 of 3 hours confirmed." in page
        assert "2 of 3" not in page

    def test_an_hour_taken_back_takes_the_completion_along_and_the_grade_book_hears_it(
        self, circle: Any, house: Any, by_hours: UUID, met: Any, book: Any, opens: Any, grades: Any, clock: Any
    ) -> None:
        circle.member.launch("2", **opens(by_hours, **grades(lineitem=None)))
        meeting = met()
        met()
        settle_all(house)
        settle_all(house)
        assert tell_completions(house, str(by_hours)) == 1
        with house.database.write() as session:
            session.execute(update(Attendance).where(Attendance.meeting_id == meeting).values(status="absent"))
        clock.move(minutes=1)
        assert settle_all(house) == 1
        assert tell_completions(house, str(by_hours)) == 1
        assert [score.get("scoreGiven") for score in book.of("2")] == [1, None]
        assert {score.get("scoreMaximum") for score in book.of("2")} == {1, None}

    def test_nobody_confirms_by_hand_what_hours_say(self, circle: Any, by_hours: UUID, done: Any) -> None:
        page = circle.facilitator.get(f"/placed/{by_hours}/completions").text
        assert "Confirm: done" not in page
        form = {"person_id": str(circle.person("2")), "done": "yes"}
        assert circle.facilitator.post(f"/placed/{by_hours}/completions", form).status_code == 403
        assert done() == []


class TestPortfolios:
    def test_an_approved_one_makes_its_author_done_and_one_returned_again_does_not(
        self, circle: Any, house: Any, by_portfolio: UUID, portfolio: Any, done: Any, events: Any
    ) -> None:
        portfolio("in_review")
        assert settle_all(house) == 0
        portfolio("certified")
        assert settle_all(house) == 1
        assert done() == [(circle.person("2"), True, "waiting")]
        portfolio("returned")
        assert settle_all(house) == 1
        assert done() == [(circle.person("2"), False, "waiting")]
        told = events("completion.confirmed", "completion.withdrawn")
        assert [(one.verb, one.actor_id, one.via) for one in told] == [
            ("completion.confirmed", None, "clock"),
            ("completion.withdrawn", None, "clock"),
        ]

    def test_who_led_the_project_with_its_author_when_it_was_approved_is_done_too(
        self, circle: Any, house: Any, by_portfolio: UUID, portfolio: Any, done: Any, stored: Any
    ) -> None:
        """Whoever has left since stays done; whoever came later, or came back, is not."""
        for subject in ("3", "4"):
            circle.joined(subject)
        portfolio("certified")
        [(portfolio_id, inquiry_id)] = stored(select(Portfolio.id, Portfolio.inquiry_id))
        with house.database.write() as session:
            session.execute(insert(PortfolioLead).values(portfolio_id=portfolio_id, person_id=circle.person("3")))
            for subject, state in (("3", "left"), ("4", "active")):
                who = {"person_id": circle.person(subject), "part": "lead", "state": state, "since": NOW}
                session.execute(insert(InquiryPerson).values(inquiry_id=inquiry_id, asked_at=NOW, **who))
        for changed in (2, 0):
            assert settle_all(house) == changed
            assert {person for person, is_done, _ in done() if is_done} == {circle.person("2"), circle.person("3")}

    def test_those_of_a_community_follow_in_the_transaction_of_the_decision(
        self, circle: Any, house: Any, by_portfolio: UUID, by_hours: UUID, portfolio: Any, done: Any
    ) -> None:
        portfolio("certified")
        before = waiting(house)
        with house.database.write() as session:
            assert settle_community(session, house.clock(), new_id()) == 0
            reader = Actor(circle.person("1"), circle.site_id, "Person 1", house.clock())
            tell_of_decision(session, reader, new_id(), (circle.person("2"),), circle.id)
        assert done() == [(circle.person("2"), True, "waiting")]
        assert waiting(house) == before + 1

    def test_an_approval_withdrawn_takes_the_point_along(
        self, circle: Any, house: Any, by_portfolio: UUID, book: Any, opens: Any, grades: Any, clock: Any, done: Any
    ) -> None:
        reader = circle.joined("3")
        circle.member.launch("2", **opens(by_portfolio, **grades(lineitem=None)))
        key = {"title": "Wait time", "cycle": "tldw", "form_key": new_id().hex}
        inquiry = _id_in(circle.member.post(f"{circle.home}/projects/new", key))
        circle.member.post(f"/projects/{inquiry}/open", {})
        portfolio = _id_in(circle.member.post(f"/projects/{inquiry}/portfolio", {}))
        with house.database.write() as session:
            thought = keep_node(
                session,
                Actor(circle.person("2"), circle.site_id, "", house.clock()),
                kind="Concern",
                text="They do not ask",
                author_id=circle.person("2"),
                community_id=circle.id,
                site_id=circle.site_id,
                origin=Reference("inquiry", UUID(inquiry)),
                form_key=new_id().hex,
            )
        page = f"/portfolios/{portfolio}"
        item = {"stage": "concerns", "shows": "How it began."}
        assert circle.member.post(f"{page}/items/knowledge_node/{thought}", item).status_code == 303
        assert circle.member.post(f"{page}/readers", {"people": [str(circle.person("3"))]}).status_code == 303
        assert circle.member.post(f"{page}/submit", {}).status_code == 303
        before = waiting(house)
        says = {"learned": "That silence helps.", "verdict": "certified"}
        assert reader.post(f"{page}/review", says).status_code == 303
        assert done() == [(circle.person("2"), True, "waiting")]
        assert waiting(house) == before + 1
        assert tell_completions(house, str(by_portfolio)) == 1
        clock.move(minutes=1)
        assert reader.post(f"{page}/review/withdraw", {"why": "A slip."}).status_code == 303
        assert done() == [(circle.person("2"), False, "waiting")]
        assert tell_completions(house, str(by_portfolio)) == 1
        assert [score.get("scoreGiven", 0) for score in book.of("2")] == [1, 0]
        assert settle_all(house) == 0

    def test_who_has_left_is_not_said_to_be_done(
        self, circle: Any, house: Any, by_portfolio: UUID, portfolio: Any, done: Any, clock: Any
    ) -> None:
        portfolio("certified")
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
        assert settle_all(house) == 0
        assert done() == []


class TestChangingWhatCounts:
    def test_who_leads_changes_it_and_who_was_confirmed_by_hand_stays_done(
        self, circle: Any, house: Any, place: Any, stored: Any, events: Any, done: Any, said: Any
    ) -> None:
        link = place(circle.facilitator, "1")
        person = {"person_id": str(circle.person("2")), "done": "yes"}
        circle.facilitator.post(f"/placed/{link}/completions", person)
        assert "What makes somebody done?" in said(circle.facilitator.get(f"/placed/{link}/done-by"))
        for _ in range(2):
            form = {"done_by": "hours", "done_hours": "20"}
            assert circle.facilitator.post(f"/placed/{link}/done-by", form).status_code == 303
        assert [tuple(row) for row in stored(select(PlacedLink.done_by, PlacedLink.done_hours))] == [("hours", 20)]
        assert [event.facts for event in events("link.done_by_changed")] == [{"done_by": "hours", "done_hours": 20}]
        assert settle(house, str(link)) == 0
        assert done() == [(circle.person("2"), True, "untold")]
        back = {"done_by": "hand", "done_hours": "20"}
        circle.facilitator.post(f"/placed/{link}/done-by", back)
        assert [tuple(row) for row in stored(select(PlacedLink.done_by, PlacedLink.done_hours))] == [("hand", None)]
        assert settle(house, str(link)) == settle(house, str(new_id())) == 0

    @pytest.mark.parametrize(
        "form", [{"done_by": "hours", "done_hours": ""}, {"done_by": "hours", "done_hours": "0"}, {"done_by": "marks"}]
    )
    def test_a_form_that_cannot_be_meant_is_given_back(
        self, circle: Any, place: Any, form: dict[str, str], stored: Any
    ) -> None:
        link = place(circle.facilitator, "1")
        answer = circle.facilitator.post(f"/placed/{link}/done-by", form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert [row.done_by for row in stored(select(PlacedLink.done_by))] == ["hand"]

    def test_the_form_as_a_browser_sends_it_places_what_a_word_makes_done(
        self, circle: Any, place: Any, stored: Any
    ) -> None:
        place(circle.facilitator, "1", counts="yes", done_by="hand", done_hours="", name="", title="", text="")
        assert [tuple(row) for row in stored(select(PlacedLink.done_by, PlacedLink.done_hours))] == [("hand", None)]

    def test_hours_without_a_number_are_not_placed(self, circle: Any, choosing: Any, stored: Any) -> None:
        path = choosing(circle.facilitator, "1")
        form = {"which": "own", "parts": "communities.community_home", "counts": "yes", "done_by": "hours"}
        answer = circle.facilitator.post(path, form)
        assert answer.status_code == 422
        assert "Please say how many hours" in answer.text
        assert stored(select(PlacedLink.id)) == []
