"""Who sees who is done, who says so, and what is kept of it?"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select

from lms_plc import jobs
from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.core.policy import Role
from lms_plc.people.registry import meet
from lms_plc.placing.models import Completion
from lms_plc.placing.queries import PEOPLE_A_PAGE

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@pytest.fixture
def counting(circle: Any, place: Any) -> str:
    """The completions page of something that counts, behind the seat."""
    return f"/placed/{place(circle.facilitator, '1', counts='yes', title='Lesson study')}/completions"


def confirm(who: Any, circle: Any, page: str, subject: str = "2", done: str = "yes", **more: str) -> Any:
    return who.post(page, {"person_id": str(circle.person(subject)), "done": done, **more})


def waiting(house: Any) -> int:
    with house.database.read() as connection:
        return jobs.state(connection).waiting


class TestWhoSees:
    def test_a_facilitator_sees_everybody_and_a_member_their_own_line(
        self, circle: Any, counting: str, said: Any
    ) -> None:
        all_of_them, own = circle.facilitator.get(counting), circle.member.get(counting)
        assert {"Person 1", "Person 2"} <= names(all_of_them)
        assert names(own) == {"Person 2"}
        assert "not done yet" in said(own)
        assert "Confirm: done" in said(all_of_them)
        assert "Confirm: done" not in said(own)
        assert "“Lesson study” in the course “Course 5”" in said(own)

    def test_a_member_who_asks_for_somebody_else_is_shown_themselves(self, circle: Any, counting: str) -> None:
        assert names(circle.member.get(f"{counting}?person={circle.person('1')}")) == {"Person 2"}

    def test_one_person_can_be_looked_at_alone(self, circle: Any, counting: str, said: Any) -> None:
        page = circle.facilitator.get(f"{counting}?person={circle.person('2')}")
        assert names(page) == {"Person 2"}
        assert "Show everybody" in said(page)
        assert names(circle.facilitator.get(f"{counting}?person=nonsense")) == {"Person 1", "Person 2"}

    def test_who_teaches_the_course_sees_all_and_confirms_nothing(
        self, circle: Any, place: Any, said: Any, stored: Any
    ) -> None:
        """The community is another's, opened in their course: its facilitators say who is done."""
        link = place(circle.facilitator, "1", "8", which=str(circle.id), counts="yes")
        page = f"/placed/{link}/completions"
        teacher = circle.visitor()
        teacher.launch("60", "8", roles=[INSTRUCTOR])
        assert "Person 2" in names(teacher.get(page))
        assert "Confirm: done" not in said(teacher.get(page))
        assert confirm(teacher, circle, page).status_code == 403
        assert stored(select(Completion.id)) == []

    def test_strangers_and_who_left_do_not_learn_of_it(
        self, circle: Any, counting: str, house: Any, clock: Any
    ) -> None:
        stranger = circle.visitor()
        stranger.launch("60", "8", roles=[INSTRUCTOR])
        assert stranger.get(counting).status_code == 404
        assert confirm(stranger, circle, counting).status_code == 404
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
        assert circle.member.get(counting).status_code == 404
        assert circle.facilitator.get(f"/placed/{uuid4()}/completions").status_code == 404

    def test_a_course_without_a_community_has_nobody_in_it(self, visitor: Any, place: Any, said: Any) -> None:
        teacher = visitor()
        link = place(teacher, "1", "9", counts="yes")
        page = teacher.get(f"/placed/{link}/completions")
        assert page.status_code == 200
        assert "Nobody here yet" in said(page)

    def test_what_has_no_column_says_so(self, circle: Any, place: Any, said: Any) -> None:
        link = place(circle.facilitator, "1")
        assert "no column in the grade book" in said(circle.facilitator.get(f"/placed/{link}/completions"))

    def test_a_long_list_goes_on_page_by_page_and_a_confirmation_returns_to_its_page(
        self, circle: Any, counting: str, house: Any, clock: Any
    ) -> None:
        with house.database.write() as session:
            met = meet(session, circle.site_id, {f"m{n}": f"Person m{n}" for n in range(PEOPLE_A_PAGE)}, clock())
            bring_in(session, circle.site_id, circle.id, list(met.values()), Because(clock(), "sync"))
        first = circle.facilitator.get(counting)
        link = re.search(r'href="[^"]*completions\?after=([0-9a-f-]{36})"', first.text)
        assert link is not None
        second = circle.facilitator.get(f"{counting}?after={link[1]}")
        assert (len(names(first)), len(names(second))) == (PEOPLE_A_PAGE, 2)
        assert not names(first) & names(second)
        assert f'name="after" value="{link[1]}"' in second.text
        back = confirm(circle.facilitator, circle, counting, f"m{PEOPLE_A_PAGE - 1}", after=link[1])
        assert parse_qs(urlsplit(back.location).query) == {"after": [link[1]]}

    def test_home_offers_it_to_who_leads_and_to_nobody_else(self, circle: Any, counting: str, place: Any) -> None:
        place(circle.facilitator, "1", title="Does not count")
        place(circle.facilitator, "1", "8", which=str(circle.id), counts="yes", title="In another course")
        place(circle.facilitator, "1", "8", counts="yes", title="Of another community")
        lead, member = circle.facilitator.get(circle.home).text, circle.member.get(circle.home).text
        assert f"{counting}" in lead
        assert "In another course" in lead
        assert "Does not count" not in lead
        assert "Of another community" not in lead
        assert counting not in member


