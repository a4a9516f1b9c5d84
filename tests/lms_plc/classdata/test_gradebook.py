"""Totals of a grade book: who may ask, what comes of it, and that no pupil's grade is ever kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
import responses
import stamina
from sqlalchemy import select, update

from connectors.outcomes import Outcome
from lms_plc import jobs
from lms_plc.classdata import gradebook, job
from lms_plc.classdata.models import DataCell, DataSet, GradePull
from lms_plc.communities.memberships import Because, end
from lms_plc.communities.models import PlacedLink, Placement
from lms_plc.core.ids import new_id
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Course, Enrolment, Site
from tests.conftest import INSTRUCTOR, LMS

ENDPOINT = f"{LMS}/webservice/rest/server.php"
GRADES = "gradereport_user_get_grade_items"


@dataclass
class Book:
    """A Moodle whose groups have so many pupils each, and what each of them reached. ``fault`` is answered instead."""

    groups: dict[str, list[float | None]] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    column: str = "Fractions"
    calls: list[str] = field(default_factory=list)
    fault: str | None = None
    nobody_grouped: bool = False
    dies: bool = False
    ungrouped: list[float | None] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    """Groups whose grades were asked for; 0 is the course."""

    def reply(self, request: Any) -> tuple[int, dict[str, str], str]:
        form = dict(parse_qsl(request.body))
        function = form["wsfunction"]
        self.calls.append(function)
        if self.fault:
            return 200, {}, json.dumps({"exception": "x", "errorcode": self.fault, "message": "Pupil 9"})
        said: Any = {"usergrades": [], "warnings": []}
        if function == "core_group_get_course_groups":
            described = {"description": "", "descriptionformat": 1, "idnumber": "", "courseid": 5}
            groups = [] if self.nobody_grouped else list(enumerate(self.groups, 1))
            said = [{"id": number, "name": name, **described} for number, name in groups]
        elif function == "core_group_get_group_members":
            said = [{"groupid": i, "userids": []} for i in range(1, len(self.groups) + 1)]
        elif self.dies:
            raise KeyboardInterrupt
        else:
            wanted = int(form["groupid"])
            self.asked.append(wanted)
            graded = [one for one in enumerate(self.groups.values(), 1) if wanted in (0, one[0])]
            said["usergrades"] = [person for one in graded for person in self._people(*one)]
            if not wanted:
                said["usergrades"] += self._people(9, self.ungrouped)
        return 200, {"Content-Type": "application/json"}, json.dumps(said)

    def _people(self, group: int, grades: list[float | None]) -> list[dict[str, Any]]:
        bounds = {"grademin": 0, "grademax": 10}
        return [
            {
                "userid": 7 if group in self.shared and not number else group * 1000 + number,
                "userfullname": f"Pupil {number}",
                "gradeitems": [
                    {**bounds, "id": 4, "itemtype": "mod", "itemname": self.column, "graderaw": g},
                    {**bounds, "id": 1, "itemtype": "course", "graderaw": g},
                ],
            }
            for number, g in enumerate(grades)
        ]


def marks(*counts: int) -> list[float | None]:
    """So many in each level."""
    return [grade for grade, count in zip((1, 3, 6, 9), counts, strict=True) for _ in range(count)]


@pytest.fixture(autouse=True)
def quick() -> Any:
    stamina.set_testing(True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def book(circle: Any, house: Any, clock: Any, edge: responses.RequestsMock) -> Book:
    moodle = Book({"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(1, 1, 1, 1), "Class 7c": marks(3, 3, 3, 3)})
    edge.add_callback(responses.POST, ENDPOINT, moodle.reply)
    with house.database.write() as session:
        connect_site(
            session,
            name="moodle",
            url=LMS,
            connector="moodle",
            token="t" * 32,
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="3",
            at=clock(),
            via="cli",
        )
    return moodle


@pytest.fixture
def teacher(circle: Any) -> Any:
    """Facilitates the circle, and teaches its course by a launch that says so."""
    circle.facilitator.launch("1", roles=[INSTRUCTOR])
    return circle.facilitator


@pytest.fixture
def asks(circle: Any, stored: Any, teacher: Any) -> Callable[..., Any]:
    """``asks(who, **form)``: sends the form."""

    def send(who: Any = None, **form: str) -> Any:
        course = gradebook_course(stored)
        given = {"course_id": str(course), "question": "Did they understand?", "form_key": new_id().hex, **form}
        return (who or teacher).post(f"{circle.home}/class-results/grade-book", given)

    return send


def gradebook_course(stored: Any) -> UUID:
    return stored(select(Placement.course_id))[0].course_id  # type: ignore[no-any-return]


def page_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return "/" + urlsplit(answer.location).path.split("/", 3)[3]


def pulled(house: Any, answer: Any) -> str | None:
    return job.pull_grades(house, page_of(answer).rpartition("/")[2])


def test_who_teaches_the_course_gets_totals_with_small_groups_hidden(
    circle: Any, house: Any, book: Book, asks: Any, stored: Any, said: Any, teacher: Any, events: Any
) -> None:
    form = teacher.get(f"{circle.home}/class-results/grade-book")
    assert form.status_code == 200
    answer = asks(item="fractions", shape="mean")
    page = page_of(answer)
    assert "are being fetched" in said(teacher.get(page))
    assert pulled(house, answer)
    assert pulled(house, answer) is None
    data_set = stored(select(DataSet.__table__))[0]
    assert (data_set.came, data_set.community_id, data_set.author_id) == ("lms", circle.id, circle.person("1"))
    assert data_set.source.startswith("Fractions – ")
    cells = {(one.row, one.column): one for one in stored(select(DataCell.__table__))}
    assert cells[0, 0].n == 28
    assert cells[0, 1].value == pytest.approx(100 * (4 * 1 + 6 * 3 + 9 * 6 + 9 * 9) / 280, abs=0.05)
    assert [cells[row, 0].n for row in (1, 2)] == [None, None]  # the class of four, and one that covers it
    assert urlsplit(teacher.get(page).location).path.endswith(f"/class-results/{data_set.id}")
    assert [event.facts for event in events("grades.asked_for")] == [{"course_id": str(gradebook_course(stored))}]
    assert "Pupil" not in repr(stored(select(DataSet.__table__)))


def test_levels_of_the_whole_course_are_the_usual(house: Any, book: Book, asks: Any, stored: Any) -> None:
    book.groups = {"Class 7a": marks(4, 6, 9, 9), "Class 7c": marks(3, 3, 3, 4)}
    assert pulled(house, asks())
    data_set = stored(select(DataSet.shape, DataSet.source))[0]
    assert [one["name"] for one in data_set.shape["columns"]] == ["0–24 %", "25–49 %", "50–74 %", "75–100 %"]
    counts = stored(select(DataCell.n).order_by(DataCell.row, DataCell.column))
    assert [one.n for one in counts] == [28, 4, 6, 9, 9, 13, 3, 3, 3, 4]


def test_a_course_without_groups_is_one_row_of_its_name(house: Any, book: Book, asks: Any, stored: Any) -> None:
    book.groups, book.nobody_grouped = {"": marks(5, 5, 5, 5)}, True
    assert pulled(house, asks())
    title = stored(select(Course.title))[0].title
    assert stored(select(DataSet.shape))[0].shape["groups"] == [title]


def test_two_presses_ask_once(asks: Any, book: Book, stored: Any, house: Any) -> None:
    key = new_id().hex
    assert page_of(asks(form_key=key)) == page_of(asks(form_key=key))
    assert len(stored(select(GradePull.id))) == 1
    with house.database.read() as connection:
        assert jobs.state(connection).waiting >= 1


def test_a_worker_killed_while_it_asks_leaves_it_to_be_asked_again(
    house: Any, book: Book, asks: Any, stored: Any
) -> None:
    answer = asks()
    book.dies = True
    with pytest.raises(KeyboardInterrupt):
        pulled(house, answer)
    assert [one.state for one in stored(select(GradePull.state))] == ["waiting"]
    assert stored(select(DataSet.id)) == []
    book.dies = False
    assert pulled(house, answer)
    assert len(stored(select(DataSet.id))) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("sitemaintenance", "did not answer"),
        ("invalidtoken", "does not let us in"),
        ("nopermissions", "does not let us read grades"),
        ("invalidrecord", "not in the learning platform any more"),
        ("codingerror", "could not be understood"),
    ],
)
def test_a_failure_says_why_and_how_to_go_on(
    house: Any, book: Book, asks: Any, said: Any, teacher: Any, stored: Any, fault: str, words: str
) -> None:
    answer = asks(item="Fractions")
    book.fault = fault
    assert pulled(house, answer) is None
    page = teacher.get(page_of(answer))
    assert words in said(page)
    assert "item=Fractions" in page.text
    assert "Pupil" not in page.text
    assert stored(select(DataSet.id)) == []


def test_a_column_that_is_not_there_names_those_that_are(
    house: Any, book: Book, asks: Any, said: Any, teacher: Any
) -> None:
    answer = asks(item="Decimals")
    assert pulled(house, answer) is None
    page = said(teacher.get(page_of(answer)))
    assert "no column with this title. It has these: Fractions" in page


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"Class 7a": [None] * 12}, "no grades in it yet"),
        ({"Class 7a": []}, "no grades in it yet"),
        ({"Ana Petrova": marks(3, 3, 3, 3), "Ivo Ilić": marks(3, 3, 3, 3), "Ema Kos": marks(3, 3, 3, 3)}, "named like"),
    ],
)
def test_grades_that_make_no_table_are_said_to(
    house: Any, book: Book, asks: Any, said: Any, teacher: Any, groups: Any, words: str
) -> None:
    book.groups = groups
    answer = asks()
    assert pulled(house, answer) is None
    assert words in said(teacher.get(page_of(answer)))


def test_a_site_that_is_not_connected_or_gives_no_totals_says_so(
    circle: Any, house: Any, asks: Any, said: Any, teacher: Any, tmp_path: Any, clock: Any
) -> None:
    answer = asks()
    assert pulled(house, answer) is None
    assert "not connected" in said(teacher.get(page_of(answer)))
    table = tmp_path / "people.csv"
    table.write_text("course,person\n", "utf-8")
    with house.database.write() as session:
        session.execute(update(Site).values(connector="csv", url=table.as_uri()))
    answer = asks()
    assert pulled(house, answer) is None
    assert "cannot be read. You can paste a table" in said(teacher.get(page_of(answer)))


def test_only_who_teaches_a_course_of_the_community_can_ask(
    circle: Any, house: Any, book: Book, asks: Any, said: Any, stored: Any, teacher: Any
) -> None:
    form = f"{circle.home}/class-results/grade-book"
    assert "No course of yours opens this community" in said(circle.member.get(form))
    assert asks(circle.member).status_code == 404
    answer = asks()
    assert circle.member.get(page_of(answer)).status_code == 404
    with house.database.write() as session:
        session.execute(update(Enrolment).values(state="suspended"))
    assert pulled(house, answer) is None
    assert [one.problem for one in stored(select(GradePull.problem))] == ["not_teaching"]


def test_who_has_left_the_community_meanwhile_brings_nothing_there(
    circle: Any, house: Any, book: Book, asks: Any, stored: Any
) -> None:
    answer = asks()
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("1")], Because(house.clock(), "page"))
    assert pulled(house, answer) is None
    assert stored(select(DataSet.id)) == []
    assert book.calls == []


def test_a_course_in_which_the_community_was_placed_counts_too(circle: Any, house: Any, stored: Any) -> None:
    circle.facilitator.launch("1", "8", roles=[INSTRUCTOR])
    with house.database.write() as session:
        course = session.execute(select(Course.id).where(Course.lms_id == "8")).scalar_one()
        session.add(
            PlacedLink(
                id=new_id(),
                course_id=course,
                community_id=circle.id,
                part="communities.community_home",
                title="Here",
                counts=False,
                placed_by=circle.person("1"),
                created_at=house.clock(),
            )
        )
    with house.database.read() as connection:
        taught = gradebook.courses_taught(connection, circle.person("1"), circle.id)
    assert course in dict(taught)


@pytest.mark.parametrize("form", [{"question": " "}, {"shape": "marks"}, {"rows": "pupils"}, {"course_id": "5"}])
def test_a_form_that_lacks_something_is_given_back(circle: Any, asks: Any, form: dict[str, str]) -> None:
    answer = asks(**{"item": "Fractions", **form})
    assert answer.status_code == 422
    assert 'value="Fractions"' in answer.text


@pytest.mark.parametrize(
    ("then", "comes"),
    [
        pytest.param({"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(5, 5, 5, 5)}, True, id="the same again"),
        pytest.param({"Class 7a": marks(4, 6, 9, 10), "Class 7b": marks(5, 5, 5, 5)}, False, id="one pupil more"),
        pytest.param({"Class 7a": marks(9, 11, 14, 14), "Class 7b": marks(5, 5, 5, 5)}, True, id="many more"),
        pytest.param({"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(5, 5, 5, 4)}, False, id="one has gone"),
        pytest.param({"Class 7a": marks(4, 6, 9, 9), "7b, new": marks(5, 5, 5, 5)}, False, id="other groups"),
    ],
)
def test_what_came_later_never_says_what_a_few_have_got(
    house: Any, book: Book, asks: Any, stored: Any, said: Any, teacher: Any, then: dict[str, Any], comes: bool
) -> None:
    book.groups = {"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(5, 5, 5, 5)}
    assert pulled(house, asks())
    book.groups = then
    answer = asks(question="And now?")
    assert bool(pulled(house, answer)) is comes
    assert len(stored(select(DataSet))) == 1 + comes
    if not comes:
        assert "wait until more pupils have been graded" in said(teacher.get(page_of(answer)))


def test_a_new_name_of_course_or_column_does_not_say_it_either(house: Any, book: Book, asks: Any, stored: Any) -> None:
    book.groups = {"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(5, 5, 5, 5)}
    assert pulled(house, asks(item="Fractions"))
    book.groups["Class 7a"] = marks(4, 6, 9, 10)
    with house.database.write() as session:
        session.execute(update(Course).values(title="Maths 7, second term"))
    assert pulled(house, asks(item="fractions")) is None
    book.column = "Fractions, end of term"
    assert pulled(house, asks(item=book.column)) is None
    assert pulled(house, asks()), "the total of the course is another column"
    assert [one.item_id for one in stored(select(GradePull.item_id).order_by(GradePull.id))] == ["4", None, None, "1"]


SMALL = {"Class 7a": marks(1, 2, 2, 2), "Class 7b": marks(2, 2, 2, 2), "Class 7c": marks(2, 2, 2, 2)}
LARGE = {"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(5, 5, 5, 5)}


def shown_rows(stored: Any) -> list[tuple[list[str], list[int | None]]]:
    """Of each table its groups, and how many pupils each of them shows."""
    numbers: dict[UUID, list[int | None]] = {}
    for one in stored(
        select(DataCell.data_set_id, DataCell.n)
        .where(DataCell.column == 0)
        .order_by(DataCell.data_set_id, DataCell.row)
    ):
        numbers.setdefault(one.data_set_id, []).append(one.n)
    tables = stored(select(DataSet.id, DataSet.shape).order_by(DataSet.id))
    return [(one.shape["groups"], numbers[one.id]) for one in tables]


def test_the_whole_course_comes_as_one_where_that_is_asked_for(
    house: Any, book: Book, asks: Any, stored: Any, circle: Any, teacher: Any, said: Any
) -> None:
    assert "The whole course as one" in said(teacher.get(f"{circle.home}/class-results/grade-book"))
    book.groups, book.ungrouped = dict(LARGE), marks(1, 0, 0, 0)
    assert pulled(house, asks(rows="course"))
    title = stored(select(Course.title))[0].title
    assert shown_rows(stored) == [([title], [49])]
    assert book.calls == [GRADES], "groups are not even looked at"


@pytest.mark.parametrize(
    ("groups", "ungrouped", "whole"),
    [
        pytest.param(SMALL, [], 23, id="small groups"),
        pytest.param(SMALL, marks(1, 1, 0, 0), 25, id="small groups, and two in none"),
        pytest.param({"Class 7a": marks(4, 6, 9, 9), "Class 7b": marks(1, 1, 1, 1)}, [], 32, id="one covers the other"),
        pytest.param({"Class 7a": []}, marks(3, 3, 3, 3), 12, id="nobody in a group"),
    ],
)
def test_where_nothing_of_the_groups_could_be_shown_the_course_comes_as_one(
    house: Any, book: Book, asks: Any, stored: Any, groups: Any, ungrouped: Any, whole: int
) -> None:
    book.groups, book.ungrouped = groups, ungrouped
    assert pulled(house, asks())
    title = stored(select(Course.title))[0].title
    assert shown_rows(stored) == [([title], [whole])]
    assert book.asked == [*range(1, len(groups) + 1), 0]


def test_where_groups_can_be_shown_the_course_is_not_asked_for(house: Any, book: Book, asks: Any, stored: Any) -> None:
    book.groups, book.ungrouped = dict(LARGE), marks(1, 1, 1, 1)
    assert pulled(house, asks())
    assert shown_rows(stored) == [(["Class 7a", "Class 7b"], [28, 20])]
    assert book.asked == [1, 2]


@pytest.mark.parametrize(("first", "then"), [("groups", "course"), ("course", "groups")])
@pytest.mark.parametrize("groups", [LARGE, {"Class 7a": marks(4, 6, 9, 9)}], ids=["two groups", "one group"])
def test_of_one_column_the_groups_and_the_whole_course_are_never_both_kept(
    house: Any, book: Book, asks: Any, stored: Any, said: Any, teacher: Any, first: str, then: str, groups: Any
) -> None:
    """A pupil in no group would be their difference."""
    book.groups, book.ungrouped = dict(groups), marks(1, 0, 0, 0)
    assert pulled(house, asks(rows=first, item="Fractions"))
    answer = asks(rows=then, item="Fractions")
    assert pulled(house, answer) is None
    assert len(stored(select(DataSet.id))) == 1
    page = teacher.get(page_of(answer))
    assert "taken by groups cannot be taken as one course" in said(page)
    assert f"rows={then}" in page.text
    assert pulled(house, asks(rows=then)), "the total of the course is another column"


def test_a_group_called_like_the_course_is_not_taken_from_it_either(
    house: Any, book: Book, asks: Any, stored: Any
) -> None:
    title = stored(select(Course.title))[0].title
    book.groups, book.ungrouped = {title: marks(4, 6, 9, 9)}, marks(1, 0, 0, 0)
    assert pulled(house, asks())
    assert pulled(house, asks(rows="course")) is None
    assert shown_rows(stored) == [([title], [28])]


def test_small_groups_that_have_grown_do_not_come_beside_the_course(
    house: Any, book: Book, asks: Any, stored: Any
) -> None:
    book.groups = dict(SMALL)
    assert pulled(house, asks())
    book.groups = {name: [*grades, *marks(1, 1, 1, 1)] for name, grades in SMALL.items()}
    assert pulled(house, asks()) is None
    assert len(stored(select(DataSet.id))) == 1


def outcome(group: str, n: int, *shares: str) -> Outcome:
    return Outcome("5", "1", "", group, n, 0, 50.0, (0, 0, n, 0), frozenset(shares))


@pytest.mark.parametrize(
    ("outcomes", "taken"),
    [
        ([outcome("all", 53), outcome("7a", 28, "all"), outcome("7b", 25, "all")], ["7a", "7b"]),
        ([outcome("club", 12), outcome("7a", 28, "club"), outcome("7b", 25, "club")], ["7a", "7b"]),
        ([outcome("7a", 28), outcome("small", 3, "7a"), outcome("7b", 25)], ["7a", "7b"]),
        ([outcome("7a", 28), outcome("7b", 25), outcome("small", 3)], ["7a", "7b", "small"]),
        ([], []),
    ],
)
def test_of_groups_that_share_pupils_those_stay_that_cover_most(outcomes: Any, taken: list[str]) -> None:
    assert [one.group_id for one in gradebook.apart(outcomes)] == taken


def test_groups_that_share_somebody_never_stand_in_one_table(house: Any, book: Book, asks: Any, stored: Any) -> None:
    book.groups, book.shared = {"Class 7a": marks(4, 6, 9, 9), "Choir group": marks(3, 3, 3, 3)}, {1, 2}
    assert pulled(house, asks())
    assert stored(select(DataSet.shape))[0].shape["groups"] == ["Class 7a"]
