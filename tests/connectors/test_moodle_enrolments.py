"""Does a walk through a course lose somebody, whatever Moodle hides and whoever comes and goes meanwhile?"""

import random
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import BadAnswer, NotAllowed, Unavailable
from connectors.moodle import enrolments
from connectors.moodle.enrolments import Position, read_enrolments
from connectors.moodle.records import EnrolledUser, RoleRecord
from connectors.pace import Pace


@dataclass
class MoodleCourse:
    """core_enrol_get_enrolled_users as Moodle does it: rows are counted first, hidden people taken out after.

    `changes[n]` happens before the n-th call: a person's list, or None for gone.
    """

    lists: dict[int, str]
    hidden: frozenset[int] = frozenset()
    changes: dict[int, list[tuple[int, str | None]]] = field(default_factory=dict)
    calls: list[tuple[str, int, int, tuple[str, ...]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, *question):
        with self.lock:
            return self.answer(*question)

    def answer(self, enrolled, first_row, number, fields):
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


def walk(course, size, start=None, lanes=1):
    return list(read_enrolments(course, "5", Pace.steady(size, lanes), start))


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
    for page in read_enrolments(course, "5", Pace.steady(size)):
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
    pages = read_enrolments(course, "5", Pace.steady(4))
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


class TestPagesAskedAhead:
    """Several pages are on their way at once. `whenever` lets each be asked before or after the one in use."""

    @pytest.fixture(scope="class")
    @classmethod
    def whenever(cls):
        """Threads of which each does its work either at once or only when its result is wanted, by `whenever.at_once`.

        So a page asked ahead meets Moodle before, or long after, the page that stands in front of it.
        """

        class Late(Future):
            work = None

            def result(self, timeout=None):
                if self.work is not None:
                    work, self.work = self.work, None
                    self.run(work)
                return super().result(timeout)

            def run(self, work):
                try:
                    self.set_result(work())
                except Exception as error:  # noqa: BLE001
                    self.set_exception(error)

        class Whenever:
            at_once = random.Random(7)

            def __init__(self, *_, **__):
                self.open = True

            def submit(self, function, *arguments):
                assert self.open
                late = Late()
                if Whenever.at_once.random() < 0.5:
                    late.run(lambda: function(*arguments))
                else:
                    late.work = lambda: function(*arguments)
                return late

            def shutdown(self, **_):
                self.open = False

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(enrolments, "ThreadPoolExecutor", Whenever)
            # Without rows to spare, so that the proof of a page fails as soon as anybody leaves or is out of sight.
            patch.setattr(enrolments, "SPARE_ROWS", 1)
            yield Whenever

    LANES = st.integers(2, 4)

    @given(lists=PEOPLE, hidden=HIDDEN, size=SIZES, lanes=LANES, order=st.randoms(use_true_random=False))
    def test_a_quiet_course_is_read_as_it_is_one_by_one(self, whenever, lists, hidden, size, lanes, order):
        whenever.at_once = order
        pages = walk(MoodleCourse(dict(lists), hidden), size, lanes=lanes)
        one_by_one = walk(MoodleCourse(dict(lists), hidden), size)
        assert sorted(rows_of(pages), key=repr) == sorted(rows_of(one_by_one), key=repr)
        assert [page.next for page in pages].index(None) == len(pages) - 1

    @given(stirred_courses(), SIZES, LANES, st.randoms(use_true_random=False))
    @settings(max_examples=400)
    def test_whoever_stays_is_read_though_others_come_and_go(self, whenever, course_and_stayers, size, lanes, order):
        whenever.at_once = order
        course, stayers = course_and_stayers
        ids = ids_of(walk(course, size, lanes=lanes))
        assert stayers <= set(ids)
        assert len(ids) == len(set(ids))

    @given(stirred_courses(), SIZES, LANES, st.integers(0, 10), st.randoms(use_true_random=False))
    @settings(max_examples=400)
    def test_whoever_stays_is_read_across_a_crash(self, whenever, course_and_stayers, size, lanes, crash, order):
        whenever.at_once = order
        course, stayers = course_and_stayers
        before = []
        reading = read_enrolments(course, "5", Pace.steady(size, lanes))
        for page in reading:
            before.append(page)
            if len(before) > crash:
                break
        reading.close()
        after = walk(course, size, before[-1].next, lanes) if before[-1].next else []
        assert stayers <= set(ids_of(before)) | set(ids_of(after))

    @pytest.mark.parametrize("lanes", [1, 2, 4])
    def test_a_thousand_cuts_anywhere_lose_nobody(self, whenever, lanes):
        for seed in range(1000):
            dice = random.Random(seed)
            whenever.at_once = dice
            lists = {person: dice.choice(["active", "suspended"]) for person in range(2, 2 + dice.randrange(120))}
            hidden = frozenset(person for person in lists if dice.random() < dice.choice([0, 0.05, 0.5]))
            goers = {person for person in lists if dice.random() < 0.15}
            changes = {}
            for person in goers:
                changes.setdefault(dice.randrange(60), []).append((person, None))
            for person in range(200, 200 + dice.randrange(5)):
                changes.setdefault(dice.randrange(60), []).append((person, "active"))
            course = MoodleCourse(lists.copy(), hidden, changes)
            given, start, pages = set(), None, 0
            while True:
                reading = read_enrolments(course, "5", Pace.steady(7, lanes), start)
                for page in reading:
                    given |= {int(row.person.id) for row in page.rows}
                    start, pages = page.next, pages + 1
                    if dice.random() < 0.2:
                        break
                reading.close()
                if start is None:
                    break
                assert pages < 500
            assert lists.keys() - goers - hidden <= given, seed

    @pytest.mark.parametrize("text", ["active:501:502:500:81985529216486895", "suspended:0:0:7:12", "again:0:0:9:3"])
    def test_a_position_stored_by_an_earlier_release_is_read(self, whenever, text):
        course = MoodleCourse({person: "active" if person < 3000 else "suspended" for person in range(2, 3100)})
        everybody = {int(row.person.id) for page in walk(course, 100, text, 3) for row in page.rows}
        assert str(Position.read(text)) == text
        assert everybody >= (set(range(503, 3100)) if text.startswith("active") else set())

    def test_a_page_whose_proof_fails_is_thrown_away_and_asked_again(self, whenever):
        whenever.at_once = random.Random(1)
        course = MoodleCourse(dict.fromkeys(range(2, 402), "active"))
        reading = read_enrolments(course, "5", Pace.steady(20, 3))
        pages = [next(reading), next(reading)]
        for person in range(2, 42):
            del course.lists[person]
        pages += reading
        assert ids_of(pages) == list(range(2, 402))


class TestPagesInThreads:
    def test_two_are_on_their_way_at_once_in_a_long_course(self):
        course = MoodleCourse(dict.fromkeys(range(2, 2002), "active"))
        inside, both = [], threading.Event()

        def ask(enrolled, first_row, number, fields):
            inside.append(first_row)
            if len(inside) == 2:
                both.set()
            if first_row > 100:
                both.wait(5)
            inside.remove(first_row)
            return course(enrolled, first_row, number, fields)

        assert ids_of(walk(ask, 100, lanes=2)) == list(range(2, 2002))
        assert both.is_set()

    @pytest.mark.parametrize("count", [0, 1, 99])
    def test_a_short_course_is_asked_on_one_connection(self, count, monkeypatch):
        monkeypatch.setattr(enrolments, "ThreadPoolExecutor", None)
        course = MoodleCourse(dict.fromkeys(range(2, 2 + count), "active"))
        assert ids_of(walk(course, 100, lanes=4)) == list(range(2, 2 + count))
        assert len(course.calls) == 5

    def test_closing_ends_the_threads(self):
        reading = read_enrolments(MoodleCourse(dict.fromkeys(range(2, 402), "active")), "5", Pace.steady(20, 4))
        next(reading), next(reading)
        assert any(thread.name.startswith("pages-ahead") for thread in threading.enumerate())
        reading.close()
        assert not any(thread.name.startswith("pages-ahead") for thread in threading.enumerate())

    def test_few_pages_are_asked_in_vain(self):
        course = MoodleCourse(dict.fromkeys(range(2, 10_002), "active"))
        assert len(rows_of(walk(course, 500, lanes=4))) == 10_000
        assert len(course.calls) <= 20 + 5 + 2 * 4

    def test_a_page_ahead_that_fails_is_asked_again_in_its_turn(self):
        course = MoodleCourse(dict.fromkeys(range(2, 402), "active"))
        failed = []

        def ask(enrolled, first_row, number, fields):
            if first_row > 100 and not failed:
                failed.append(first_row)
                raise Unavailable("What", "Todo", code="connection")
            return course(enrolled, first_row, number, fields)

        assert ids_of(walk(ask, 20, lanes=3)) == list(range(2, 402))
        assert failed


class TestSmallerPages:
    def slow_above(self, limit, error=None):
        """A course whose pages come up to `limit` rows; larger ones never do."""
        course = MoodleCourse(dict.fromkeys(range(2, 1502), "active"))

        def ask(enrolled, first_row, number, fields):
            if number > limit:
                course.calls.append((enrolled, first_row, number, tuple(fields)))
                raise error or Unavailable("What", "Todo", code="silent")
            return course(enrolled, first_row, number, fields)

        return course, ask

    def test_a_page_that_is_too_much_is_asked_for_in_a_smaller_size(self):
        course, ask = self.slow_above(200)
        pages = list(read_enrolments(ask, "5", Pace(500, 100, 2000)))
        assert ids_of(pages) == list(range(2, 1502))
        assert sum(number > 200 for *_, number, _ in course.calls) <= 4

    def test_one_that_does_not_come_in_any_size_is_an_error_after_three_questions(self):
        course, ask = self.slow_above(1)
        with pytest.raises(Unavailable):
            list(read_enrolments(ask, "5", Pace(500, 100, 2000)))
        assert [number for *_, number, _ in course.calls] == [500, 250, 125]

    def test_an_error_that_has_nothing_to_do_with_size_is_raised_at_once(self):
        course, ask = self.slow_above(1, NotAllowed("What", "Todo", code="nopermissions"))
        with pytest.raises(NotAllowed):
            list(read_enrolments(ask, "5", Pace(500, 100, 2000)))
        assert len(course.calls) == 1

    def test_a_list_of_ids_cannot_be_smaller(self):
        def ask(enrolled, first_row, number, fields):
            if number == 0:
                raise Unavailable("What", "Todo", code="silent")
            return []

        with pytest.raises(Unavailable):
            walk(ask, 500)
