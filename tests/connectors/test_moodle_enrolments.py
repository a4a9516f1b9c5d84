"""Does a walk through a course lose somebody, whatever Moodle hides and whoever comes and goes meanwhile?"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import BadAnswer
from connectors.moodle.enrolments import Position, read_enrolments
from connectors.moodle.records import EnrolledUser, RoleRecord


@dataclass
class MoodleCourse:
    """core_enrol_get_enrolled_users as Moodle does it: rows are counted first, hidden people taken out after.

    `changes[n]` happens before the n-th call: a person's list, or None for gone.
    """

    lists: dict[int, str]
    hidden: frozenset[int] = frozenset()
    changes: dict[int, list[tuple[int, str | None]]] = field(default_factory=dict)
    calls: list[tuple[str, int, int, tuple[str, ...]]] = field(default_factory=list)

    def __call__(self, enrolled, first_row, number, fields):
        for person, to in self.changes.get(len(self.calls), []):
            if to is None:
                self.lists.pop(person, None)
            else:
                self.lists[person] = to
        self.calls.append((enrolled, first_row, number, tuple(fields)))
        rows = sorted(person for person, where in self.lists.items() if where == enrolled)
        rows = rows[first_row : first_row + number if number else None]
        return [
            EnrolledUser(id=person, fullname=f"P{person}", roles=[RoleRecord(shortname="student")])
            for person in rows
            if person not in self.hidden
        ]


def walk(course, size, start=None):
    return list(read_enrolments(course, "5", size, start))


def rows_of(pages):
    return [row for page in pages for row in page.rows]


def ids_of(pages):
    return [int(row.person.id) for row in rows_of(pages)]


PEOPLE = st.dictionaries(st.integers(1, 60), st.sampled_from(["active", "suspended"]), max_size=40)
HIDDEN = st.frozensets(st.integers(1, 60), max_size=40)
SIZES = st.integers(1, 7)


@st.composite
def stirred_courses(draw):
    """A course, and changes to it: some leave, some join, some change lists, each person at most once."""
    lists = draw(PEOPLE)
    stirred = draw(st.lists(st.integers(1, 60), unique=True, max_size=12))
    changes: dict[int, list[tuple[int, str | None]]] = {}
    leavers = set()
    for person in stirred:
        now = lists.get(person)
        other = {"active": "suspended", "suspended": "active", None: "active"}[now]
        to = draw(st.sampled_from([other, None])) if now else other
        if to is None:
            leavers.add(person)
        changes.setdefault(draw(st.integers(0, 40)), []).append((person, to))
    hidden = draw(HIDDEN)
    stayers = set(lists) - leavers - hidden
    return MoodleCourse(dict(lists), hidden, changes), stayers


@given(lists=PEOPLE, hidden=HIDDEN, size=SIZES)
def test_a_quiet_course_is_read_exactly(lists, hidden, size):
    pages = walk(MoodleCourse(dict(lists), hidden), size)
    assert {(int(row.person.id), row.suspended) for row in rows_of(pages)} == {
        (person, where == "suspended") for person, where in lists.items() if person not in hidden
    }
    assert len(rows_of(pages)) == len(lists.keys() - hidden)
    assert [page.next for page in pages].index(None) == len(pages) - 1


@given(stirred_courses(), SIZES)
@settings(max_examples=400)
def test_whoever_stays_is_read_though_others_come_and_go(course_and_stayers, size):
    course, stayers = course_and_stayers
    pages = walk(course, size)
    ids = ids_of(pages)
    assert stayers <= set(ids)
    assert len(ids) == len(set(ids))
    assert pages[-1].next is None


@given(lists=PEOPLE, hidden=HIDDEN, size=SIZES)
def test_a_quiet_course_goes_on_exactly_from_every_position(lists, hidden, size):
    pages = walk(MoodleCourse(dict(lists), hidden), size)
    for done, page in enumerate(pages[:-1], start=1):
        rest = walk(MoodleCourse(dict(lists), hidden), size, page.next)
        assert rows_of(pages[:done]) + rows_of(rest) == rows_of(pages)


@given(stirred_courses(), SIZES, st.integers(0, 10))
@settings(max_examples=400)
def test_whoever_stays_is_read_across_a_crash(course_and_stayers, size, crash):
    course, stayers = course_and_stayers
    before = []
    for page in read_enrolments(course, "5", size):
        before.append(page)
        if len(before) > crash:
            break
    after = walk(course, size, before[-1].next) if before[-1].next else []
    assert stayers <= set(ids_of(before)) | set(ids_of(after))
    again = ids_of(after)
    assert len(again) == len(set(again))


@given(lists=PEOPLE, size=SIZES)
def test_moodle_is_only_ever_asked_for_one_of_the_two_lists(lists, size):
    course = MoodleCourse(lists)
    walk(course, size)
    assert {enrolled for enrolled, *_ in course.calls} == {"active", "suspended"}


def test_a_small_course_costs_five_calls():
    course = MoodleCourse(dict.fromkeys(range(2, 32), "active"))
    assert len(walk(course, 500)) == 1 + 1
    assert [call[0] for call in course.calls] == ["active", "active", "suspended", "suspended", "active"]


def test_a_big_course_costs_a_call_a_page_and_five_more():
    course = MoodleCourse(dict.fromkeys(range(2, 10002), "active"))
    assert len(rows_of(walk(course, 500))) == 10_000
    assert len(course.calls) == 20 + 5


def test_names_are_only_asked_for_in_pages():
    course = MoodleCourse(dict.fromkeys(range(2, 1002), "active"))
    walk(course, 500)
    assert all(number <= 501 for _, _, number, fields in course.calls if "roles" in fields)
    assert all(fields == ("id",) for _, _, number, fields in course.calls if number == 0)


def test_a_course_of_nobody_is_one_empty_last_page():
    (page,) = walk(MoodleCourse({}), 500)
    assert (page.rows, page.next) == ((), None)


def test_a_row_has_each_role_once_in_order():
    def ask(enrolled, first_row, number, fields):
        roles = [RoleRecord(shortname=name) for name in ("student", "editingteacher", "student")]
        user = EnrolledUser(id=7, fullname="Ada", roles=roles)
        return [user] if enrolled == "active" and first_row == 0 else []

    (row,) = rows_of(walk(ask, 500))
    assert row.roles == ("editingteacher", "student")
    assert (row.course_id, row.person.id, row.person.name, row.suspended) == ("5", "7", "Ada", False)


def test_somebody_in_both_lists_counts_as_active_once():
    def ask(enrolled, first_row, number, fields):
        return [EnrolledUser(id=7), EnrolledUser(id=9)][first_row:]

    rows = rows_of(walk(ask, 500))
    assert [(row.person.id, row.suspended) for row in rows] == [("7", False), ("9", False)]


def test_a_resumed_walk_among_the_suspended_still_knows_who_is_active():
    course = MoodleCourse({7: "active", 9: "suspended"})
    first = walk(course, 500)[0]
    assert first.next.startswith("suspended:")

    def both(enrolled, first_row, number, fields):
        people = [7] if enrolled == "active" else [7, 9]
        return [EnrolledUser(id=person) for person in people][first_row:]

    assert ids_of(walk(both, 500, first.next)) == [9]


def test_somebody_who_slips_between_the_lists_is_walked_for_again():
    course = MoodleCourse({2: "active", 3: "suspended", 4: "active"}, changes={2: [(3, "active")]})
    pages = walk(course, 500)
    assert [[int(row.person.id) for row in page.rows] for page in pages] == [[2, 4], [3]]
    assert not pages[1].rows[0].suspended


@pytest.mark.parametrize("enrolled", ["active", "suspended"])
@pytest.mark.parametrize("leavers", [[2], [2, 3], [2, 3, 4, 5], [3, 4, 5, 6]])
@pytest.mark.parametrize("resumed", [False, True])
def test_nobody_slips_over_the_edge_of_a_page_when_others_leave(enrolled, leavers, resumed):
    course = MoodleCourse(dict.fromkeys(range(2, 12), enrolled))
    pages = read_enrolments(course, "5", 4)
    first = next(pages)
    for person in leavers:
        del course.lists[person]
    rest = walk(course, 4, first.next) if resumed else list(pages)
    assert ids_of([first]) == [2, 3, 4, 5]
    expected = [person for person in range(6, 12) if person in course.lists]
    assert ids_of(rest)[: len(expected)] == expected


def test_a_server_that_ignores_paging_is_read_all_the_same():
    everybody = [EnrolledUser(id=person) for person in range(2, 50)]

    def ask(enrolled, first_row, number, fields):
        return everybody if enrolled == "active" else []

    assert ids_of(walk(ask, 5)) == list(range(2, 50))


def test_a_server_that_never_gets_to_those_it_promises_is_a_bad_answer():
    def ask(enrolled, first_row, number, fields):
        people = [EnrolledUser(id=2), EnrolledUser(id=3)]
        return people if number == 0 else people[:1]

    with pytest.raises(BadAnswer) as caught:
        walk(ask, 500)
    assert caught.value.code == "no_paging"


def test_another_order_than_asked_for_is_a_bad_answer():
    def ask(enrolled, first_row, number, fields):
        return [EnrolledUser(id=3), EnrolledUser(id=2)]

    with pytest.raises(BadAnswer) as caught:
        walk(ask, 500)
    assert caught.value.code == "odd_order"


@pytest.mark.parametrize(
    "text",
    ["", "active", "active:1:2:3", "active:1:2:3:4:5", "all:1:2:3:4", "active:-1:2:3:4", "active:a:2:3:4"],
)
def test_a_start_that_is_no_position_is_refused(text):
    with pytest.raises(ValueError, match="not a position"):
        walk(MoodleCourse({}), 500, text)


@given(st.sampled_from(["active", "suspended", "again"]), *[st.integers(0)] * 4)
def test_a_position_reads_back_as_written(name, rows, after, given_so_far, fingerprint):
    position = Position(name, rows, after, given_so_far, fingerprint)
    assert Position.read(str(position)) == position