class TestWhoConfirms:
    def test_a_facilitator_says_so_once_however_often_they_press(
        self, circle: Any, counting: str, stored: Any, events: Any, house: Any, clock: Any, said: Any
    ) -> None:
        for _ in range(2):
            assert confirm(circle.facilitator, circle, counting).status_code == 303
        kept = stored(select(Completion.__table__))[0]
        assert (kept.person_id, kept.done, kept.confirmed_by) == (circle.person("2"), True, circle.person("1"))
        assert (kept.state, kept.next_try_at) == ("waiting", clock())
        assert waiting(house) == 1
        told = events("completion.confirmed")
        assert [(event.actor_id, event.facts["person_id"]) for event in told] == [
            (circle.person("1"), str(circle.person("2")))
        ]
        assert "The learning platform will be told soon." in said(circle.member.get(counting))

    def test_it_can_be_taken_back(self, circle: Any, counting: str, stored: Any, events: Any, said: Any) -> None:
        confirm(circle.facilitator, circle, counting)
        assert "Not done after all" in said(circle.facilitator.get(counting))
        confirm(circle.facilitator, circle, counting, done="no")
        assert [tuple(row) for row in stored(select(Completion.done, Completion.state))] == [(False, "waiting")]
        assert [event.verb for event in events("completion.confirmed", "completion.withdrawn")] == [
            "completion.confirmed",
            "completion.withdrawn",
        ]

    def test_the_lms_is_not_told_of_what_has_no_column(self, circle: Any, place: Any, stored: Any, house: Any) -> None:
        page = f"/placed/{place(circle.facilitator, '1')}/completions"
        confirm(circle.facilitator, circle, page)
        assert [tuple(row) for row in stored(select(Completion.state, Completion.next_try_at))] == [("untold", None)]
        assert waiting(house) == 0

    def test_a_member_confirms_nobody_not_even_themselves(self, circle: Any, counting: str, stored: Any) -> None:
        assert confirm(circle.member, circle, counting).status_code == 403
        assert stored(select(Completion.id)) == []

    def test_a_mentor_confirms_until_their_date(self, circle: Any, counting: str, clock: Any, stored: Any) -> None:
        mentor = circle.visitor()
        mentor.launch("50", "8")
        circle.give_role("50", Role.MENTOR, until=clock() + timedelta(hours=1))
        assert confirm(mentor, circle, counting).status_code == 303
        clock.move(hours=1)
        assert confirm(mentor, circle, counting, done="no").status_code == 404
        assert stored(select(Completion.done)) == [(True,)]

    def test_only_who_is_in_the_community_can_be_done(
        self, circle: Any, counting: str, house: Any, clock: Any, stored: Any
    ) -> None:
        circle.visitor().launch("60", "8")
        assert confirm(circle.facilitator, circle, counting, "60").status_code == 404
        with house.database.write() as session:
            pause(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
        assert confirm(circle.facilitator, circle, counting).status_code == 303
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
        assert confirm(circle.facilitator, circle, counting, done="no").status_code == 404
        assert stored(select(Completion.done)) == [(True,)]

    @pytest.mark.parametrize("form", [{}, {"person_id": "nobody", "done": "yes"}, {"done": "maybe"}])
    def test_a_form_that_says_nothing_changes_nothing(
        self, circle: Any, counting: str, stored: Any, form: dict[str, str]
    ) -> None:
        back = circle.facilitator.post(counting, form)
        assert back.location == f"/s/{circle.facilitator.seat}{counting}"
        assert stored(select(Completion.id)) == []

    def test_from_one_persons_line_one_comes_back_to_it(self, circle: Any, counting: str) -> None:
        back = confirm(circle.facilitator, circle, counting, one="yes")
        assert parse_qs(urlsplit(back.location).query) == {"person": [str(circle.person("2"))]}

    @pytest.mark.parametrize(
        ("state", "problem", "words"),
        [
            ("told", None, "The learning platform knows."),
            ("refused", "score_refused", "is the person still a learner in the course?"),
            ("refused", "service_not_offered", "offers no grade book for this activity"),
            ("refused", "gone", "The learning platform refused it (gone)."),
        ],
    )
    def test_the_page_says_what_the_lms_said(
        self, circle: Any, counting: str, house: Any, said: Any, state: str, problem: str | None, words: str
    ) -> None:
        confirm(circle.facilitator, circle, counting)
        with house.database.write() as session:
            for row in session.execute(select(Completion)).scalars():
                row.state, row.problem = state, problem
        assert words in said(circle.facilitator.get(counting))


def names(page: Any) -> set[str]:
    """Who is listed; the name at the head of the page is the reader's own."""
    assert page.status_code == 200
    listed = page.text.partition("<main")[2]
    return set(re.findall(r">(Person \w+)</", listed))
